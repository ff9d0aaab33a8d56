-- One row per buyer whose policies may be told and day on which its answer may turn: a whole audit that it orders on that
-- day and that asks for nothing but what its policies say. It is no plan of anybody's; the rules judge it like one.
-- has_policy: any policy of the buyer is in force on that day.
with

buyers as (

    select
        party,
        min(buyer_name) as buyer_name
    from intermediate.policies
    group by party

),

turns as (

    select $day::date as asked_on
    union
    select holds_to as asked_on from marts.event_facts
    union
    select (events.visit_end + to_months(policies.max_age_months))::date as asked_on
    from marts.event_facts as events
    inner join intermediate.policies as policies on events.scheme = policies.scheme
    union
    select in_force_to as asked_on from intermediate.policies

),

-- The last day of an answer, and the first of the next.
days as (

    select distinct asked_on
    from (select unnest([asked_on, asked_on + 1]) as asked_on from turns)
    where asked_on >= $day::date

)

select
    9223372036854775807 - row_number() over (order by buyers.party, days.asked_on) as visit_number,
    buyers.buyer_name,
    days.asked_on,
    exists (
        select 1 from intermediate.policy_buyers as in_force
        where
            in_force.party = buyers.party
            and days.asked_on between in_force.in_force_from and in_force.in_force_to
    ) as has_policy,
    days.asked_on as visit_start,
    days.asked_on as visit_end,
    'asked' as planned_record_id,
    true as is_planned,
    $site::varchar as site_id,
    buyers.party,
    [buyers.party] as parties,
    true as is_party_known,
    'asked' as programme,
    'periodic_full' as audit_kind,
    true as is_full,
    true as is_whole,
    false as is_scope_named,
    false as is_visit_dated,
    0 as law_topics,
    0 as standard_topics,
    0 as above_topics,
    0.0 as needed_topic_count,
    false as is_between_certificates,
    false as is_orderer_withheld,
    1.0 as event_probability,
    1 as visibility_rank,
    ((days.asked_on - date '1970-01-01')::hugeint << 63) + visit_number as place_in_time
from days
cross join buyers
