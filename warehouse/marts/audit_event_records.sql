with

parameters as (

    select * from intermediate.rule_parameters

),

in_time as (

    select
        audit_records.*,
        coalesce(
            audit_records.dated_start - max(audit_records.dated_end) over earlier > parameters.report_lag_days, false
        ) as is_first
    from intermediate.audit_records_at_sites as audit_records
    cross join parameters
    window
        earlier as (
            partition by audit_records.site_id, audit_records.event_identity
            order by audit_records.dated_start, audit_records.record_id
            rows between unbounded preceding and 1 preceding
        )

),

chained as (

    select
        *,
        count_if(is_first) over (
            partition by site_id, event_identity order by dated_start, record_id
            rows between unbounded preceding and current row
        ) as run_number
    from in_time

),

-- Which rows are one audit is decided among those of one identity that follow each other within the days of a report.
records as (

    select
        *,
        max(visibility_rank) over (partition by site_id, event_identity, run_number) as judged_visibility_rank
    from chained

),

event_members as (

    select * from marts.event_members

),

same_uploads as (

    select * from intermediate.same_uploads

),

members as (

    select
        records.*,
        coalesce(
            event_members.event_id, same_uploads.visit_record_id, records.current_record_id, records.record_id
        ) as event_id,
        coalesce(event_members.event_id, same_uploads.visit_record_id, records.record_id) = records.record_id
        and records.current_record_id is null as is_best_dated,
        case
            when records.current_record_id is not null then 'redelivery'
            when same_uploads.record_id is not null then 'same_upload'
            else coalesce(event_members.rule_id, 'alone')
        end as rule_id,
        coalesce(event_members.gap_days, 0) as gap_days
    from records
    left join same_uploads on coalesce(records.current_record_id, records.record_id) = same_uploads.record_id
    left join event_members
        on
            coalesce(same_uploads.visit_record_id, records.current_record_id, records.record_id)
            = event_members.record_id

),

-- That a row is one audit with others tells of them: it is seen by those who may see all.
seen as (

    select
        event_id,
        max(judged_visibility_rank) as visibility_rank
    from members
    group by event_id

)

select
    members.event_id,
    members.record_id,
    members.site_id,
    members.is_best_dated,
    members.rule_id,
    members.gap_days,
    members.match_probability,
    members.site_units,
    members.source_name,
    members.is_log,
    members.load_id,
    members.audit_id_source,
    members.scheme,
    members.relayed_scheme,
    members.scheme_version,
    members.audit_kind,
    members.counts_as_audit,
    members.auditor_party,
    members.commissioner,
    members.commissioner_type,
    members.organisation,
    members.audit_firm,
    members.audit_body,
    members.notice,
    members.dated_start,
    members.dated_end,
    members.date_kind,
    members.issued_date,
    members.uploaded_date,
    members.valid_from,
    members.valid_to,
    members.grade_raw,
    members.severity_band,
    members.auditor_days,
    members.topics_in_scope,
    members.worker_count_min,
    members.worker_count_max,
    members.is_report_shareable,
    members.initiative,
    visibilities.rank as visibility_rank,
    visibilities.code as visibility
from members
inner join seen on members.event_id = seen.event_id
left join vocabulary.visibility as visibilities on seen.visibility_rank = visibilities.rank
