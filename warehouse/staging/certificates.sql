with

loads as (

    select * from staging.loads

),

-- Only records of a source with several current loads can recur, and few do: they are found first, the rest passes.
recurring as (

    select
        certificates.record_id,
        max(loads.load_rank) as latest_rank
    from landing.certificates as certificates
    inner join loads on certificates.load_id = loads.load_id
    where loads.source_load_count > 1
    group by certificates.record_id
    having count(*) > 1

)

select
    certificates.record_id,
    certificates.source_name,
    certificates.load_id,
    certificates.line_number,
    certificates.visibility,
    certificates.site_record_id,
    certificates.certificate_id_source,
    certificates.scheme,
    certificates.scheme_version,
    certificates.certificate_status,
    certificates.certification_body,
    certificates.first_issued_date,
    certificates.issued_date,
    certificates.valid_to,
    certificates.withdrawn_date,
    certificates.grade_raw
from landing.certificates as certificates
inner join loads on certificates.load_id = loads.load_id
left join recurring on certificates.record_id = recurring.record_id
where recurring.record_id is null or loads.load_rank = recurring.latest_rank
