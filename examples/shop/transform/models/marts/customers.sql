with totals as (
    select
        user_id,
        count(*) as orders,
        sum(amount) as revenue,
        max(purchased_at) as last_order_at
    from {{ ref('orders') }}
    group by user_id
)

select
    users.user_id,
    users.user_name,
    users.email,
    coalesce(totals.orders, 0) as orders,
    coalesce(totals.revenue, 0) as revenue,
    totals.last_order_at,
    case
        when totals.revenue >= 100000 then 'gold'
        when totals.revenue > 0 then 'silver'
        else 'none'
    end as tier
from {{ ref('stg_users') }} as users
left join totals on users.user_id = totals.user_id
