select
    id as user_id,
    name as user_name,
    lower(email) as email,
    age,
    nationality,
    cast(created_at as timestamp) as created_at,
    cast(updated_at as timestamp) as updated_at
from {{ source('shop', 'users') }}
