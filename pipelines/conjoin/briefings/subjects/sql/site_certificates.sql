-- One row per certificate of the site, the last to end first.
select
    scheme,
    scheme_version,
    certification_body,
    certificate_status,
    issued_date,
    valid_to,
    withdrawn_date,
    is_in_force,
    days_left,
    source_name
from marts.certificates_at_sites
where
    site_id = $site
    and not list_contains($closed::varchar[], visibility)
order by valid_to desc nulls last, scheme, source_name
