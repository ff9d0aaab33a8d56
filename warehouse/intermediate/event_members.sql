with recursive

parameters as (

    select
        3 as visit_gap_days,   -- between two visits that are one
        3 as report_lead_days, -- a report dated before the visit ends
        45 as report_lag_days  -- a report or upload after it, or two of them apart

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
        dated_by in ('issued', 'uploaded') as is_report_date
    from intermediate.audit_records_at_sites

),

relays as (

    select distinct
        origins.family as family_from,
        relayed.family as family_to
    from reference.relays as relays
    inner join vocabulary.scheme as origins on relays.scheme_from = origins.code
    inner join vocabulary.scheme as relayed on relays.scheme_to = relayed.code
    where origins.family <> relayed.family

),

-- A relayed record takes on the identity of the original's scheme where an original lies close enough.
relayed as (

    select
        records.record_id,
        min(originals.event_identity) as event_identity
    from relays
    cross join parameters
    inner join records on relays.family_to = records.scheme_family
    inner join records as originals
        on records.site_id = originals.site_id and relays.family_from = originals.scheme_family
    where
        not originals.is_report_date
        and coalesce(records.audit_firm_normalised = originals.audit_firm_normalised, true)
        and case
            when records.is_report_date
                then
                    records.dated_start between originals.dated_end - parameters.report_lead_days
                    and originals.dated_end + parameters.report_lag_days
            else
                records.dated_start - originals.dated_end <= parameters.visit_gap_days
                and originals.dated_start - records.dated_end <= parameters.visit_gap_days
        end
    group by records.record_id

),

identified as (

    select
        records.* exclude (event_identity),
        coalesce(relayed.event_identity, records.event_identity) as event_identity,
        relayed.record_id is not null as is_relayed
    from records
    left join relayed on records.record_id = relayed.record_id

),

in_time as (

    select
        *,
        max(dated_end) over earlier as earlier_end,
        lag(is_report_date) over (partition by site_id, event_identity order by dated_start, record_id)
            as is_previous_report_date
    from identified
    window
        earlier as (
            partition by site_id, event_identity
            order by dated_start, record_id
            rows between unbounded preceding and 1 preceding
        )

)

select 1 as one from in_time
