with

parameters as (

    select * from intermediate.rule_parameters

),

audits as (

    select
        counted.event_id,
        counted.site_id,
        counted.is_avoidable,
        events.best_earlier_event_id,
        coalesce(list_contains($organisations, lower(trim(counted.commissioner))), false) as is_own,
        -- In a pack a withheld name has a number that holds at one site alone: those stand together.
        coalesce(contains(counted.commissioner, parameters.withheld_orderers[1]), false) as is_withheld,
        -- A facility that orders its own audits is nobody to share with.
        if(is_withheld or counted.commissioner_type = 'facility', null, trim(counted.commissioner)) as orderer,
        if(is_withheld, 'withheld', coalesce(counted.commissioner_type, 'unknown')) as orderer_type
    from marts.audits_in_totals as counted
    inner join marts.audit_events as events on counted.event_id = events.event_id
    cross join parameters
    where
        ($country::varchar is null or counted.country_code = $country)
        and ($from_date::date is null or counted.visit_start >= $from_date)
        and ($to_date::date is null or counted.visit_start <= $to_date)

),

own_sites as (

    select distinct site_id
    from audits
    where is_own

),

others as (

    select audits.*
    from audits
    inner join own_sites on audits.site_id = own_sites.site_id
    where not audits.is_own

),

-- Sources may differ on the kind of one orderer: it goes by the one that most of its audits there bear.
shown as (

    select
        others.orderer,
        mode(others.orderer_type order by others.orderer_type) as kind,
        count(distinct others.site_id) >= any_value(parameters.smallest_cell) as is_shown
    from others
    cross join parameters
    where others.orderer is not null
    group by others.orderer

),

named as (

    select
        others.event_id,
        others.site_id,
        others.is_avoidable,
        others.best_earlier_event_id,
        if(shown.is_shown, others.orderer, null) as partner,
        coalesce(shown.kind, others.orderer_type) as partner_type
    from others
    left join shown on others.orderer = shown.orderer

),

-- The earlier audit that would have done may lie before the period.
earlier as (

    select
        events.event_id,
        coalesce(list_contains($organisations, lower(trim(events.commissioner))), false) as is_own
    from marts.audit_events as events

),

repeated_theirs as (

    select
        named.partner,
        named.partner_type,
        count(*) as own_avoidable_count
    from audits
    inner join named on audits.best_earlier_event_id = named.event_id
    where audits.is_own and audits.is_avoidable
    group by named.partner, named.partner_type

)

select
    named.partner as commissioner,
    named.partner_type as commissioner_type,
    count(distinct named.site_id) as shared_site_count,
    count(*) as their_audit_count,
    coalesce(any_value(repeated_theirs.own_avoidable_count), 0) as own_avoidable_count,
    count_if(named.is_avoidable and coalesce(earlier.is_own, false))::bigint as their_avoidable_count
from named
left join earlier on named.best_earlier_event_id = earlier.event_id
left join repeated_theirs
    on named.partner_type = repeated_theirs.partner_type and named.partner is not distinct from repeated_theirs.partner
group by named.partner, named.partner_type
order by shared_site_count desc, their_audit_count desc, commissioner asc nulls last, commissioner_type asc
