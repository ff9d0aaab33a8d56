with

affiliations as (

    select * from landing.affiliations

),

loads as (

    select * from staging.loads

),

-- Only few records recur in a later period, so they are found first and the rest passes untouched.
recurring as (

    select
        affiliations.record_id,
        max(loads.load_rank) as latest_rank
    from affiliations
    inner join loads on affiliations.load_id = loads.load_id
    group by affiliations.record_id
    having count(*) > 1

)

select
    affiliations.record_id,
    affiliations.source_name,
    affiliations.load_id,
    affiliations.line_number,
    affiliations.visibility,
    affiliations.company_name,
    affiliations.initiative,
    affiliations.affiliated_from,
    affiliations.affiliated_to
from affiliations
inner join loads on affiliations.load_id = loads.load_id
left join recurring on affiliations.record_id = recurring.record_id
where recurring.record_id is null or loads.load_rank = recurring.latest_rank
