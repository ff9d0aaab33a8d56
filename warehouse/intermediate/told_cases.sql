with

parameters as (

    select * from intermediate.rule_parameters

),

complaints as (

    select * from marts.complaints_at_sites

),

visibilities as (

    select * from vocabulary.visibility

)

select
    complaints.record_id,
    complaints.site_id,
    complaints.topic,
    complaints.complaint_month,
    date_trunc('quarter', complaints.complaint_month)::date as complaint_quarter,
    visibilities.rank as visibility_rank
from complaints
cross join parameters
cross join intermediate.build_date as build_date
inner join visibilities on complaints.visibility = visibilities.code
where
    date_trunc('quarter', complaints.complaint_month) + interval 3 month <= build_date.as_of_date
    and not coalesce(list_contains(parameters.unfounded_statuses, complaints.case_status), false)
