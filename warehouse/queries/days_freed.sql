with

avoidable as (

    select
        events.event_id,
        events.scheme,
        events.avoidable_now,
        events.auditor_days_low,
        events.auditor_days,
        events.auditor_days_high,
        events.days_estimated,
        sites.country_code
    from marts.audit_events as events
    inner join marts.sites as sites on events.site_id = sites.site_id
    where
        events.is_avoidable
        and ($country::varchar is null or sites.country_code = $country)
        and ($from_date::date is null or events.visit_start >= $from_date)
        and ($to_date::date is null or events.visit_start <= $to_date)

),

-- One currency only, for sums must not mix them; a price of the country goes before one of any, then the newest.
prices as (

    select distinct on (avoidable.event_id)
        avoidable.event_id,
        audit_costs.cost_low,
        audit_costs.cost_central,
        audit_costs.cost_high
    from avoidable
    inner join reference.audit_costs as audit_costs
        on
            avoidable.scheme = audit_costs.scheme
            and audit_costs.unit = 'auditor_day'
            and audit_costs.currency = 'USD'
            and coalesce(audit_costs.country_code, avoidable.country_code) = avoidable.country_code
    order by avoidable.event_id asc, audit_costs.country_code asc nulls last, audit_costs.year desc nulls last

)

select
    avoidable.country_code,
    count(*) as avoidable_audit_count,
    count_if(avoidable.avoidable_now)::bigint as avoidable_now_count,
    sum(avoidable.auditor_days_low) as auditor_days_low,
    sum(avoidable.auditor_days) as auditor_days_central,
    sum(avoidable.auditor_days_high) as auditor_days_high,
    100.0 * count_if(avoidable.days_estimated) / count(*) as days_estimated_pct,
    sum(avoidable.auditor_days_low * prices.cost_low) as cost_low_usd,
    sum(avoidable.auditor_days * prices.cost_central) as cost_central_usd,
    sum(avoidable.auditor_days_high * prices.cost_high) as cost_high_usd,
    count(*) - count(prices.event_id) as audits_without_price_count
from avoidable
left join prices on avoidable.event_id = prices.event_id
group by avoidable.country_code
order by auditor_days_central desc nulls last, avoidable.country_code asc
