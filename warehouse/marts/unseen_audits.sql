with

parameters as (

    select * from intermediate.rule_parameters

),

-- An audit of a brand's own programme can only ever stand in that brand's log, so only audits that several sources
-- could have told are counted.
told as (

    select
        records.event_id,
        any_value(sites.country_code) as country_code,
        count(distinct records.source_name) as source_count,
        bool_or(sources.source_kind = 'brand') as is_in_brand_log,
        bool_or(sources.source_kind <> 'brand') as is_in_programme
    from marts.audit_event_records as records
    cross join parameters
    inner join marts.sites as sites on records.site_id = sites.site_id
    inner join staging.sources as sources on records.source_name = sources.source_name
    where
        records.counts_as_audit
        and not list_contains(parameters.schemes_of_one_party, records.scheme)
    group by records.event_id

),

counted as (

    select
        coalesce(country_code, 'none') as country_code,
        count(*) as seen_audit_count,
        count_if(source_count = 1)::bigint as seen_once_count,
        count_if(source_count = 2)::bigint as seen_twice_count,
        count_if(is_in_brand_log)::bigint as in_brand_log_count,
        count_if(is_in_programme)::bigint as in_programme_count,
        count_if(is_in_brand_log and is_in_programme)::bigint as in_both_count
    from told
    group by coalesce(country_code, 'none')

)

select
    country_code,
    seen_audit_count,
    seen_once_count,
    seen_twice_count,
    in_brand_log_count,
    in_programme_count,
    in_both_count,
    -- Chao (1987), bias-corrected: a lower bound whatever the chances of single audits.
    seen_audit_count + seen_once_count * (seen_once_count - 1) / (2.0 * (seen_twice_count + 1))
        as audits_lower_bound,
    -- Chapman (1951), two lists: what would follow if logs and programmes knew of audits independently.
    (in_brand_log_count + 1.0) * (in_programme_count + 1) / (in_both_count + 1) - 1 as audits_if_independent,
    sqrt(
        (in_brand_log_count + 1.0)
        * (in_programme_count + 1)
        * (in_brand_log_count - in_both_count)
        * (in_programme_count - in_both_count)
        / ((in_both_count + 1.0) ** 2 * (in_both_count + 2))
    ) as audits_standard_error,
    'sites and events are matched rightly; the population is closed; '
    || 'lists that tend to hold the same audits make both figures too low' as assumptions
from counted
