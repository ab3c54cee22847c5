select id as cup_id, person_id, cents / 100.0 as price from {{ ref('raw_cups') }}
