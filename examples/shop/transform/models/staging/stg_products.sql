select
    id as product_id,
    make || ' ' || model as product_name,
    year as model_year,
    price
from {{ source('shop', 'products') }}
