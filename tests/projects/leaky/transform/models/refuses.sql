{% if execute %}{{ exceptions.raise_compiler_error("refused by " ~ env_var("WAREHOUSE_TOKEN") ~ profile_password()) }}{% endif %}
select 1 as id
