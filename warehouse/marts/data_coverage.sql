with

sources as (

    select * from staging.sources

),

-- What each source delivered, by kind of record; months of audits are those of their dates.
delivered as (

    select
        site_records.source_name,
        'site_records' as record_kind,
        site_records.country_code,
        site_records.as_of_date as record_date
    from marts.site_records_at_sites as site_records
    union all by name
    select
        audit_records.source_name,
        'audit_records' as record_kind,
        sites.country_code,
        audit_records.dated_start as record_date
    from marts.audit_event_records as audit_records
    left join marts.sites as sites on audit_records.site_id = sites.site_id
    union all by name
    select
        certificates.source_name,
        'certificates' as record_kind,
        sites.country_code,
        certificates.issued_date as record_date
    from marts.certificates_at_sites as certificates
    left join marts.sites as sites on certificates.site_id = sites.site_id
    union all by name
    select
        site_buyers.source_name,
        'site_buyers' as record_kind,
        sites.country_code,
        site_buyers.as_of_date as record_date
    from staging.site_buyers as site_buyers
    left join matching.site_memberships as memberships on site_buyers.site_record_id = memberships.record_id
    left join marts.sites as sites on coalesce(memberships.site_id, site_buyers.site_record_id) = sites.site_id
    union all by name
    select
        findings.source_name,
        'findings' as record_kind,
        sites.country_code,
        audit_records.dated_start as record_date
    from staging.findings as findings
    left join marts.audit_event_records as audit_records on findings.audit_record_id = audit_records.record_id
    left join marts.sites as sites on audit_records.site_id = sites.site_id
    union all by name
    select
        audit_uses.source_name,
        'audit_uses' as record_kind,
        sites.country_code,
        audit_uses.relied_from_date as record_date
    from staging.audit_uses as audit_uses
    left join marts.audit_event_records as audit_records on audit_uses.audit_record_id = audit_records.record_id
    left join marts.sites as sites on audit_records.site_id = sites.site_id
    union all by name
    select
        complaints.source_name,
        'complaints' as record_kind,
        sites.country_code,
        complaints.complaint_month as record_date
    from marts.complaints_at_sites as complaints
    left join marts.sites as sites on complaints.site_id = sites.site_id

)

select
    delivered.source_name,
    delivered.record_kind,
    coalesce(delivered.country_code, 'none') as country_code,
    any_value(sources.source_kind) as source_kind,
    any_value(sources.source_title) as source_title,
    count(*) as record_count,
    date_trunc('month', min(delivered.record_date))::date as month_from,
    date_trunc('month', max(delivered.record_date))::date as month_to
from delivered
left join sources on delivered.source_name = sources.source_name
group by delivered.source_name, delivered.record_kind, delivered.country_code
