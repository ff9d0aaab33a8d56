with

parameters as (

    select * from intermediate.rule_parameters

),

records as (

    select
        record_id,
        site_id,
        event_identity,
        audit_firm_normalised,
        dated_start,
        dated_end,
        source_name,
        audit_id_source,
        -- The day that a relay gives is that of its report, whatever it calls it.
        date_kind in ('issued', 'uploaded') or relayed_scheme is not null as is_report_date,
        relayed_scheme is not null as is_relayed,
        worker_count_min,
        coalesce(worker_count_max, worker_count_min) as worker_count_max
    from intermediate.audit_records_at_sites
    -- What a newer file says again has no say of its own, nor has an upload whose visit is known by its day.
    where
        current_record_id is null
        and record_id not in (select uploads.record_id from intermediate.same_uploads as uploads)

),

in_time as (

    select
        *,
        max(dated_end) over earlier as earlier_end,
        dated_start - earlier_end as days_since_earlier,
        lead(dated_start) over by_day - greatest(earlier_end, dated_end) as days_to_later,
        -- A report may come long after its visit, but no visit long after its report: what follows is the next audit.
        is_report_date or is_relayed as is_late,
        lead(is_late) over by_day as is_later_late
    from records
    window
        by_day as (partition by site_id, event_identity order by dated_start, record_id),
        earlier as (
            partition by site_id, event_identity order by dated_start, record_id
            rows between unbounded preceding and 1 preceding
        )

),

-- Most records stand alone in time; only those with a neighbour go on.
neighbours as (

    select
        in_time.*,
        coalesce(
            in_time.days_since_earlier
            > if(
                in_time.is_late,
                parameters.report_lag_days,
                greatest(parameters.visit_gap_days, parameters.report_lead_days)
            ),
            true
        ) as is_first,
        coalesce(
            in_time.days_to_later
            > if(
                in_time.is_later_late,
                parameters.report_lag_days,
                greatest(parameters.visit_gap_days, parameters.report_lead_days)
            ),
            true
        ) as is_last
    from in_time
    cross join parameters

)

select
    site_id,
    event_identity,
    (
        count_if(is_first) over (
            partition by site_id, event_identity order by dated_start, record_id
            rows between unbounded preceding and current row
        )
    )::bigint as run_number,
    record_id,
    source_name,
    audit_id_source,
    audit_firm_normalised,
    dated_start,
    dated_end,
    is_report_date,
    is_relayed,
    worker_count_min,
    worker_count_max
from neighbours
where not (is_first and is_last)
