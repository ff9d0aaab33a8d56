with

planned_facts as (

    select * from intermediate.planned_facts
    where done_event_id is null

),

pair_rules as (

    select * from intermediate.pair_rules

),

reason_sets as (

    select * from intermediate.reason_sets

),

events as (

    select
        event_id,
        scheme,
        holds_to,
        visibility_rank
    from marts.event_facts

),

visibilities as (

    select * from vocabulary.visibility

),

-- Every audit of another orderer that still holds on the planned day, with what the rules say of the two. One's own
-- audit covers no plan of one's own: that is one's own repeat.
compared as (

    select
        pairs.planned_record_id as record_id,
        pairs.event_id_a as event_id,
        pairs.gap_days,
        pairs.event_number_a as event_number,
        pairs.reason_mask,
        pairs.visibility_rank,
        pair_rules.pair_class,
        pair_rules.is_avoidable,
        pair_rules.has_reason
    from intermediate.ruled_pairs as pairs
    inner join pair_rules on pairs.rule_number = pair_rules.rule_number
    where
        pairs.is_planned
        and pairs.is_within_validity
        and (pairs.is_other_commissioner or not pairs.is_orderer_known)

),

-- What would do goes first, then the newest.
covering as (

    select
        record_id,
        count(*) as valid_event_count,
        count_if(is_avoidable)::bigint as accepted_event_count,
        arg_max(
            {
                'event_id': event_id,
                'pair_class': pair_class,
                'reason_mask': if(has_reason, reason_mask, 0),
                'visibility_rank': visibility_rank
            },
            { 'is_avoidable': is_avoidable, 'nearness': -gap_days, 'event_number': event_number }
        ) as best
    from compared
    group by record_id

),

sharing as (

    select
        one.record_id,
        count(distinct other.party) as other_planner_count
    from planned_facts as one
    inner join planned_facts as other
        on one.site_id = other.site_id and one.visit_month = other.visit_month and one.party <> other.party
    group by one.record_id

),

-- Of whom it is known what they accept on the planned day.
with_policies as (

    select distinct planned.record_id
    from planned_facts as planned
    inner join intermediate.visit_policies as policies
        on
            if(len(planned.parties) > 1, 'visit ' || planned.planned_number, planned.party) = policies.policy_key
            and planned.visit_start >= policies.in_force_from
            and planned.visit_start <= policies.in_force_to

)

select
    planned.record_id,
    planned.site_id,
    planned.visit_month,
    planned.scheme,
    planned.commissioner,
    planned.source_name,
    coalesce(covering.valid_event_count, 0) as valid_event_count,
    coalesce(covering.accepted_event_count, 0) as accepted_event_count,
    covering.best.event_id as covering_event_id,
    events.scheme as covering_scheme,
    events.holds_to as covering_valid_to,
    covering.best.pair_class as covering_class,
    reason_sets.reason as first_obstacle,
    with_policies.record_id is not null as is_policy_known,
    coalesce(sharing.other_planner_count, 0) as other_planner_count,
    planned.match_probability,
    visibilities.code as visibility
from planned_facts as planned
left join covering on planned.record_id = covering.record_id
left join events on covering.best.event_id = events.event_id
left join reason_sets on covering.best.reason_mask = reason_sets.reason_mask
left join sharing on planned.record_id = sharing.record_id
left join with_policies on planned.record_id = with_policies.record_id
left join visibilities
    on
        greatest(planned.visibility_rank, events.visibility_rank, covering.best.visibility_rank) = visibilities.rank
