with

in_scope as (

    select
        counted.*,
        -- In a pack a withheld name has a number that holds at one site alone: those stand together.
        coalesce(contains(counted.commissioner, rules.withheld_orderers[1]), false) as is_withheld,
        if(is_withheld, 'withheld', coalesce(counted.commissioner_type, 'unknown')) as orderer_type,
        -- A facility is no organisation to talk to about its buyers' audits: they stand together.
        if(is_withheld or counted.commissioner_type = 'facility', null, counted.commissioner) as orderer
    from marts.audits_in_totals as counted
    cross join intermediate.rule_parameters as rules
    where
        ($country::varchar is null or counted.country_code = $country)
        and ($from_date::date is null or counted.visit_start >= $from_date)
        and ($to_date::date is null or counted.visit_start <= $to_date)

),

known as (

    select
        in_scope.orderer,
        in_scope.orderer_type,
        count(distinct in_scope.site_id) >= any_value(rules.smallest_cell) as is_shown
    from in_scope
    cross join intermediate.rule_parameters as rules
    where in_scope.orderer is not null
    group by in_scope.orderer, in_scope.orderer_type

)

select
    if(known.is_shown, in_scope.orderer, null) as commissioner,
    in_scope.orderer_type as commissioner_type,
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
        and in_scope.orderer_type = known.orderer_type
group by if(known.is_shown, in_scope.orderer, null), in_scope.orderer_type
order by avoidable_count desc, audit_count desc, commissioner asc nulls last, commissioner_type asc
