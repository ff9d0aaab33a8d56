with

parameters as (

    select * from intermediate.rule_parameters

),

visibilities as (

    select * from vocabulary.visibility

),

audit_events as (

    select
        events.site_id,
        events.commissioner,
        lower(trim(events.commissioner)) as party,
        visibilities.rank as visibility_rank
    from marts.audit_events as events
    left join visibilities on events.visibility = visibilities.code
    where events.counts_as_audit and events.commissioner is not null

),

parties as (

    -- The spelling of an audit that fewer may see is nobody's name before others.
    select
        party,
        arg_min(commissioner, { 'rank': visibility_rank, 'commissioner': commissioner }) as organisation
    from audit_events
    group by party

),

sites_of as (

    select
        parties.organisation,
        audit_events.site_id,
        max(audit_events.visibility_rank) as visibility_rank
    from audit_events
    inner join parties on audit_events.party = parties.party
    group by parties.organisation, audit_events.site_id

),

shared as (

    select
        one.organisation as organisation_a,
        other.organisation as organisation_b,
        count(*) as shared_site_count,
        max(greatest(one.visibility_rank, other.visibility_rank)) as visibility_rank
    from sites_of as one
    inner join sites_of as other on one.site_id = other.site_id and one.organisation < other.organisation
    group by one.organisation, other.organisation

),

overlapping as (

    select
        least(earlier.organisation, later.organisation) as organisation_a,
        greatest(earlier.organisation, later.organisation) as organisation_b,
        count(*) as overlapping_pair_count,
        count_if(classes.is_avoidable)::bigint as avoidable_pair_count,
        count_if(classes.is_one_visit)::bigint as joint_visit_count
    from marts.overlapping_audits as pairs
    inner join marts.pair_classes as classes on pairs.pair_class = classes.pair_class
    inner join parties as earlier on lower(trim(pairs.commissioner_a)) = earlier.party
    inner join parties as later on lower(trim(pairs.commissioner_b)) = later.party
    group by all

)

select
    shared.organisation_a,
    shared.organisation_b,
    shared.shared_site_count,
    shared.shared_site_count < parameters.smallest_cell as is_small_cell,
    coalesce(overlapping.overlapping_pair_count, 0) as overlapping_pair_count,
    coalesce(overlapping.avoidable_pair_count, 0) as avoidable_pair_count,
    coalesce(overlapping.joint_visit_count, 0) as joint_visit_count,
    visibilities.code as visibility
from shared
cross join parameters
left join overlapping
    on shared.organisation_a = overlapping.organisation_a and shared.organisation_b = overlapping.organisation_b
left join visibilities on shared.visibility_rank = visibilities.rank
