-- One row per certificate of the site, whoever lists it, those in force first. is_by_grade: it ends by its level, which the
-- page does not tell.
select
    schemes.title as scheme_title,
    max(certificates.certificate_id_source) as certificate_id_source,
    max(certificates.certification_body) as certification_body,
    arg_min(states.title, states.code <> 'active') as status_title,
    certificates.issued_date,
    max(certificates.valid_to) as valid_to,
    bool_or(certificates.is_in_force) as is_in_force,
    coalesce(max(certificates.valid_to) < $day::date, false) as is_ended,
    max(certificates.valid_to) is null and bool_or(graded.scheme is not null) as is_by_grade
from marts.certificates_at_sites as certificates
inner join vocabulary.scheme as schemes on certificates.scheme = schemes.code
inner join vocabulary.certificate_status as states on certificates.certificate_status = states.code
left join graded on certificates.scheme = graded.scheme
where certificates.site_id = $site
group by schemes.title, certificates.issued_date
order by is_in_force desc, certificates.issued_date desc nulls last, schemes.title
