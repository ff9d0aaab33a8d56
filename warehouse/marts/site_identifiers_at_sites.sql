with

identifiers as (

    select * from staging.site_identifiers

),

site_memberships as (

    select * from matching.site_memberships

)

select
    coalesce(site_memberships.site_id, identifiers.site_record_id) as site_id,
    identifiers.record_id,
    identifiers.site_record_id,
    identifiers.source_name,
    identifiers.id_scheme,
    identifiers.id_value,
    coalesce(site_memberships.match_probability, 1.0) as match_probability,
    identifiers.visibility
from identifiers
left join site_memberships on identifiers.site_record_id = site_memberships.record_id
