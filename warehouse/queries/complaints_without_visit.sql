with

answered as (

    select distinct complaints.record_id
    from marts.complaints_at_sites as complaints
    cross join intermediate.rule_parameters as rules
    inner join marts.audit_events as events
        on
            complaints.site_id = events.site_id
            and events.counts_as_audit
            and complaints.complaint_month <= events.visit_start
            and last_day(complaints.complaint_month) + rules.unanswered_days::integer >= events.visit_start

)

select distinct
    complaints.site_id,
    sites.site_name,
    sites.is_identity_open,
    sites.country_code,
    complaints.complaint_month,
    complaints.topic,
    complaints.case_kind,
    complaints.case_status,
    complaints.visibility
from marts.complaints_at_sites as complaints
inner join marts.sites as sites on complaints.site_id = sites.site_id
left join answered on complaints.record_id = answered.record_id
where
    answered.record_id is null
    and ($country::varchar is null or sites.country_code = $country)
    and ($from_date::date is null or complaints.complaint_month >= $from_date)
    and ($to_date::date is null or complaints.complaint_month <= $to_date)
order by complaints.complaint_month, complaints.site_id, complaints.topic, complaints.case_kind
