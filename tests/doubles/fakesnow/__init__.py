"""A Snowflake that really runs SQL, for what dbt-snowflake sends: fakesnow's server, in an environment of its own."""
