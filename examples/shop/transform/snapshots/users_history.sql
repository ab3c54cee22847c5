{% snapshot users_history %}
{{ config(target_schema='analytics', unique_key='user_id', strategy='timestamp', updated_at='updated_at') }}
select * from {{ ref('stg_users') }}
{% endsnapshot %}
