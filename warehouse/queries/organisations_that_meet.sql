with

visits as (

    select distinct
        lower(trim(events.commissioner)) as organisation,
        events.site_id
    from marts.audit_events as events
    inner join marts.sites as sites on events.site_id = sites.site_id
    where
        events.counts_as_audit
        and events.commissioner is not null
        and ($country::varchar is null or sites.country_code = $country)
        and ($from_date::date is null or events.visit_start >= $from_date)
        and ($to_date::date is null or events.visit_start <= $to_date)

),

overlapping as (

    select
        least(lower(trim(pairs.commissioner_a)), lower(trim(pairs.commissioner_b))) as organisation_a,
        greatest(lower(trim(pairs.commissioner_a)), lower(trim(pairs.commissioner_b))) as organisation_b,
        count(*) as overlapping_pair_count
    from marts.overlapping_audits as pairs
    inner join marts.sites as sites on pairs.site_id = sites.site_id
    where
        pairs.commissioner_a is not null
        and pairs.commissioner_b is not null
        and ($country::varchar is null or sites.country_code = $country)
        and ($from_date::date is null or pairs.visit_start_b >= $from_date)
        and ($to_date::date is null or pairs.visit_start_b <= $to_date)
    group by all

),

shared as (

    select
        one.organisation as organisation_a,
        other.organisation as organisation_b,
        count(*) as shared_site_count
    from visits as one
    inner join visits as other on one.site_id = other.site_id and one.organisation < other.organisation
    group by one.organisation, other.organisation

)

select
    shared.organisation_a,
    shared.organisation_b,
    shared.shared_site_count,
    coalesce(overlapping.overlapping_pair_count, 0) as overlapping_pair_count,
    shared.shared_site_count < 3 as is_small_cell
from shared
left join overlapping
    on shared.organisation_a = overlapping.organisation_a and shared.organisation_b = overlapping.organisation_b
order by
    shared.shared_site_count desc,
    overlapping_pair_count desc,
    shared.organisation_a asc,
    shared.organisation_b asc
