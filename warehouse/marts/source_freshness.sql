with

build_date as (

    select * from intermediate.build_date

),

sources as (

    select * from staging.sources

),

feeds as (

    select * from staging.feeds

),

loads as (

    select * from staging.loads

),

newest as (

    select
        source_name,
        feed,
        arg_max(delivered_at, ledger_line) filter (where load_status = 'landed') as last_landed_at,
        arg_max(file_name, ledger_line) filter (where load_status = 'landed') as last_landed_file_name,
        coalesce(sum(rows_read_count) filter (where is_current), 0)::bigint as rows_read_count,
        coalesce(sum(rows_accepted_count) filter (where is_current), 0)::bigint as rows_accepted_count,
        coalesce(sum(rows_refused_count) filter (where is_current), 0)::bigint as rows_refused_count
    from loads
    group by source_name, feed

),

refused as (

    select
        files.source_name,
        files.feed,
        count(*) as refused_file_count,
        min(files.delivered_at) as refused_since,
        arg_max(files.file_name, loads.ledger_line) as last_refused_file_name,
        arg_max(files.refusal, loads.ledger_line) as last_refusal
    from marts.refused_files as files
    inner join loads on files.load_id = loads.load_id
    group by files.source_name, files.feed

),

reasoned as (

    select
        sources.source_name,
        coalesce(newest.feed, 'none') as feed,
        sources.source_kind,
        sources.source_title,
        sources.schedule,
        newest.last_landed_at,
        newest.last_landed_file_name,
        build_date.as_of_date - newest.last_landed_at::date as days_since_landed,
        feeds.newest_period,
        feeds.expected_period,
        feeds.due_date,
        coalesce(feeds.is_late, false) as is_late,
        coalesce(refused.refused_file_count, 0) as refused_file_count,
        refused.refused_since,
        refused.last_refused_file_name,
        coalesce(newest.rows_read_count, 0) as rows_read_count,
        coalesce(newest.rows_accepted_count, 0) as rows_accepted_count,
        coalesce(newest.rows_refused_count, 0) as rows_refused_count,
        case
            when newest.source_name is null then 'nothing has been delivered yet'
            when newest.last_landed_at is null then 'no file could be read: ' || refused.last_refusal
            when refused.refused_file_count > 0
                then
                    'refused since ' || strftime(refused.refused_since, '%Y-%m-%d') || ': ' || refused.last_refusal
            when feeds.is_late and feeds.newest_period < feeds.expected_period
                then
                    'late: ' || feeds.expected_period || ' was due by ' || feeds.due_date || ', the newest is '
                    || feeds.newest_period
            when feeds.is_late then 'late: a delivery was due by ' || feeds.due_date
        end as stale_reason
    from sources
    cross join build_date
    left join newest on sources.source_name = newest.source_name
    left join feeds on newest.source_name = feeds.source_name and newest.feed = feeds.feed
    left join refused on newest.source_name = refused.source_name and newest.feed = refused.feed

)

select
    source_name,
    feed,
    source_kind,
    source_title,
    schedule,
    last_landed_at,
    last_landed_file_name,
    days_since_landed,
    newest_period,
    expected_period,
    due_date,
    is_late,
    refused_file_count,
    refused_since,
    last_refused_file_name,
    -- A declaration that nobody has delivered to yet is no source in use, so nothing of it can be out of date.
    feed <> 'none' and stale_reason is not null as is_stale,
    stale_reason,
    rows_read_count,
    rows_accepted_count,
    rows_refused_count
from reasoned
