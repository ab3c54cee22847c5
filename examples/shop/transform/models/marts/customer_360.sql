select
    customers.user_id,
    customers.email,
    customers.tier,
    customers.revenue,
    contacts.crm_id,
    customers.revenue + coalesce(contacts.crm_spent, 0) as lifetime_value
from {{ ref('customers') }} as customers
left join {{ ref('crm_contacts') }} as contacts
    on customers.email = contacts.email
