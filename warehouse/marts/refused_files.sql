with

loads as (

    select * from staging.loads

),

-- A refusal stands until a later delivery of its feed and period is read, or the file is withdrawn.
newest as (

    select
        *,
        row_number() over (
            partition by source_name, feed, period order by ledger_line desc, load_id asc
        ) as place_from_last
    from loads

)

select
    load_id,
    source_name,
    feed,
    period,
    file_name,
    delivered_at,
    rows_read_count,
    refusal
from newest
where place_from_last = 1 and load_status = 'refused'
