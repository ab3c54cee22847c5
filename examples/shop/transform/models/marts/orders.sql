{{ config(materialized='incremental', unique_key='purchase_id') }}

select
    purchase_id,
    user_id,
    product_id,
    purchased_at,
    amount,
    price_band
from {{ ref('int_purchases_priced') }}
{% if is_incremental() %}
where purchased_at > (select max(purchased_at) from {{ this }})
{% endif %}
