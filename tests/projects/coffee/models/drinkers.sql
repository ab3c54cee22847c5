select
    people.person_id,
    people.name,
    count(cups.cup_id) as cups,
    sum(cups.price) as spent
from {{ ref('people') }} as people
left join {{ ref('cups') }} as cups on people.person_id = cups.person_id
group by people.person_id, people.name
