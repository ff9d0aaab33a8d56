with

records as (

    select
        record_id,
        site_id,
        event_identity,
        source_name,
        audit_id_source,
        audit_firm_normalised,
        date_kind,
        dated_start,
        uploaded_date,
        lower(trim(grade_raw)) as grade
    from intermediate.audit_records_at_sites
    where current_record_id is null and uploaded_date is not null

)

-- One scheme's platform takes up one report of a site on one day: an upload without a visit is that of the visit with
-- the same upload day and grade. Of several such visits, the latest.
select
    upload.record_id,
    arg_max(visit.record_id, { 'dated_start': visit.dated_start, 'record_id': visit.record_id }) as visit_record_id
from records as upload
inner join records as visit
    on
        upload.site_id = visit.site_id
        and upload.event_identity = visit.event_identity
        and upload.uploaded_date = visit.uploaded_date
        and upload.grade is not distinct from visit.grade
        and coalesce(upload.audit_firm_normalised = visit.audit_firm_normalised, true)
        -- Inside one source, two own ids are two audits.
        and coalesce(
            upload.source_name <> visit.source_name or upload.audit_id_source = visit.audit_id_source, true
        )
where upload.date_kind = 'uploaded' and visit.date_kind = 'visit'
group by upload.record_id
