with

avoidable as (

    select
        counted.event_id,
        counted.country_code,
        events.scheme,
        counted.auditor_days_low,
        counted.auditor_days,
        counted.auditor_days_high
    from marts.audits_in_totals as counted
    inner join marts.audit_events as events on counted.event_id = events.event_id
    where
        counted.is_avoidable
        and ($country::varchar is null or counted.country_code = $country)
        and ($from_date::date is null or counted.visit_start >= $from_date)
        and ($to_date::date is null or counted.visit_start <= $to_date)
        and ($organisations is null or list_contains($organisations, lower(trim(counted.commissioner))))

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
    count(*) as avoidable_audit_count,
    -- A price without a range is its own range.
    sum(avoidable.auditor_days_low * coalesce(prices.cost_low, prices.cost_central)) as cost_low_usd,
    sum(avoidable.auditor_days * prices.cost_central) as cost_central_usd,
    sum(avoidable.auditor_days_high * coalesce(prices.cost_high, prices.cost_central)) as cost_high_usd,
    count(*) - count(prices.event_id) as audits_without_price_count
from avoidable
left join prices on avoidable.event_id = prices.event_id
