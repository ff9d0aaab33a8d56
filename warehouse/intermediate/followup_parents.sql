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
            earlier.event_number, { 'visit_start': earlier.visit_start, 'event_number': earlier.event_number }
        ) as parent_event_number
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
        coalesce(found.closed_date, date '9999-12-31') as open_until,
        coalesce(found.correction_due_date, date '0001-01-01') as correction_due_date
    from marts.found_topics as found
    inner join topic_bits on found.topic = topic_bits.topic

),

by_scope as (

    select
        later.visit_number,
        earlier.event_number as parent_event_number
    from visits as later
    cross join parameters
    inner join audits as earlier on later.site_id = earlier.site_id and later.visit_start > earlier.visit_start
    inner join findings
        on
            earlier.event_id = findings.event_id
            and later.visit_start <= findings.open_until
            and later.visit_start
            <= greatest(earlier.visit_start + to_months(parameters.followup_months), findings.correction_due_date)
    where later.is_scope_named
    group by
        later.visit_number, earlier.event_number, later.law_topics, later.standard_topics, later.above_topics
    having
        (later.law_topics | later.standard_topics | later.above_topics) > 0
        and (later.law_topics | later.standard_topics | later.above_topics) & bit_or(findings.topic_bit)
        = (later.law_topics | later.standard_topics | later.above_topics)

),

parents as (

    select
        visit_number,
        parent_event_number,
        true as is_full_followup
    from full_followups
    union all
    select
        visit_number,
        parent_event_number,
        false as is_full_followup
    from by_scope

)

select
    visit_number,
    parent_event_number,
    bool_or(is_full_followup) as is_full_followup
from parents
group by visit_number, parent_event_number
