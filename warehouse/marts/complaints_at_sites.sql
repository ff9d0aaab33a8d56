with

complaints as (

    select * from staging.complaints

),

site_memberships as (

    select * from matching.site_memberships

)

select
    coalesce(site_memberships.site_id, complaints.site_record_id) as site_id,
    complaints.record_id,
    complaints.complaint_month,
    complaints.topic,
    complaints.case_kind,
    complaints.case_status,
    complaints.initiative,
    complaints.source_name,
    coalesce(site_memberships.match_probability, 1.0) as match_probability,
    complaints.visibility
from complaints
left join site_memberships on complaints.site_record_id = site_memberships.record_id
