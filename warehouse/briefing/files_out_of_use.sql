select
    any_value(sources.source_title) as source_title,
    loads.source_name,
    loads.feed,
    count(distinct loads.content_hash) as file_count,
    max(loads.delivered_at)::date as last_delivered_on
from staging.loads as loads
left join staging.sources as sources on loads.source_name = sources.source_name
where
    loads.load_status = 'landed'
    and not loads.is_current
    -- A file read again by a newer declaration still counts.
    and loads.content_hash not in (
        select used.content_hash
        from staging.loads as used
        where used.is_current
    )
group by loads.source_name, loads.feed
order by file_count desc, loads.source_name asc, loads.feed asc
