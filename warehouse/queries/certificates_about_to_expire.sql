select
    certificates.site_id,
    sites.site_name,
    sites.is_identity_open,
    sites.country_code,
    certificates.scheme,
    certificates.certification_body,
    certificates.valid_to,
    certificates.days_left,
    count(planned.record_id) as planned_visit_count,
    min(planned.visit_month) as next_visit_month
from marts.certificates_at_sites as certificates
cross join intermediate.rule_parameters as rules
inner join marts.sites as sites on certificates.site_id = sites.site_id
left join marts.planned_overlaps as planned on certificates.site_id = planned.site_id
where
    certificates.is_in_force
    and certificates.days_left <= rules.expiry_days
    and ($country::varchar is null or sites.country_code = $country)
    and ($from_date::date is null or certificates.valid_to >= $from_date)
    and ($to_date::date is null or certificates.valid_to <= $to_date)
group by all
order by certificates.valid_to, certificates.site_id, certificates.scheme
