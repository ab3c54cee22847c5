select
    id as purchase_id,
    user_id,
    product_id,
    cast(added_to_cart_at as timestamp) as added_at,
    cast(purchased_at as timestamp) as purchased_at,
    cast(returned_at as timestamp) as returned_at
from {{ source('shop', 'purchases') }}
