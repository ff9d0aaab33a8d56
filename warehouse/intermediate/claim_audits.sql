with

events as (

    select * from marts.audit_events
    where counts_as_audit

),

overlapping as (

    select
        pairs.event_id_b as event_id,
        bool_or(coalesce(earlier.commissioner_type not in ('brand', 'shared', 'facility'), false))
            as is_after_initiative
    from marts.overlapping_audits as pairs
    inner join events as earlier on pairs.event_id_a = earlier.event_id
    group by pairs.event_id_b

),

memberships as (

    select
        events.event_id,
        count(distinct affiliations.initiative) as initiative_count
    from events
    inner join marts.affiliations as affiliations
        on
            lower(trim(events.commissioner)) = lower(trim(affiliations.company_name))
            and coalesce(events.visit_start >= affiliations.affiliated_from, true)
            and coalesce(events.visit_start <= affiliations.affiliated_to, true)
    group by events.event_id

),

described as (

    select
        events.event_id,
        events.visit_start,
        coalesce(events.commissioner_type in ('brand', 'shared'), false) as is_of_brand,
        coalesce(events.commissioner_type not in ('brand', 'shared', 'facility'), false)
        or events.audit_kind = 'pilot' as is_of_initiative,
        overlapping.event_id is not null as is_overlapping,
        coalesce(overlapping.is_after_initiative, false) as is_after_initiative,
        coalesce(memberships.initiative_count, 0) as initiative_count
    from events
    left join overlapping on events.event_id = overlapping.event_id
    left join memberships on events.event_id = memberships.event_id

)

-- Each claim compares a share among some audits with the share among others.
select
    1 as claim_number,
    event_id,
    visit_start,
    is_overlapping as is_measured,
    false as is_compared,
    is_of_brand as is_held
from described
union all by name
select
    2 as claim_number,
    event_id,
    visit_start,
    is_of_brand and initiative_count >= 2 as is_measured,
    is_of_brand and initiative_count = 1 as is_compared,
    is_after_initiative as is_held
from described
union all by name
select
    3 as claim_number,
    event_id,
    visit_start,
    is_of_initiative as is_measured,
    is_of_brand as is_compared,
    if(is_of_initiative, is_after_initiative, is_overlapping) as is_held
from described
