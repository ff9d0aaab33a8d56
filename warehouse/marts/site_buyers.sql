with

site_buyers as (

    select * from staging.site_buyers

),

site_memberships as (

    select * from matching.site_memberships

),

visibilities as (

    select * from vocabulary.visibility

),

claims as (

    select
        coalesce(site_memberships.site_id, site_buyers.site_record_id) as site_id,
        trim(site_buyers.buyer_name) as buyer_name,
        site_buyers.source_name,
        min(site_buyers.as_of_date) as first_as_of_date,
        max(site_buyers.as_of_date) as last_as_of_date,
        count(*) as record_count,
        min(coalesce(site_memberships.match_probability, 1.0)) as match_probability,
        max(visibilities.rank) as visibility_rank
    from site_buyers
    left join site_memberships on site_buyers.site_record_id = site_memberships.record_id
    left join visibilities on site_buyers.visibility = visibilities.code
    group by all

)

select
    claims.site_id,
    claims.buyer_name,
    claims.source_name,
    claims.first_as_of_date,
    claims.last_as_of_date,
    claims.record_count,
    claims.match_probability,
    visibilities.code as visibility
from claims
left join visibilities on claims.visibility_rank = visibilities.rank
