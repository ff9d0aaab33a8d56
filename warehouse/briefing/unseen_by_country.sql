select
    country_code,
    seen_audit_count,
    in_both_count,
    audits_lower_bound,
    audits_if_independent,
    audits_standard_error
from marts.unseen_audits
where
    country_code is not null
    and ($country::varchar is null or country_code = $country)
order by seen_audit_count desc, country_code asc
