select
    customers.id as customer_id,
    contacts.segment,
    sum(case when orders.status = 'paid' then orders.amount else 0 end) as revenue
from {{ source('shop', 'customers') }} as customers
left join {{ ref('stg_orders') }} as orders on orders.customer_id = customers.id
left join {{ source('crm', 'crm_contacts') }} as contacts on contacts.email = customers.email
group by 1, 2
