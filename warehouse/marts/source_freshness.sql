with

parameters as (

    select * from intermediate.rule_parameters

),

build_date as (

    select * from intermediate.build_date

),

sources as (

    select
        *,
        string_split_regex(trim(schedule), '\s+') as cron
    from staging.sources

),

loads as (

    select * from staging.loads

),

-- How many days may pass between deliveries: the slowest field of the schedule that is set.
paces as (

    select
        source_name,
        case
            when schedule is null then null
            when cron[4] like '*/%' then 31 * try_cast(cron[4][3:] as integer)
            when cron[4] <> '*' then ceil(366 / len(string_split(cron[4], ',')))
            when cron[3] like '*/%' then try_cast(cron[3][3:] as integer)
            when cron[3] <> '*' then ceil(31 / len(string_split(cron[3], ',')))
            when cron[5] = '1-5' then 3
            when cron[5] <> '*' then ceil(7 / len(string_split(cron[5], ',')))
            else 1
        end as expected_every_days
    from sources

),

newest as (

    select
        source_name,
        feed,
        max(delivered_at) filter (where load_status = 'landed') as last_landed_at,
        arg_max(file_name, delivered_at) filter (where load_status = 'landed') as last_landed_file_name,
        max(delivered_at) filter (where load_status = 'refused') as last_refused_at,
        arg_max(refusal, delivered_at) filter (where load_status = 'refused') as last_refusal,
        coalesce(sum(rows_read_count) filter (where is_current), 0)::bigint as rows_read_count,
        coalesce(sum(rows_accepted_count) filter (where is_current), 0)::bigint as rows_accepted_count,
        coalesce(sum(rows_refused_count) filter (where is_current), 0)::bigint as rows_refused_count
    from loads
    group by source_name, feed

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
        coalesce(newest.rows_read_count, 0) as rows_read_count,
        coalesce(newest.rows_accepted_count, 0) as rows_accepted_count,
        coalesce(newest.rows_refused_count, 0) as rows_refused_count,
        case
            when newest.source_name is null then 'nothing has been delivered yet'
            when newest.last_landed_at is null then 'no file could be read: ' || newest.last_refusal
            when newest.last_refused_at > newest.last_landed_at
                then 'a later file was refused: ' || newest.last_refusal
            when days_since_landed > paces.expected_every_days + parameters.grace_days
                then 'overdue: a delivery is expected every ' || paces.expected_every_days::integer || ' days'
        end as stale_reason
    from sources
    cross join parameters
    cross join build_date
    left join paces on sources.source_name = paces.source_name
    left join newest on sources.source_name = newest.source_name

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
    -- A declaration that nobody has delivered to yet is no source in use, so nothing of it can be out of date.
    feed <> 'none' and stale_reason is not null as is_stale,
    stale_reason,
    rows_read_count,
    rows_accepted_count,
    rows_refused_count
from reasoned
