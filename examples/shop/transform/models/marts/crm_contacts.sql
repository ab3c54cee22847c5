select
    crm_id,
    email,
    contact_name,
    total_spent as crm_spent
from {{ ref('stg_crm_customers') }}
where accepts_marketing is not null
