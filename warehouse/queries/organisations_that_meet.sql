with

parameters as (

    select * from intermediate.rule_parameters

),

-- An organisation goes by the spelling that most of its audits bear.
parties as (

    select
        lower(trim(commissioner)) as party,
        mode(trim(commissioner) order by trim(commissioner)) as organisation
    from marts.audit_events
    where counts_as_audit and commissioner is not null
    group by lower(trim(commissioner))

),

visits as (

    select distinct
        parties.organisation,
        events.site_id
    from marts.audit_events as events
    inner join parties on lower(trim(events.commissioner)) = parties.party
    inner join marts.sites as sites on events.site_id = sites.site_id
    where
        events.counts_as_audit
        and ($country::varchar is null or sites.country_code = $country)
        and ($from_date::date is null or events.visit_start >= $from_date)
        and ($to_date::date is null or events.visit_start <= $to_date)

),

overlapping as (

    select
        least(earlier.organisation, later.organisation) as organisation_a,
        greatest(earlier.organisation, later.organisation) as organisation_b,
        count(*) as overlapping_pair_count
    from marts.overlapping_audits as pairs
    inner join parties as earlier on lower(trim(pairs.commissioner_a)) = earlier.party
    inner join parties as later on lower(trim(pairs.commissioner_b)) = later.party
    inner join marts.sites as sites on pairs.site_id = sites.site_id
    where
        ($country::varchar is null or sites.country_code = $country)
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
    shared.shared_site_count < parameters.smallest_cell as is_small_cell
from shared
cross join parameters
left join overlapping
    on shared.organisation_a = overlapping.organisation_a and shared.organisation_b = overlapping.organisation_b
order by
    shared.shared_site_count desc,
    overlapping_pair_count desc,
    shared.organisation_a asc,
    shared.organisation_b asc
