select user_id, revenue
from {{ ref('customers') }}
where revenue < 0
