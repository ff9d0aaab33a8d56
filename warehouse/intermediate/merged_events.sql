with

parameters as (

    select * from intermediate.rule_parameters

),

grade_ranks as (

    select * from intermediate.grade_ranks

),

others as (

    select distinct event_id
    from marts.audit_event_records
    where not is_best_dated

),

notices as (

    select * from vocabulary.notice

),

severity_bands as (

    select * from vocabulary.severity_band

),

uses as (

    select
        event_id,
        count(distinct lower(organisation)) as use_count
    from marts.audit_uses
    group by event_id

),

-- What several records say together: of kind, validity and topics the scheme's word before that of a brand's log; of
-- notice the least strict, of severity the worst, of topics all, of what has no rank the first by alphabet or in time.
-- Events of one record, the most, need no merging.
merged as (

    select
        records.event_id,
        count(*) as record_count,
        len(list_distinct(list(records.source_name))) as source_count,
        -- The days of several visits, where they differ.
        min(records.dated_start) filter (records.date_kind = 'visit')
        <> max(records.dated_start) filter (records.date_kind = 'visit') as is_start_conflict,
        min(records.dated_end) filter (records.date_kind = 'visit')
        <> max(records.dated_end) filter (records.date_kind = 'visit') as is_end_conflict,
        arg_min(
            { 'audit_kind': records.audit_kind, 'counts_as_audit': records.counts_as_audit },
            (records.is_log, not records.is_best_dated, records.dated_start, records.record_id)
        ) as kind,
        coalesce(
            max(records.worker_count_min) - min(coalesce(records.worker_count_max, records.worker_count_min))
            > any_value(parameters.worker_agree_share) * max(records.worker_count_min),
            false
        ) as is_worker_conflict,
        min(records.match_probability)
        * if(is_worker_conflict, any_value(parameters.worker_conflict_probability), 1) as event_probability,
        max(records.visibility_rank) as visibility_rank,
        min(records.commissioner) as commissioner,
        arg_min(records.commissioner_type, records.commissioner) as commissioner_type,
        string_agg(distinct records.commissioner, ';' order by records.commissioner) as commissioners,
        min(records.audit_firm) as audit_firm,
        min(records.audit_body) as audit_body,
        arg_min(records.notice, notices.rank) as notice,
        max(records.auditor_party) as auditor_party,
        max(records.auditor_days) as auditor_days,
        min(records.issued_date) as issued_date,
        min(records.uploaded_date) as uploaded_date,
        coalesce(
            min(records.valid_from) filter (not records.is_log), min(records.valid_from)
        ) as valid_from,
        max(records.valid_to) filter (not records.is_log) as valid_to,
        max(records.valid_to) filter (records.is_log) as logged_valid_to,
        -- A grade of the scheme itself before the word that a brand's log has for it.
        arg_min(
            records.grade_raw, (grade_ranks.grade is null, records.is_log, not records.is_best_dated, records.grade_raw)
        ) filter (records.grade_raw is not null) as grade_raw,
        arg_max(records.severity_band, severity_bands.rank) as severity_band,
        list_sort(
            list_distinct(
                flatten(
                    coalesce(
                        list(records.topics_in_scope) filter (
                            where records.topics_in_scope is not null and not records.is_log
                        ),
                        list(records.topics_in_scope) filter (where records.topics_in_scope is not null)
                    )
                )
            )
        ) as topics_in_scope,
        min(records.worker_count_min) as worker_count_min,
        max(records.worker_count_max) as worker_count_max,
        bool_or(records.is_report_shareable) as is_report_shareable,
        min(records.initiative) as initiative,
        min(records.scheme_version) as scheme_version,
        list_sort(
            list_distinct(flatten(list(records.site_units) filter (where records.site_units is not null)))
        ) as site_units,
        nullif(
            concat_ws(
                ', ',
                if(is_start_conflict, 'visit_start', null),
                if(is_end_conflict, 'visit_end', null),
                if(min(records.audit_kind) <> max(records.audit_kind), 'audit_kind', null),
                if(min(records.audit_body) <> max(records.audit_body), 'audit_firm', null),
                if(min(records.notice) <> max(records.notice), 'notice', null),
                if(min(records.severity_band) <> max(records.severity_band), 'severity_band', null),
                if(min(records.grade_raw) <> max(records.grade_raw), 'grade_raw', null),
                if(min(records.auditor_days) <> max(records.auditor_days), 'auditor_days', null),
                if(is_worker_conflict, 'worker_count_min', null)
            ),
            ''
        ) as conflicting_columns
    from marts.audit_event_records as records
    inner join others on records.event_id = others.event_id
    left join notices on records.notice = notices.code
    left join severity_bands on records.severity_band = severity_bands.code
    left join grade_ranks on lower(records.grade_raw) = grade_ranks.grade
    cross join parameters
    group by records.event_id

)

