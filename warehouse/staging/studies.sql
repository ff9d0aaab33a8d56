with

loads as (

    select * from staging.loads

),

-- Only records of a source with several current loads can recur, and few do: they are found first, the rest passes.
recurring as (

    select
        studies.record_id,
        max(loads.load_rank) as latest_rank
    from landing.studies as studies
    inner join loads on studies.load_id = loads.load_id
    where loads.source_load_count > 1
    group by studies.record_id
    having count(*) > 1

)

select
    studies.record_id,
    studies.source_name,
    studies.load_id,
    studies.line_number,
    studies.visibility,
    studies.study_id_source,
    studies.study_title,
    studies.study_year,
    studies.publisher,
    studies.study_countries,
    studies.study_topics,
    studies.study_url,
    studies.initiative
from landing.studies as studies
inner join loads on studies.load_id = loads.load_id
left join recurring on studies.record_id = recurring.record_id
where recurring.record_id is null or loads.load_rank = recurring.latest_rank
