-- One row per buyer whose policies may be told and audit that they take on the day, with the last day on which they do. The
-- rules of visits judge it; that nobody told who ordered the audit is no matter of a policy.
with

answers as (

    select
        pairs.event_id_a as event_id,
        asked.buyer_name,
        asked.asked_on,
        asked.has_policy
        and len(list_filter(coalesce(reason_sets.reasons, []), lambda reason: reason <> 'orderer_unknown')) = 0
            as is_accepted
    from intermediate.visit_pairs as pairs
    inner join shown_audits as shown on pairs.event_id_a = shown.event_id and not shown.is_by_grade
    inner join asked_visits as asked on pairs.event_number_b = asked.visit_number
    left join intermediate.reason_sets as reason_sets on pairs.reason_mask = reason_sets.reason_mask
    where pairs.planned_record_id = 'asked'

),

-- Beyond the day on which the first answer is no, later ones do not count.
refused as (

    select
        event_id,
        buyer_name,
        min(asked_on) as refused_on
    from answers
    where not is_accepted
    group by event_id, buyer_name

)

select
    answers.event_id,
    answers.buyer_name,
    max(answers.asked_on) as accepted_until
from answers
left join refused on answers.event_id = refused.event_id and answers.buyer_name = refused.buyer_name
where answers.is_accepted and answers.asked_on < coalesce(refused.refused_on, date '9999-12-31')
group by answers.event_id, answers.buyer_name
order by answers.buyer_name, answers.event_id