select
    records.event_id,
    records.site_id,
    coalesce(records.relayed_scheme, records.scheme) as scheme,
    coalesce(records.scheme_version, merged.scheme_version) as scheme_version,
    coalesce(merged.kind.audit_kind, records.audit_kind) as audit_kind,
    coalesce(merged.kind.counts_as_audit, records.counts_as_audit) as counts_as_audit,
    coalesce(records.commissioner, merged.commissioner) as commissioner,
    coalesce(records.commissioner_type, merged.commissioner_type) as commissioner_type,
    -- One record may name several orderers, and several records of one audit may each name another.
    case
        when contains(coalesce(merged.commissioners, records.commissioner), ';')
            then string_split(
                regexp_replace(lower(trim(coalesce(merged.commissioners, records.commissioner))), ' *; *', ';', 'g'),
                ';'
            )
    end as joint_parties,
    lower(trim(coalesce(records.commissioner, merged.commissioner, records.organisation))) as programme_owner,
    coalesce(records.auditor_party, merged.auditor_party) as auditor_party,
    coalesce(records.audit_firm, merged.audit_firm) as audit_firm,
    coalesce(records.audit_body, merged.audit_body) as audit_body,
    coalesce(merged.notice, records.notice) as notice,
    records.dated_start as visit_start,
    records.dated_end as visit_end,
    records.date_kind,
    coalesce(records.issued_date, merged.issued_date) as issued_date,
    coalesce(records.uploaded_date, merged.uploaded_date) as uploaded_date,
    if(merged.event_id is null, records.valid_from, merged.valid_from) as valid_from,
    case
        when merged.event_id is not null then merged.valid_to
        when not records.is_log then records.valid_to
    end as valid_to,
    -- The day that a brand's log gives is when the brand wants to be back; the scheme's word goes before it.
    case
        when merged.event_id is not null then merged.logged_valid_to
        when records.is_log then records.valid_to
    end as logged_valid_to,
    coalesce(merged.grade_raw, records.grade_raw) as grade_raw,
    coalesce(merged.severity_band, records.severity_band) as severity_band,
    coalesce(records.auditor_days, merged.auditor_days) as auditor_days,
    coalesce(merged.topics_in_scope, records.topics_in_scope) as topics_in_scope,
    coalesce(merged.site_units, records.site_units) as site_units,
    coalesce(records.worker_count_min, merged.worker_count_min) as worker_count_min,
    coalesce(records.worker_count_max, merged.worker_count_max) as worker_count_max,
    coalesce(records.is_report_shareable, merged.is_report_shareable) as is_report_shareable,
    coalesce(records.initiative, merged.initiative) as initiative,
    coalesce(merged.record_count, 1) as record_count,
    coalesce(merged.source_count, 1) as source_count,
    coalesce(uses.use_count, 0) as use_count,
    coalesce(merged.event_probability, records.match_probability) as event_probability,
    merged.conflicting_columns,
    coalesce(merged.visibility_rank, records.visibility_rank) as visibility_rank
from marts.audit_event_records as records
left join merged on records.event_id = merged.event_id
left join uses on records.event_id = uses.event_id
where records.is_best_dated
