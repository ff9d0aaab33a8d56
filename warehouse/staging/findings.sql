with

loads as (

    select * from staging.loads

),

-- Only records of a source with several current loads can recur, and few do: they are found first, the rest passes.
recurring as (

    select
        findings.record_id,
        max(loads.load_rank) as latest_rank
    from landing.findings as findings
    inner join loads on findings.load_id = loads.load_id
    where loads.source_load_count > 1
    group by findings.record_id
    having count(*) > 1

)

select
    findings.record_id,
    findings.source_name,
    findings.load_id,
    findings.line_number,
    findings.visibility,
    findings.site_record_id,
    findings.audit_record_id,
    findings.finding_id_source,
    findings.topic,
    findings.clause,
    findings.finding_kind,
    findings.severity_band,
    findings.finding_status,
    findings.correction_due_date,
    findings.closed_date
from landing.findings as findings
inner join loads on findings.load_id = loads.load_id
left join recurring on findings.record_id = recurring.record_id
where recurring.record_id is null or loads.load_rank = recurring.latest_rank
