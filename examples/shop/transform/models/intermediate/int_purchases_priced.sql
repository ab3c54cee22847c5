select
    purchases.purchase_id,
    purchases.user_id,
    purchases.product_id,
    purchases.purchased_at,
    products.price as amount,
    bands.band as price_band
from {{ ref('stg_purchases') }} as purchases
inner join {{ ref('stg_products') }} as products
    on purchases.product_id = products.product_id
left join {{ ref('price_bands') }} as bands
    on products.price >= bands.low and products.price < bands.high
where purchases.purchased_at is not null
    and purchases.returned_at is null
