with

parameters as (

    select * from intermediate.rule_parameters

),

build_date as (

    select * from intermediate.build_date

),

audit_records as (

    select * from staging.audit_records
    where audit_status = 'planned'

),

site_memberships as (

    select * from matching.site_memberships

),

events as (

    select * from marts.audit_event_records
    where counts_as_audit

),

policy_buyers as (

    select * from intermediate.policy_buyers

),

schemes as (

    select * from vocabulary.scheme

),

planned as (

    select
        audit_records.*,
        schemes.family,
        coalesce(site_memberships.site_id, audit_records.site_record_id) as site_id,
        coalesce(site_memberships.match_probability, 1.0) as match_probability,
        site_memberships.site_units,
        lower(trim(audit_records.commissioner)) as party,
        array_to_string(list_sort(audit_records.topics_in_scope), ' ') as named_scope
    from audit_records
    cross join build_date
    left join schemes on audit_records.scheme = schemes.code
    left join site_memberships on audit_records.site_record_id = site_memberships.record_id
    where audit_records.visit_start >= build_date.as_of_date

),

-- A planned visit has become a done one under its source's own id, or when the same orderer and scheme, of whatever
-- extent (SMETA 2 or 4 pillars), were there within a month.
done as (

    select planned.record_id
    from planned
    inner join events
        on planned.source_name = events.source_name and planned.audit_id_source = events.audit_id_source
    union
    select planned.record_id
    from planned
    cross join parameters
    inner join events
        on
            planned.site_id = events.site_id
            and planned.party = lower(trim(events.commissioner))
            and abs(planned.visit_start - events.dated_start) <= parameters.planned_done_days
    inner join schemes on events.scheme = schemes.code and planned.family = schemes.family

)

select
    planned.record_id,
    planned.site_id,
    planned.match_probability,
    planned.source_name,
    planned.scheme,
    planned.commissioner,
    planned.party,
    planned.visit_start,
    date_trunc('month', planned.visit_start)::date as visit_month,
    audit_kinds.is_full as is_whole,
    planned.site_units,
    planned.worker_count_min,
    coalesce(planned.worker_count_max, planned.worker_count_min) as worker_count_max,
    scopes.law_topics,
    scopes.standard_topics,
    scopes.above_topics,
    parameters.coverage_share
    * bit_count(scopes.law_topics | scopes.standard_topics | scopes.above_topics) as needed_topic_count,
    policy_buyers.party as policy_party,
    visibilities.rank as visibility_rank
from planned
cross join parameters
left join done on planned.record_id = done.record_id
left join vocabulary.audit_kind as audit_kinds on planned.audit_kind = audit_kinds.code
left join vocabulary.visibility as visibilities on planned.visibility = visibilities.code
left join intermediate.scopes as scopes
    on planned.scheme = scopes.scheme and coalesce(planned.named_scope, 'all') = scopes.scope
left join policy_buyers
    on
        planned.party = policy_buyers.party
        and planned.visit_start >= policy_buyers.in_force_from
        and planned.visit_start <= policy_buyers.in_force_to
where done.record_id is null
