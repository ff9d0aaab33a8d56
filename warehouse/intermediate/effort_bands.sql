with

effort_days as (

    -- Where an old table of days stands beside a new one, the new one is in force.
    select * from reference.effort_days
    where scheme_version is distinct from 'old'

),

schemes as (

    select * from vocabulary.scheme

),

audit_kinds as (

    select * from vocabulary.audit_kind

),

-- Which scheme's table serves a kind of audit: its own, or else that of any other scheme.
tables_in_use as (

    select
        schemes.code as scheme,
        audit_kinds.code as audit_kind,
        coalesce(max(effort_days.scheme), 'other') as table_scheme
    from schemes
    cross join audit_kinds
    left join effort_days on schemes.code = effort_days.scheme and audit_kinds.code = effort_days.audit_kind
    group by schemes.code, audit_kinds.code

),

bands as (

    select
        tables_in_use.scheme,
        tables_in_use.audit_kind,
        effort_days.worker_count_min,
        coalesce(effort_days.worker_count_max, 1000000000) as worker_count_max,
        effort_days.auditor_days_low,
        effort_days.auditor_days_central,
        effort_days.auditor_days_high
    from tables_in_use
    inner join effort_days
        on tables_in_use.table_scheme = effort_days.scheme and tables_in_use.audit_kind = effort_days.audit_kind

)

select
    scheme,
    audit_kind,
    worker_count_min,
    worker_count_max,
    auditor_days_low,
    auditor_days_central,
    auditor_days_high
from bands
union all by name
-- Workers unknown: any band may be the right one.
select
    scheme,
    audit_kind,
    0 as worker_count_min,
    0 as worker_count_max,
    min(auditor_days_low) as auditor_days_low,
    median(auditor_days_central) as auditor_days_central,
    max(auditor_days_high) as auditor_days_high
from bands
group by scheme, audit_kind
