select distinct price from {{ ref('cups') }}
