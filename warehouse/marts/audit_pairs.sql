with

ruled as (

    select
        pairs.*,
        overrides.rule_number as decided_rule_number,
        overrides.reason_mask as decided_reason_mask,
        overrides.reviewer as decided_by
    from intermediate.ruled_pairs as pairs
    left join marts.pair_overrides as overrides
        on pairs.event_number_a = overrides.event_number_a and pairs.event_number_b = overrides.event_number_b
    where not pairs.is_planned

),

pair_rules as (

    select * from intermediate.pair_rules

),

reason_sets as (

    select * from intermediate.reason_sets

),

visibilities as (

    select * from vocabulary.visibility

),

-- The names of topics in the order of their bits.
topics as (

    select list({ 'topic': known.topic, 'topic_bit': known.topic_bit } order by known.topic_bit) as numbered
    from (
        select distinct
            topic,
            topic_bit
        from marts.scheme_topics
    ) as known

)

select
    ruled.event_id_a,
    ruled.event_id_b,
    ruled.site_id,
    ruled.gap_days,
    pair_rules.pair_class,
    reason_sets.reason,
    reason_sets.reasons,
    if(pair_rules.has_reason, nullif(ruled.days_missing, 0), null) as days_missing,
    if(
        list_contains(reason_sets.reasons, 'scope_missing') and ruled.missing_topics > 0,
        -- noqa: disable=RF01,RF02
        list_transform(
            list_filter(topics.numbered, lambda topic: ruled.missing_topics & topic.topic_bit > 0),
            lambda topic: topic.topic
        ),
        -- noqa: enable=RF01,RF02
        null
    ) as topics_missing,
    if(pair_rules.has_reason, ruled.grade_needed, null) as grade_needed,
    if(pair_rules.has_reason, notices.code, null) as notice_needed,
    if(pair_rules.has_reason, ruled.body_needed, null) as body_needed,
    if(pair_rules.has_reason, nullif(ceil(ruled.workers_beyond)::integer, 0), null) as workers_beyond,
    pair_rules.is_avoidable and ruled.is_shareable as avoidable_now,
    pair_rules.is_avoidable as avoidable_if_shared,
    ruled.is_other_commissioner,
    ruled.is_within_validity,
    ruled.is_body_changed,
    -- A reviewer's word goes before the rules.
    if(ruled.decided_by is null, pair_rules.rule_id, 'reviewer') as rule_id,
    pair_rules.rule_version,
    ruled.decided_by,
    ruled.pair_probability,
    if(pair_rules.is_avoidable, ruled.auditor_days_low, 0) as days_saved_low,
    if(pair_rules.is_avoidable, ruled.auditor_days_central, 0) as days_saved_central,
    if(pair_rules.is_avoidable, ruled.auditor_days_high, 0) as days_saved_high,
    visibilities.code as visibility
from ruled
cross join topics
inner join pair_rules on coalesce(ruled.decided_rule_number, ruled.rule_number) = pair_rules.rule_number
left join reason_sets
    on if(pair_rules.has_reason, coalesce(ruled.decided_reason_mask, ruled.reason_mask), 0) = reason_sets.reason_mask
left join vocabulary.notice as notices on ruled.notice_rank_needed = notices.rank
left join visibilities
    on greatest(
        ruled.visibility_rank, if(pair_rules.rests_on_cases, ruled.case_visibility_rank, null)
    ) = visibilities.rank
