with

parameters as (

    select * from intermediate.rule_parameters

),

build_date as (

    select * from intermediate.build_date

),

audit_records as (

    select * from staging.audit_records
    where audit_status = 'planned'

),

site_memberships as (

    select * from matching.site_memberships

),

events as (

    select * from marts.audit_event_records
    where counts_as_audit

),

schemes as (

    select * from vocabulary.scheme

),

audit_kinds as (

    select * from vocabulary.audit_kind

),

-- A brand's log stands for the brand, under the name that others write.
sources as (

    select
        sources.source_name,
        if(sources.source_kind = 'brand', lower(coalesce(owners.party_name, sources.source_name)), null) as log_owner
    from staging.sources as sources
    left join staging.party_names as owners
        on sources.source_name = owners.written_name and owners.in_force_to = date '9999-12-31'

),

planned as (

    select
        audit_records.*,
        schemes.family,
        coalesce(site_memberships.site_id, audit_records.site_record_id) as site_id,
        coalesce(site_memberships.match_probability, 1.0) as match_probability,
        site_memberships.site_units,
        audit_kinds.is_full,
        coalesce(
            lower(trim(audit_records.commissioner)),
            if(audit_records.commissioner_type = 'facility', 'the facility itself', null),
            if(list_contains(parameters.schemes_of_one_party, audit_records.scheme), sources.log_owner, null),
            'unknown'
        ) as party,
        case
            when party <> 'unknown' then string_split(regexp_replace(party, ' *; *', ';', 'g'), ';')
        end as parties,
        if(
            list_contains(parameters.schemes_of_one_party, audit_records.scheme),
            schemes.family || ' of ' || coalesce(nullif(party, 'unknown'), sources.log_owner, 'unknown'),
            schemes.family
        ) as programme,
        array_to_string(list_sort(audit_records.topics_in_scope), ' ') as named_scope
    from audit_records
    cross join build_date
    cross join parameters
    left join sources on audit_records.source_name = sources.source_name
    left join audit_kinds on audit_records.audit_kind = audit_kinds.code
    left join schemes on audit_records.scheme = schemes.code
    left join site_memberships on audit_records.site_record_id = site_memberships.record_id
    where audit_records.visit_start >= build_date.as_of_date

),

-- A planned visit has become a done one under its source's own id, or when the same orderer and scheme, of whatever
-- extent (SMETA 2 or 4 pillars), were there within a month.
became as (

    select
        planned.record_id,
        events.event_id,
        events.visibility_rank
    from planned
    inner join events
        on planned.source_name = events.source_name and planned.audit_id_source = events.audit_id_source
    union
    select
        planned.record_id,
        events.event_id,
        events.visibility_rank
    from planned
    cross join parameters
    inner join events
        on
            planned.site_id = events.site_id
            -- A plan of several has taken place once it was there for all of them; a whole audit, by no part of one.
            and list_has_all(
                string_split(regexp_replace(lower(trim(events.commissioner)), ' *; *', ';', 'g'), ';'), planned.parties
            )
            and abs(planned.visit_start - events.dated_start) <= parameters.planned_done_days
    inner join schemes on events.scheme = schemes.code and planned.family = schemes.family
    inner join audit_kinds on events.audit_kind = audit_kinds.code and (audit_kinds.is_full or not planned.is_full)

),

done as (

    select
        record_id,
        min(event_id) as event_id,
        -- Any of several is enough to see that it is done.
        min(visibility_rank) as visibility_rank
    from became
    group by record_id

)

select
    planned.record_id,
    planned.site_id,
    planned.match_probability,
    planned.source_name,
    planned.scheme,
    planned.commissioner,
    planned.party,
    planned.visit_start,
    date_trunc('month', planned.visit_start)::date as visit_month,
    audit_kinds.is_full,
    audit_kinds.is_whole,
    planned.audit_kind,
    planned.topics_in_scope is not null as is_scope_named,
    planned.programme,
    planned.audit_body as firm,
    planned.visit_end,
    planned.parties,
    planned.parties is not null as is_party_known,
    (md5_number_lower(planned.record_id) >> 1)::bigint as planned_number,
    planned.site_units,
    planned.worker_count_min,
    coalesce(planned.worker_count_max, planned.worker_count_min) as worker_count_max,
    scopes.law_topics,
    scopes.standard_topics,
    scopes.above_topics,
    done.event_id as done_event_id,
    greatest(visibilities.rank, done.visibility_rank) as visibility_rank
from planned
left join done on planned.record_id = done.record_id
left join audit_kinds on planned.audit_kind = audit_kinds.code
-- A visit planned after a complaint gives the complaint away: those who work on cases see it, unless it is published.
left join vocabulary.visibility as visibilities
    on
        if(
            planned.audit_kind = 'complaint' and planned.visibility <> 'public', 'restricted_case', planned.visibility
        ) = visibilities.code
left join intermediate.scopes as scopes
    on planned.scheme = scopes.scheme and coalesce(planned.named_scope, 'all') = scopes.scope
