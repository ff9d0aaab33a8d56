with

sites as (

    select * from marts.sites

),

audit_events as (

    select * from marts.audit_events
    where counts_as_audit

),

event_records as (

    select * from marts.audit_event_records

),

review_queue as (

    select * from marts.match_review_queue

),

freshness as (

    select * from marts.source_freshness

),

burden as (

    select * from marts.site_year_burden

)

select
    'sites' as figure_name,
    count(*)::double as figure_value,
    'sites' as unit,
    'records matched to one site' as rests_on
from sites
where record_count > 0
union all by name
select
    'sites_audited' as figure_name,
    count(*)::double as figure_value,
    'sites' as unit,
    'sites with at least one audit that counts' as rests_on
from sites
where audit_count > 0 and record_count > 0
union all by name
select
    'audit_records' as figure_name,
    count(*)::double as figure_value,
    'records' as unit,
    'audits as delivered, done' as rests_on
from event_records
union all by name
select
    'audit_events' as figure_name,
    count(*)::double as figure_value,
    'audits' as unit,
    'delivered rows of one assessment taken together' as rests_on
from audit_events
union all by name
select
    'audits_avoided_by_sharing' as figure_name,
    coalesce(sum(avoided_count), 0)::double as figure_value,
    'audits' as unit,
    'organisations that relied on an audit beyond the first; never added to avoidable audits' as rests_on
from audit_events
union all by name
select
    'audits_avoidable' as figure_name,
    count_if(is_avoidable)::double as figure_value,
    'audits' as unit,
    'each counted once, through its most probable earlier audit' as rests_on
from audit_events
union all by name
select
    'audits_avoidable_now' as figure_name,
    count_if(avoidable_now)::double as figure_value,
    'audits' as unit,
    'avoidable, and the earlier report could have been shown' as rests_on
from audit_events
union all by name
select
    unnest(['avoidable_days_low', 'avoidable_days_central', 'avoidable_days_high']) as figure_name,
    unnest(
        [
            coalesce(sum(auditor_days_low), 0),
            coalesce(sum(auditor_days), 0),
            coalesce(sum(auditor_days_high), 0)
        ]
    )::double as figure_value,
    'auditor days' as unit,
    'days delivered, or else estimated by scheme, kind and workers' as rests_on
from audit_events
where is_avoidable
union all by name
select
    'visits_per_site_and_year' as figure_name,
    avg(visit_count)::double as figure_value,
    'visits' as unit,
    'years in which a site was visited at all' as rests_on
from burden
union all by name
select
    'pairs_to_review' as figure_name,
    count(*)::double as figure_value,
    'pairs of records' as unit,
    'pairs that matching leaves to a person' as rests_on
from review_queue
union all by name
select
    'stale_feeds' as figure_name,
    count_if(is_stale)::double as figure_value,
    'feeds' as unit,
    'overdue, refused or never delivered' as rests_on
from freshness
