select id as person_id, name from {{ ref('raw_people') }}
