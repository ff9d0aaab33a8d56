with

rules as (

    select
        scheme,
        audit_kind,
        coalesce(lower(grade), 'any') as grade,
        starts_from,
        months_central as validity_months,
        coalesce(valid_from_date, date '0001-01-01') as in_force_from,
        coalesce(valid_to_date, date '9999-12-31') as in_force_to,
        coalesce(source like '%assumed, to verify%', false) as is_assumed
    from reference.scheme_validity
    -- A rule for one version of a scheme speaks of certificates, whose visits are not audits of their own.
    where scheme_version is null and audit_kind <> 'certificate'

)

select
    scheme,
    audit_kind,
    grade,
    starts_from,
    validity_months,
    in_force_from,
    in_force_to,
    is_assumed
from rules
union all by name
-- Where validity hangs on a grade that nobody delivered, it is taken to be the shortest there is.
select
    scheme,
    audit_kind,
    'unknown' as grade,
    starts_from,
    min(validity_months) as validity_months,
    in_force_from,
    in_force_to,
    true as is_assumed
from rules
where grade <> 'any' and validity_months > 0
group by scheme, audit_kind, starts_from, in_force_from, in_force_to
