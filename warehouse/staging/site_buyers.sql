with

site_buyers as (

    select * from landing.site_buyers

),

loads as (

    select * from staging.loads

),

-- Only few records recur in a later period, so they are found first and the rest passes untouched.
recurring as (

    select
        site_buyers.record_id,
        max(loads.load_rank) as latest_rank
    from site_buyers
    inner join loads on site_buyers.load_id = loads.load_id
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
    site_buyers.buyer_name,
    site_buyers.as_of_date
from site_buyers
inner join loads on site_buyers.load_id = loads.load_id
left join recurring on site_buyers.record_id = recurring.record_id
where recurring.record_id is null or loads.load_rank = recurring.latest_rank
