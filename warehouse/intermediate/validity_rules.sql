with

told as (

    select
        scheme,
        coalesce(scheme_version::varchar, 'any') as scheme_version,
        audit_kind,
        coalesce(lower(grade), 'any') as grade,
        starts_from,
        months_central as validity_months,
        coalesce(valid_from_date, date '0001-01-01') as in_force_from,
        coalesce(valid_to_date, date '9999-12-31') as in_force_to,
        coalesce(is_assumed, false) as is_assumed
    from reference.scheme_validity

),

-- A full audit of a kind that the table does not name holds as long as the scheme's other full audits, or else as its
-- certificate.
stand_ins as (

    select
        told.scheme,
        audit_kinds.code as audit_kind,
        arg_min(
            told.audit_kind,
            list_position(['periodic_full', 'initial_full', 'verification', 'certificate'], told.audit_kind)
        ) as table_kind
    from told
    cross join vocabulary.audit_kind as audit_kinds
    where
        audit_kinds.is_full
        and not exists (
            select 1 as one
            from told as own
            where told.scheme = own.scheme and own.audit_kind = audit_kinds.code
        )
    group by told.scheme, audit_kinds.code

),

rules as (

    select * from told
    where audit_kind <> 'certificate'
    union all by name
    select told.* replace (stand_ins.audit_kind as audit_kind)
    from stand_ins
    inner join told on stand_ins.scheme = told.scheme and stand_ins.table_kind = told.audit_kind

)

select
    scheme,
    scheme_version,
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
    scheme_version,
    audit_kind,
    'unknown' as grade,
    starts_from,
    min(validity_months) as validity_months,
    in_force_from,
    in_force_to,
    true as is_assumed
from rules
where grade <> 'any' and validity_months > 0
group by scheme, scheme_version, audit_kind, starts_from, in_force_from, in_force_to
