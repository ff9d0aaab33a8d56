with recursive

parameters as (

    select * from intermediate.rule_parameters

),

candidates as (

    select
        site_id || ' ' || event_identity || ' ' || run_number as run_id,
        record_id,
        audit_firm_normalised,
        dated_start,
        dated_end,
        is_report_date,
        is_relayed,
        worker_count_min,
        worker_count_max
    from intermediate.event_candidates

),

-- Each round, the best-dated record left in a run becomes an event and takes in what lies close to it. What is taken in
-- never takes in more, so that visits three days apart do not chain into one.
rounds as (

    select
        *,
        record_id as event_id,
        dated_start as event_start,
        dated_end as event_end,
        is_report_date as is_event_report_date,
        audit_firm_normalised as event_firm,
        false as is_settled
    from candidates
    union all
    select
        left_over.run_id,
        left_over.record_id,
        left_over.audit_firm_normalised,
        left_over.dated_start,
        left_over.dated_end,
        left_over.is_report_date,
        left_over.is_relayed,
        left_over.worker_count_min,
        left_over.worker_count_max,
        left_over.best.record_id as event_id,
        left_over.best.dated_start as event_start,
        left_over.best.dated_end as event_end,
        left_over.best.is_report_date as is_event_report_date,
        left_over.firm as event_firm,
        coalesce(left_over.audit_firm_normalised = left_over.firm, true)
        -- Workers too far apart, whatever number of a band is the true one, need a firm or days of visit to agree on;
        -- what came through a relay names no firm.
        and (
            coalesce(left_over.audit_firm_normalised = left_over.firm, false)
            or left_over.is_relayed
            or (
                not left_over.is_report_date
                and not left_over.best.is_report_date
                and left_over.dated_start <= left_over.best.dated_end
                and left_over.best.dated_start <= left_over.dated_end
            )
            or coalesce(
                greatest(left_over.worker_count_min, left_over.best.worker_count_min)
                - least(left_over.worker_count_max, left_over.best.worker_count_max)
                <= parameters.worker_agree_share
                * greatest(left_over.worker_count_min, left_over.best.worker_count_min),
                true
            )
        )
        and case
            when left_over.best.is_report_date
                then abs(left_over.dated_start - left_over.best.dated_start) <= parameters.report_lag_days
            when left_over.is_report_date
                then
                    left_over.dated_start - left_over.best.dated_end <= parameters.report_lag_days
                    and left_over.best.dated_end - left_over.dated_start <= parameters.report_lead_days
            else
                left_over.dated_start - left_over.best.dated_end <= parameters.visit_gap_days
                and left_over.best.dated_start - left_over.dated_end <= parameters.visit_gap_days
        end as is_settled
    from (
        select
            *,
            first_value(
                {
                    'record_id': record_id,
                    'dated_start': dated_start,
                    'dated_end': dated_end,
                    'is_report_date': is_report_date,
                    'worker_count_min': worker_count_min,
                    'worker_count_max': worker_count_max
                }
            ) over best_first as best,
            first_value(audit_firm_normalised ignore nulls) over best_first as firm
        from rounds
        where not is_settled
        window
            best_first as (
                partition by run_id
                order by is_relayed, is_report_date, audit_firm_normalised is null, dated_start, record_id
                rows between unbounded preceding and unbounded following
            )
    ) as left_over
    cross join parameters

)

select
    record_id,
    event_id,
    case
        when record_id = event_id then 'best_dated'
        when is_relayed then 'relay'
        when is_report_date <> is_event_report_date then 'report_of_visit'
        when is_report_date then 'close_reports'
        else 'close_visits'
    end as rule_id,
    greatest(dated_start - event_end, event_start - dated_end, 0) as gap_days
from rounds
where is_settled
