with

parameters as (

    select * from intermediate.rule_parameters

),

audits as (

    select * from marts.event_facts

),

visits as (

    select * from intermediate.visits

),

-- A full follow-up follows the latest full audit of its programme or its orderer within a year.
full_followups as (

    select
        later.visit_number,
        arg_max(
            { 'event_number': earlier.event_number, 'visibility_rank': earlier.visibility_rank },
            { 'visit_start': earlier.visit_start, 'event_number': earlier.event_number }
        ) as parent
    from visits as later
    cross join parameters
    inner join audits as earlier
        on
            later.site_id = earlier.site_id
            and later.visit_start > earlier.visit_start
            and later.visit_start <= earlier.visit_start + to_months(parameters.followup_months)
    where
        later.audit_kind = 'followup_full'
        and earlier.is_full
        and (
            later.programme = earlier.programme
            or (later.is_party_known and list_has_any(later.parties, earlier.parties))
        )
    group by later.visit_number

),

topic_bits as (

    select distinct
        topic,
        topic_bit
    from marts.scheme_topics

),

-- A visit that looks at nothing but what an earlier audit found and nobody has closed follows that audit up, by
-- whomever it was ordered.
findings as (

    select
        found.event_id,
        topic_bits.topic_bit,
        visibilities.rank as visibility_rank,
        coalesce(found.closed_date, date '9999-12-31') as open_until,
        coalesce(found.correction_due_date, date '0001-01-01') as correction_due_date
    from marts.found_topics as found
    inner join topic_bits on found.topic = topic_bits.topic
    left join vocabulary.visibility as visibilities on found.visibility = visibilities.code

),

by_scope as (

    select
        later.visit_number,
        earlier.event_number as parent_event_number,
        later.law_topics | later.standard_topics | later.above_topics as looked_at,
        bit_or(findings.topic_bit) filter (
            later.visit_start <= findings.open_until
            and later.visit_start
            <= greatest(earlier.visit_start + to_months(parameters.followup_months), findings.correction_due_date)
        ) as open_topics,
        -- That a finding was closed, or is none of these topics, is as telling as that it is open.
        max(findings.visibility_rank) as visibility_rank
    from visits as later
    cross join parameters
    inner join audits as earlier on later.site_id = earlier.site_id and later.visit_start > earlier.visit_start
    inner join findings on earlier.event_id = findings.event_id
    where later.is_scope_named and looked_at > 0
    group by later.visit_number, earlier.event_number, looked_at

),

parents as (

    select
        full_followups.visit_number,
        full_followups.parent.event_number as parent_event_number,
        true as is_followup,
        true as is_full_followup,
        full_followups.parent.visibility_rank
    from full_followups
    union all
    select
        visit_number,
        parent_event_number,
        coalesce(looked_at & open_topics = looked_at, false) as is_followup,
        false as is_full_followup,
        visibility_rank
    from by_scope

)

select
    visit_number,
    parent_event_number,
    bool_or(is_followup) as is_followup,
    bool_or(is_full_followup) as is_full_followup,
    max(visibility_rank) as visibility_rank
from parents
group by visit_number, parent_event_number
