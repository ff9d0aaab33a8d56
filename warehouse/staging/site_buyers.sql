with

loads as (

    select * from staging.loads

),

-- Only records of a source with several current loads can recur, and few do: they are found first, the rest passes.
recurring as (

    select
        site_buyers.record_id,
        max(loads.load_rank) as latest_rank
    from landing.site_buyers as site_buyers
    inner join loads on site_buyers.load_id = loads.load_id
    where loads.source_load_count > 1
    group by site_buyers.record_id
    having count(*) > 1

)

select
    site_buyers.record_id,
    site_buyers.source_name,
    site_buyers.load_id,
    site_buyers.line_number,
    site_buyers.visibility,
    site_buyers.site_record_id,
    party_names.party_name as buyer_name,
    site_buyers.as_of_date
from landing.site_buyers as site_buyers
inner join loads on site_buyers.load_id = loads.load_id
left join staging.party_names as party_names
    on
        site_buyers.buyer_name = party_names.written_name
        and coalesce(site_buyers.as_of_date, date '9999-12-31')
        between party_names.in_force_from and party_names.in_force_to
left join recurring on site_buyers.record_id = recurring.record_id
where recurring.record_id is null or loads.load_rank = recurring.latest_rank
