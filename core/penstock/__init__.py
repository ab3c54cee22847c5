"""penstock: one asset graph for Airbyte, dbt and the warehouse."""
