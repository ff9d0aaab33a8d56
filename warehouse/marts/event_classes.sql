with

pair_rules as (

    select * from intermediate.pair_rules

),

visibilities as (

    select * from vocabulary.visibility

),

-- What an audit is, beside the earlier ones at its site: avoidable if any of them would have done, or else by the
-- first rule that holds for any.
later as (

    select
        pairs.event_id_b as event_id,
        min(rules.rule_number) as rule_number,
        min(rules.rule_number) filter (rules.is_avoidable) as avoidable_rule_number,
        count(*) as earlier_audit_count,
        max(visibilities.rank) filter (rules.rests_on_cases) as case_visibility_rank
    from marts.audit_pairs as pairs
    left join visibilities on pairs.visibility = visibilities.code
    inner join pair_rules as rules on pairs.pair_class = rules.pair_class
    group by pairs.event_id_b

)

select
    events.event_id,
    events.site_id,
    case
        when not events.counts_as_audit then 'no_audit'
        when events.is_avoidable then avoidable_rules.pair_class
        else coalesce(pair_rules.pair_class, 'first_known')
    end as event_class,
    coalesce(later.earlier_audit_count, 0) as earlier_audit_count,
    events.visit_start,
    -- A class that a case gives is no more open than the case; nor is another that it would have without one.
    visibilities.code as visibility
from marts.audit_events as events
left join later on events.event_id = later.event_id
left join pair_rules on later.rule_number = pair_rules.rule_number
left join pair_rules as avoidable_rules on later.avoidable_rule_number = avoidable_rules.rule_number
left join visibilities as own on events.visibility = own.code
left join visibilities on greatest(own.rank, later.case_visibility_rank) = visibilities.rank
