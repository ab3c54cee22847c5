select
    products.product_id,
    products.product_name,
    orders.price_band,
    count(orders.purchase_id) as sold,
    sum(orders.amount) as revenue
from {{ ref('stg_products') }} as products
left join {{ ref('orders') }} as orders
    on products.product_id = orders.product_id
group by products.product_id, products.product_name, orders.price_band
