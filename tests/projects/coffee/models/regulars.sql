select person_id, name from {{ ref('drinkers') }} where cups >= 2
