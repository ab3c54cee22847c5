select id from {{ source('raw', 'talked') }}
