with recursive

parameters as (

    select * from intermediate.rule_parameters

),

candidates as (

    select
        site_id || ' ' || event_identity || ' ' || run_number as run_id,
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
        judged.run_id,
        judged.record_id,
        judged.source_name,
        judged.audit_id_source,
        judged.audit_firm_normalised,
        judged.dated_start,
        judged.dated_end,
        judged.is_report_date,
        judged.is_relayed,
        judged.worker_count_min,
        judged.worker_count_max,
        judged.best.record_id as event_id,
        judged.best.dated_start as event_start,
        judged.best.dated_end as event_end,
        judged.best.is_report_date as is_event_report_date,
        judged.firm as event_firm,
        judged.is_close
        -- Inside one source, two own ids are two audits unless their visit days overlap: the nearest is of this event.
        and (
            judged.audit_id_source is null
            or judged.audit_id_source = judged.nearest.audit_id_source
            or (
                not judged.is_report_date
                and not judged.nearest.is_report_date
                and judged.dated_start <= judged.nearest.dated_end
                and judged.nearest.dated_start <= judged.dated_end
            )
        ) as is_settled
    from (
        select
            near.*,
            first_value(
                {
                    'audit_id_source': near.audit_id_source,
                    'dated_start': near.dated_start,
                    'dated_end': near.dated_end,
                    'is_report_date': near.is_report_date
                }
            ) over (
                partition by near.run_id, near.source_name, near.is_close and near.audit_id_source is not null
                order by
                    near.record_id <> near.best.record_id,
                    greatest(near.dated_start - near.best.dated_end, near.best.dated_start - near.dated_end, 0),
                    near.dated_start, near.record_id
                rows between unbounded preceding and unbounded following
            ) as nearest
        from (
            select
                left_over.*,
                -- One letter apart, at one site in these days, two names of a firm are one that was typed wrongly.
                coalesce(
                    left_over.audit_firm_normalised = left_over.firm
                    or (
                        least(length(left_over.audit_firm_normalised), length(left_over.firm))
                        >= parameters.typed_name_length
                        and damerau_levenshtein(left_over.audit_firm_normalised, left_over.firm) = 1
                    ),
                    true
                )
                -- Workers too far apart, whatever number of a band is the true one, need a firm or days to agree on;
                -- what came through a relay names no firm.
                and (
                    coalesce(left_over.audit_firm_normalised = left_over.firm, false)
                    or left_over.is_relayed
                    or (
                        left_over.is_report_date = left_over.best.is_report_date
                        and left_over.dated_start <= left_over.best.dated_end
                        and left_over.best.dated_start <= left_over.dated_end
                    )
                    or coalesce(
                        greatest(
                            left_over.worker_count_min - left_over.best.worker_count_max,
                            left_over.best.worker_count_min - left_over.worker_count_max
                        )
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
                end as is_close
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
        ) as near
    ) as judged

),

settled as (

    select * from rounds
    where is_settled

),

-- A visit without a firm fits more than one event: it goes to the nearest, the same day before a near one, whichever
-- of them was found first.
nearest as (

    select
        strays.record_id,
        arg_min(
            { 'event_id': events.event_id, 'event_start': events.dated_start, 'event_end': events.dated_end },
            {
                'gap_days': greatest(strays.dated_start - events.dated_end, events.dated_start - strays.dated_end, 0),
                'is_other': events.event_id <> strays.event_id,
                'event_start': events.dated_start,
                'event_id': events.event_id
            }
        ) as best
    from settled as strays
    cross join parameters
    inner join settled as events
        on
            strays.run_id = events.run_id
            and events.record_id = events.event_id
            and not events.is_report_date
            and strays.dated_start - events.dated_end <= parameters.visit_gap_days
            and events.dated_start - strays.dated_end <= parameters.visit_gap_days
    where
        strays.audit_firm_normalised is null
        and not strays.is_report_date
        and strays.record_id <> strays.event_id
    group by strays.record_id

)

select
    settled.record_id,
    coalesce(nearest.best.event_id, settled.event_id) as event_id,
    case
        when settled.record_id = settled.event_id then 'best_dated'
        when settled.is_relayed then 'relay'
        when settled.is_report_date <> settled.is_event_report_date then 'report_of_visit'
        when settled.is_report_date then 'close_reports'
        else 'close_visits'
    end as rule_id,
    greatest(
        settled.dated_start - coalesce(nearest.best.event_end, settled.event_end),
        coalesce(nearest.best.event_start, settled.event_start) - settled.dated_end,
        0
    ) as gap_days
from settled
left join nearest on settled.record_id = nearest.record_id
