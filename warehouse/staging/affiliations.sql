with

loads as (

    select * from staging.loads

),

-- Only records of a source with several current loads can recur, and few do: they are found first, the rest passes.
recurring as (

    select
        affiliations.record_id,
        max(loads.load_rank) as latest_rank
    from landing.affiliations as affiliations
    inner join loads on affiliations.load_id = loads.load_id
    where loads.source_load_count > 1
    group by affiliations.record_id
    having count(*) > 1

)

select
    affiliations.record_id,
    affiliations.source_name,
    affiliations.load_id,
    affiliations.line_number,
    affiliations.visibility,
    party_names.party_name as company_name,
    affiliations.initiative,
    affiliations.affiliated_from,
    affiliations.affiliated_to
from landing.affiliations as affiliations
inner join loads on affiliations.load_id = loads.load_id
left join staging.party_names as party_names
    on
        affiliations.company_name = party_names.written_name
        and coalesce(affiliations.affiliated_to, date '9999-12-31')
        between party_names.in_force_from and party_names.in_force_to
left join recurring on affiliations.record_id = recurring.record_id
where recurring.record_id is null or loads.load_rank = recurring.latest_rank
