with

parameters as (

    select * from intermediate.rule_parameters

),

-- A planned visit is judged as a done one is: it has the same facts, as far as a plan can have them.
judged as (

    select
        event_number as visit_number,
        event_id,
        null as planned_record_id,
        false as is_planned,
        site_id,
        party,
        parties,
        is_party_known,
        programme,
        firm,
        audit_kind,
        is_full,
        is_whole,
        is_scope_named,
        is_visit_dated,
        visit_start,
        visit_end,
        site_units,
        worker_count_min,
        worker_count_max,
        law_topics,
        standard_topics,
        above_topics,
        auditor_days_low,
        auditor_days_central,
        auditor_days_high,
        event_probability,
        visibility_rank
    from marts.event_facts
    union all by name
    select
        planned_number as visit_number,
        null as event_id,
        record_id as planned_record_id,
        true as is_planned,
        site_id,
        party,
        parties,
        is_party_known,
        programme,
        firm,
        audit_kind,
        is_full,
        is_whole,
        is_scope_named,
        -- Nobody has been there yet: a plan is no visit that another could be joined with.
        false as is_visit_dated,
        visit_start,
        visit_end,
        site_units,
        worker_count_min,
        worker_count_max,
        law_topics,
        standard_topics,
        above_topics,
        null as auditor_days_low,
        null as auditor_days_central,
        null as auditor_days_high,
        match_probability as event_probability,
        visibility_rank
    from intermediate.planned_facts
    where done_event_id is null

)

select
    judged.*,
    -- The order in time as one number, events of one day by their own: one comparison joins much faster than two.
    ((judged.visit_start - date '1970-01-01')::hugeint << 63) + judged.visit_number as place_in_time,
    parameters.coverage_share * bit_count(judged.law_topics | judged.standard_topics | judged.above_topics)
        as needed_topic_count,
    list_contains(parameters.kinds_of_certification, judged.audit_kind) as is_between_certificates,
    contains(judged.party, parameters.withheld_orderers[1]) as is_orderer_withheld
from judged
cross join parameters
