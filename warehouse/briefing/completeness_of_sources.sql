with

-- Whether anybody tells findings of an audit, by the source that tells them.
with_findings as (

    select distinct
        event_id,
        source_name
    from marts.findings_at_events

),

located as (

    select
        site_id,
        source_name,
        bool_or(latitude is not null and longitude is not null) as has_coordinates
    from marts.site_records_at_sites
    group by site_id, source_name

)

select
    any_value(sources.source_title) as source_title,
    records.source_name,
    count(*) as audit_count,
    count_if(records.date_kind = 'visit' and records.dated_start is not null) as with_day_count,
    count_if(records.commissioner is not null or records.commissioner_type = 'facility') as with_orderer_count,
    count_if(records.audit_firm is not null) as with_firm_count,
    count_if(records.scheme is not null and records.scheme <> 'unknown') as with_scheme_count,
    count_if(records.notice is not null) as with_notice_count,
    count_if(with_findings.event_id is not null) as with_findings_count,
    count_if(coalesce(located.has_coordinates, false)) as with_coordinates_count
from marts.audit_event_records as records
left join staging.sources as sources on records.source_name = sources.source_name
left join marts.sites as sites on records.site_id = sites.site_id
left join with_findings
    on records.event_id = with_findings.event_id and records.source_name = with_findings.source_name
left join located on records.site_id = located.site_id and records.source_name = located.source_name
where
    records.counts_as_audit
    -- What follows a complaint is told nowhere but to case workers.
    and records.visibility is distinct from 'restricted_case'
    and ($country::varchar is null or sites.country_code = $country)
    and ($from_date::date is null or records.dated_start >= $from_date)
    and ($to_date::date is null or records.dated_start <= $to_date)
group by records.source_name
order by audit_count desc, records.source_name asc
