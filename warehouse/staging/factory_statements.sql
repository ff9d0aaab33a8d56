with

loads as (

    select * from staging.loads

),

-- Only records of a source with several current loads can recur, and few do: they are found first, the rest passes.
recurring as (

    select
        factory_statements.record_id,
        max(loads.load_rank) as latest_rank
    from landing.factory_statements as factory_statements
    inner join loads on factory_statements.load_id = loads.load_id
    where loads.source_load_count > 1
    group by factory_statements.record_id
    having count(*) > 1

)

select
    factory_statements.record_id,
    factory_statements.source_name,
    factory_statements.load_id,
    factory_statements.line_number,
    factory_statements.visibility,
    factory_statements.statement_id_source,
    upper(trim(factory_statements.stated_site_id)) as stated_site_id,
    upper(trim(factory_statements.stated_os_id)) as stated_os_id,
    factory_statements.stated_date,
    factory_statements.stated_about,
    factory_statements.stated_text,
    factory_statements.stated_visit_date,
    factory_statements.scheme
from landing.factory_statements as factory_statements
inner join loads on factory_statements.load_id = loads.load_id
left join recurring on factory_statements.record_id = recurring.record_id
where recurring.record_id is null or loads.load_rank = recurring.latest_rank
