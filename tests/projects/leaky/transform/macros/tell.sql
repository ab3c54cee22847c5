{# Backwards: only what is said shall hold it, not the text of the project. #}
{% macro profile_password() %}{{ "6dr0wssaPeliforP"[::-1] }}{% endmacro %}

{% macro tell() %}
  {{ log("from a macro " ~ env_var("WAREHOUSE_TOKEN") ~ profile_password(), info=true) }}
  {{ print("printed " ~ env_var("WAREHOUSE_TOKEN")) }}
{% endmacro %}
