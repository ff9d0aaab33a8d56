with

parameters as (

    select * from intermediate.rule_parameters

),

records as materialized (

    select
        record_id,
        site_id,
        scheme_family,
        event_identity,
        audit_firm_normalised,
        dated_start,
        dated_end,
        date_kind in ('issued', 'uploaded') as is_report_date
    from intermediate.audit_records_at_sites

),

relayed_families as (

    select distinct
        origins.family as family_from,
        relayed.family as family_to
    from reference.relays as relays
    inner join vocabulary.scheme as origins on relays.scheme_from = origins.code
    inner join vocabulary.scheme as relayed on relays.scheme_to = relayed.code
    where origins.family <> relayed.family

),

-- A relayed record takes on the identity of the original where one lies close enough.
relayed as (

    select
        records.record_id,
        min(originals.event_identity) as event_identity
    from relayed_families
    cross join parameters
    inner join records on relayed_families.family_to = records.scheme_family
    inner join records as originals
        on records.site_id = originals.site_id and relayed_families.family_from = originals.scheme_family
    where
        not originals.is_report_date
        and coalesce(records.audit_firm_normalised = originals.audit_firm_normalised, true)
        and originals.dated_start - records.dated_end <= parameters.visit_gap_days
        and records.dated_start - originals.dated_end <= if(
            records.is_report_date, parameters.report_lag_days, parameters.visit_gap_days
        )
    group by records.record_id

),

identified as (

    select
        records.record_id,
        records.site_id,
        coalesce(relayed.event_identity, records.event_identity) as event_identity,
        records.audit_firm_normalised,
        records.dated_start,
        records.dated_end,
        records.is_report_date,
        relayed.record_id is not null as is_relayed
    from records
    left join relayed on records.record_id = relayed.record_id

),

in_time as (

    select
        *,
        dated_start - max(dated_end) over earlier as days_since_earlier,
        coalesce(lag(is_report_date) over by_day, false) or is_report_date as is_report_before,
        lead(dated_start) over by_day - max(dated_end) over so_far as days_to_later,
        coalesce(lead(is_report_date) over by_day, false) or is_report_date as is_report_after
    from identified
    window
        by_day as (partition by site_id, event_identity order by dated_start, record_id),
        earlier as (
            partition by site_id, event_identity order by dated_start, record_id
            rows between unbounded preceding and 1 preceding
        ),
        so_far as (
            partition by site_id, event_identity order by dated_start, record_id
            rows between unbounded preceding and current row
        )

),

-- Most records stand alone in time; only those with a neighbour go on.
neighbours as (

    select
        in_time.*,
        coalesce(
            in_time.days_since_earlier > if(in_time.is_report_before, parameters.report_lag_days, parameters.visit_gap_days), true
        ) as is_first,
        coalesce(
            in_time.days_to_later > if(in_time.is_report_after, parameters.report_lag_days, parameters.visit_gap_days), true
        ) as is_last
    from in_time
    cross join parameters

)

select
    site_id,
    event_identity,
    -- The run of neighbours that a record is in, counted within site and identity.
    count_if(is_first) over (
        partition by site_id, event_identity order by dated_start, record_id
        rows between unbounded preceding and current row
    ) as run_number,
    record_id,
    audit_firm_normalised,
    dated_start,
    dated_end,
    is_report_date,
    is_relayed
from neighbours
where not (is_first and is_last)
