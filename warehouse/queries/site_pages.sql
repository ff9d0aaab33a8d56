with

busiest as (

    select
        sites.site_id,
        sites.site_name,
        sites.is_identity_open,
        sites.country_code,
        row_number() over (order by sites.audit_count desc, sites.site_id asc) as place
    from marts.sites as sites
    where
        sites.audit_count > 0
        and ($country::varchar is null or sites.country_code = $country)

)

select
    busiest.place,
    events.site_id,
    busiest.site_name,
    busiest.is_identity_open,
    busiest.country_code,
    events.visit_start,
    events.visit_end,
    events.date_kind,
    events.scheme,
    events.audit_kind,
    events.commissioner,
    events.audit_firm,
    events.auditor_days,
    events.days_estimated,
    events.valid_to,
    events.use_count,
    events.is_avoidable,
    events.best_earlier_event_id,
    events.event_id,
    events.visibility
from busiest
cross join intermediate.rule_parameters as rules
inner join marts.audit_events as events on busiest.site_id = events.site_id
where
    busiest.place <= rules.busy_site_count
    and events.counts_as_audit
    and ($from_date::date is null or events.visit_start >= $from_date)
    and ($to_date::date is null or events.visit_start <= $to_date)
order by busiest.place, events.visit_start, events.event_id
