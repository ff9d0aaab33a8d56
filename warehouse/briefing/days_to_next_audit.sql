with

full_audits as (

    select
        events.site_id,
        events.event_id,
        events.visit_start,
        lead(events.visit_start) over (
            partition by events.site_id order by events.visit_start, events.event_id
        ) as next_start,
        max(events.visit_start) over () as last_day
    from marts.audits_in_totals as events
    inner join vocabulary.audit_kind as kinds on events.audit_kind = kinds.code
    where
        kinds.is_full
        and events.visit_start is not null
        and ($country::varchar is null or events.country_code = $country)
        and ($from_date::date is null or events.visit_start >= $from_date)
        and ($to_date::date is null or events.visit_start <= $to_date)

)

select
    date_diff('day', visit_start, coalesce(next_start, last_day)) as wait_days,
    next_start is not null as is_followed
from full_audits
where visit_start < last_day
order by wait_days, event_id
