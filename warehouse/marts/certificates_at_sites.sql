with

certificates as (

    select * from staging.certificates

),

site_memberships as (

    select * from matching.site_memberships

),

build_date as (

    select * from intermediate.build_date

)

select
    coalesce(site_memberships.site_id, certificates.site_record_id) as site_id,
    certificates.record_id,
    certificates.source_name,
    certificates.scheme,
    certificates.scheme_version,
    certificates.certificate_id_source,
    certificates.certificate_status,
    certificates.certification_body,
    certificates.first_issued_date,
    certificates.issued_date,
    certificates.valid_to,
    certificates.withdrawn_date,
    certificates.grade_raw,
    certificates.valid_to - build_date.as_of_date as days_left,
    coalesce(
        certificates.certificate_status = 'active' and certificates.valid_to >= build_date.as_of_date, false
    ) as is_in_force,
    coalesce(site_memberships.match_probability, 1.0) as match_probability,
    certificates.visibility
from certificates
cross join build_date
left join site_memberships on certificates.site_record_id = site_memberships.record_id
