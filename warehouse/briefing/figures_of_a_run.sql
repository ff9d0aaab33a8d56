with

figures as (

    select
        1 as place,
        'site records delivered' as figure_name,
        count(*) as figure_value
    from marts.site_records_at_sites
    union all by name
    select
        2 as place,
        'sites behind them' as figure_name,
        count(*) as figure_value
    from marts.sites
    where record_count > 0
    union all by name
    select
        3 as place,
        'sites that several sources name' as figure_name,
        count(*) as figure_value
    from marts.sites
    where source_count > 1
    union all by name
    select
        4 as place,
        'audit events' as figure_name,
        count(*) as figure_value
    from marts.audit_events
    where counts_as_audit
    union all by name
    select
        5 as place,
        'sites audited for several parties while a result still held' as figure_name,
        count(distinct site_id) as figure_value
    from marts.overlapping_audits
    union all by name
    select
        6 as place,
        'audits that followed another at the same site' as figure_name,
        count(*) as figure_value
    from marts.repeat_audits
    union all by name
    select
        7 as place,
        'audits that could have been one visit less' as figure_name,
        count(*) as figure_value
    from marts.audit_events
    where is_avoidable
    union all by name
    select
        8 as place,
        'doubtful matches for a person' as figure_name,
        count(*) as figure_value
    from marts.match_review_queue

)

select
    figure_name,
    figure_value
from figures
order by place
