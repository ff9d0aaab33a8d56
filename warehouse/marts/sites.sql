with

visibilities as (

    select * from vocabulary.visibility

),

records as (

    select
        site_records.*,
        visibilities.rank as visibility_rank,
        -- Which record speaks first: of a site rather than an office, with no letter lost, the most open, with an
        -- address, the newest.
        if(site_records.site_level in ('site', 'building'), '0', '1')
        || if(coalesce(contains(site_records.site_name, '?'), false), '1', '0')
        || visibilities.rank::varchar
        || if(site_records.site_address is null, '1', '0')
        || (999999 - coalesce(site_records.as_of_date - date '1900-01-01', 0))::varchar
        || site_records.record_id as speaks_in_order
    from marts.site_records_at_sites as site_records
    left join visibilities on site_records.visibility = visibilities.code

),

-- Records that only a case brought in would give the case away, so they count only where nothing else is known.
most_open as (

    select
        site_id,
        min(visibility_rank) as visibility_rank
    from records
    group by site_id

),

described as (

    select
        records.site_id,
        arg_min(records.site_name, records.speaks_in_order) as site_name,
        arg_min(records.site_name_native, records.speaks_in_order) as site_name_native,
        arg_min(records.site_address, records.speaks_in_order) as site_address,
        arg_min(records.city_name, records.speaks_in_order) as city_name,
        arg_min(records.region_name, records.speaks_in_order) as region_name,
        arg_min(records.postal_code, records.speaks_in_order) as postal_code,
        arg_min(records.country_code, records.speaks_in_order) as country_code,
        arg_min(records.latitude, records.speaks_in_order) as latitude,
        arg_min(records.longitude, records.speaks_in_order) as longitude,
        arg_min(records.worker_count_min, records.speaks_in_order) as worker_count_min,
        arg_min(records.worker_count_max, records.speaks_in_order) as worker_count_max,
        bool_or(records.is_closed) as is_closed,
        count(*) as record_count,
        count(distinct records.source_name) as source_count,
        min(records.match_probability) as weakest_link_probability,
        max(records.visibility_rank) as visibility_rank
    from records
    inner join most_open on records.site_id = most_open.site_id
    where records.visibility <> 'restricted_case' or most_open.visibility_rank = records.visibility_rank
    group by records.site_id
    union all by name
    -- Known by a code alone: nothing can be said of it but what happened there.
    select
        undescribed_sites.site_id,
        0 as record_count,
        undescribed_sites.source_count,
        1.0 as weakest_link_probability,
        undescribed_sites.visibility_rank
    from intermediate.undescribed_sites as undescribed_sites

),

buyers as (

    select
        site_id,
        count(distinct lower(buyer_name)) as buyer_count
    from marts.site_buyers
    group by site_id

),

audits as (

    select
        site_id,
        count(*) as audit_count,
        count_if(is_avoidable)::bigint as avoidable_audit_count,
        max(visit_start) as last_visit_start
    from marts.audit_events
    where counts_as_audit
    group by site_id

),

-- Which records are the site waits for a person; pairs drawn at random only measure how often matching errs.
open_questions as (

    select site_id_left as site_id
    from marts.match_review_queue
    where not is_random
    union
    select site_id_right as site_id
    from marts.match_review_queue
    where not is_random

)

select
    described.site_id,
    described.site_name,
    described.site_name_native,
    described.site_address,
    described.city_name,
    described.region_name,
    described.postal_code,
    described.country_code,
    described.latitude,
    described.longitude,
    described.worker_count_min,
    described.worker_count_max,
    coalesce(described.is_closed, false) as is_closed,
    open_questions.site_id is not null as is_identity_open,
    described.record_count,
    described.source_count,
    coalesce(buyers.buyer_count, 0) as buyer_count,
    coalesce(audits.audit_count, 0) as audit_count,
    coalesce(audits.avoidable_audit_count, 0) as avoidable_audit_count,
    audits.last_visit_start,
    described.weakest_link_probability,
    visibilities.code as visibility
from described
left join buyers on described.site_id = buyers.site_id
left join audits on described.site_id = audits.site_id
left join open_questions on described.site_id = open_questions.site_id
left join visibilities on described.visibility_rank = visibilities.rank
