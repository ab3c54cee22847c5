with ranked as (
    select
        *,
        row_number() over (partition by id order by updated_at desc) as position
    from {{ source('crm', 'customers') }}
)

select
    id as crm_id,
    lower(email) as email,
    first_name || ' ' || last_name as contact_name,
    accepts_marketing,
    total_spent
from ranked
where position = 1
