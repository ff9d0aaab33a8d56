with

parameters as (

    select * from intermediate.rule_parameters

),

relays as (

    select * from reference.relays
    where scheme <> target_scheme

),

records as (

    select
        audit_records.record_id,
        coalesce(memberships.site_id, audit_records.site_record_id) as site_id,
        audit_records.scheme,
        audit_records.audit_firm,
        coalesce(audit_records.visit_end, audit_records.issued_date, audit_records.uploaded_date) as dated_end,
        audit_records.visit_start is null as is_report,
        visibilities.rank as visibility_rank
    from staging.audit_records as audit_records
    left join vocabulary.visibility as visibilities on audit_records.visibility = visibilities.code
    left join matching.site_memberships as memberships on audit_records.site_record_id = memberships.record_id
    where
        audit_records.audit_status = 'done'
        and (
            audit_records.scheme in (select relays.scheme from relays)
            or audit_records.scheme in (select relays.target_scheme from relays)
        )

),

-- Whoever passes the visit on, its firm says whose it was.
by_firm as (

    select
        records.record_id,
        records.site_id,
        records.dated_end,
        min(relays.target_scheme) as relayed_scheme,
        any_value(records.visibility_rank) as visibility_rank
    from records
    inner join relays
        on records.scheme = relays.scheme and contains(lower(records.audit_firm), lower(relays.audit_firm_has))
    group by records.record_id, records.site_id, records.dated_end

),

visits as (

    select
        site_id,
        scheme,
        dated_end,
        visibility_rank
    from records
    where scheme in (select relays.target_scheme from relays)
    union
    select
        site_id,
        relayed_scheme as scheme,
        dated_end,
        visibility_rank
    from by_firm

)

select
    record_id,
    relayed_scheme,
    visibility_rank
from by_firm
union all by name
-- A report without a firm, within the days of a report after such a visit, is one of it.
select
    records.record_id,
    min(relays.target_scheme) as relayed_scheme,
    -- Whose visit it is, is seen by those who may see all visits near it.
    max(visits.visibility_rank) as visibility_rank
from records
cross join parameters
inner join relays on records.scheme = relays.scheme
inner join visits
    on
        records.site_id = visits.site_id
        and relays.target_scheme = visits.scheme
        and records.dated_end - visits.dated_end <= parameters.report_lag_days
        and visits.dated_end - records.dated_end <= parameters.report_lead_days
where records.audit_firm is null and records.is_report
group by records.record_id
