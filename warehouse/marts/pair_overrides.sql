with

told as (

    select
        overrides.record_id_a,
        overrides.record_id_b,
        overrides.pair_class,
        overrides.reason,
        overrides.reviewer,
        overrides.decided_date::date as decided_date
    from reference.pair_overrides as overrides
    cross join intermediate.build_date as build_date
    where overrides.decided_date::date <= build_date.as_of_date

),

numbered as (

    select
        records.record_id,
        events.event_number
    from marts.audit_event_records as records
    inner join marts.event_facts as events on records.event_id = events.event_id

),

reason_bits as (

    select
        reason,
        min(reason_mask) as reason_mask
    from intermediate.reason_sets
    where len(reasons) = 1
    group by reason

),

first_rules as (

    select
        pair_class,
        min(rule_number) as rule_number
    from intermediate.pair_rules
    group by pair_class

),

decided as (

    select
        one.event_number as event_number_one,
        other.event_number as event_number_other,
        first_rules.rule_number,
        coalesce(reason_bits.reason_mask, 0) as reason_mask,
        told.reviewer,
        told.decided_date
    from told
    inner join numbered as one on told.record_id_a = one.record_id
    inner join numbered as other on told.record_id_b = other.record_id
    inner join first_rules on told.pair_class = first_rules.pair_class
    left join reason_bits on told.reason = reason_bits.reason

),

-- Whoever decides need not know which of the two audits came first.
both_ways as (

    select
        event_number_one as event_number_a,
        event_number_other as event_number_b,
        rule_number,
        reason_mask,
        reviewer,
        {
            'decided_date': decided_date,
            'reviewer': reviewer,
            'rule_number': rule_number,
            'reason_mask': reason_mask
        } as decision
    from decided
    union all
    select
        event_number_other as event_number_a,
        event_number_one as event_number_b,
        rule_number,
        reason_mask,
        reviewer,
        {
            'decided_date': decided_date,
            'reviewer': reviewer,
            'rule_number': rule_number,
            'reason_mask': reason_mask
        } as decision
    from decided

)

-- The last word counts; of one day, that of the last reviewer by name, and of one reviewer the stricter: later rules
-- and more reasons leave less avoidable.
select
    event_number_a,
    event_number_b,
    arg_max(rule_number, decision) as rule_number,
    arg_max(reason_mask, decision) as reason_mask,
    arg_max(reviewer, decision) as reviewer
from both_ways
where event_number_a <> event_number_b
group by event_number_a, event_number_b
