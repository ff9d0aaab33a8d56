with

findings as (

    select * from landing.findings

),

loads as (

    select * from staging.loads

),

-- Only few records recur in a later period, so they are found first and the rest passes untouched.
recurring as (

    select
        findings.record_id,
        max(loads.load_rank) as latest_rank
    from findings
    inner join loads on findings.load_id = loads.load_id
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
    findings.closed_date
from findings
inner join loads on findings.load_id = loads.load_id
left join recurring on findings.record_id = recurring.record_id
where recurring.record_id is null or loads.load_rank = recurring.latest_rank
