select
    statements.stated_date,
    statements.site_id,
    sites.site_name,
    coalesce(sites.is_identity_open, false) as is_identity_open,
    sites.site_address,
    sites.country_code,
    statements.stated_about,
    statements.stated_text,
    statements.stated_visit_date,
    statements.scheme,
    if(
        statements.stated_visit_date is null,
        null,
        exists (
            select 1 from marts.audit_events as events
            where
                events.site_id = statements.site_id
                and abs(events.visit_start - statements.stated_visit_date) <= rules.report_lag_days
        )
    ) as is_audit_known,
    statements.site_found_by,
    statements.stated_site_id,
    statements.stated_os_id,
    statements.record_id,
    statements.visibility
from marts.factory_statements as statements
cross join intermediate.rule_parameters as rules
left join marts.sites as sites on statements.site_id = sites.site_id
where
    ($country::varchar is null or sites.country_code = $country)
    and ($from_date::date is null or statements.stated_date >= $from_date)
    and ($to_date::date is null or statements.stated_date <= $to_date)
order by statements.stated_date, statements.record_id
