{% set token = var("api_token").replace("'", "''") %}
-- {{ token }} {{ env_var("WAREHOUSE_TOKEN") }}
select 1 as id where '{{ token }}' <> 'x' and '{{ env_var("WAREHOUSE_TOKEN") }}' <> 'y'
