with

in_scope as (

    select
        *,
        -- A facility is no organisation to talk to about its buyers' audits: they stand together.
        if(commissioner_type = 'facility', null, commissioner) as orderer
    from marts.audits_in_totals
    where
        ($country::varchar is null or country_code = $country)
        and ($from_date::date is null or visit_start >= $from_date)
        and ($to_date::date is null or visit_start <= $to_date)

),

known as (

    select
        in_scope.orderer,
        in_scope.commissioner_type,
        count(distinct in_scope.site_id) >= any_value(rules.smallest_cell) as is_shown
    from in_scope
    cross join intermediate.rule_parameters as rules
    where in_scope.orderer is not null
    group by in_scope.orderer, in_scope.commissioner_type

)

select
    if(known.is_shown, in_scope.orderer, null) as commissioner,
    coalesce(in_scope.commissioner_type, 'unknown') as commissioner_type,
    count(*) as audit_count,
    count(distinct in_scope.site_id) as site_count,
    count_if(in_scope.is_avoidable)::bigint as avoidable_count,
    count_if(in_scope.avoidable_now)::bigint as avoidable_now_count,
    sum(in_scope.auditor_days_low) filter (where in_scope.is_avoidable) as days_low,
    sum(in_scope.auditor_days) filter (where in_scope.is_avoidable) as days_central,
    sum(in_scope.auditor_days_high) filter (where in_scope.is_avoidable) as days_high
from in_scope
left join known
    on
        in_scope.orderer = known.orderer
        and in_scope.commissioner_type is not distinct from known.commissioner_type
group by if(known.is_shown, in_scope.orderer, null), coalesce(in_scope.commissioner_type, 'unknown')
order by avoidable_count desc, audit_count desc, commissioner asc nulls last, commissioner_type asc
