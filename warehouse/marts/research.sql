with

records as (

    select * from marts.study_records

),

visibilities as (

    select * from vocabulary.visibility

),

-- The row that speaks comes first; what it leaves out is taken from the next that has it.
studies as (

    select
        records.study_id,
        first(records.study_title order by records.is_duplicate, records.record_id) as study_title,
        first(records.study_year order by records.is_duplicate, records.record_id)
        filter (records.study_year is not null) as study_year,
        first(records.publisher order by records.is_duplicate, records.record_id)
        filter (records.publisher is not null) as publisher,
        list_sort(list_distinct(flatten(list(records.study_countries)))) as study_countries,
        list_sort(list_distinct(flatten(list(records.study_topics)))) as study_topics,
        first(records.study_url order by records.is_duplicate, records.record_id)
        filter (records.study_url is not null) as study_url,
        list_sort(list_distinct(list(records.initiative))) as initiatives,
        count(*) as record_count,
        count_if(records.is_duplicate)::bigint as duplicate_count,
        max(visibilities.rank) as visibility_rank
    from records
    left join visibilities on records.visibility = visibilities.code
    group by records.study_id

)

select
    studies.study_id,
    studies.study_title,
    studies.study_year,
    studies.publisher,
    if(len(studies.study_countries) > 0, studies.study_countries, null) as study_countries,
    if(len(studies.study_topics) > 0, studies.study_topics, null) as study_topics,
    studies.study_url,
    if(len(studies.initiatives) > 0, studies.initiatives, null) as initiatives,
    studies.record_count,
    studies.duplicate_count,
    visibilities.code as visibility
from studies
left join visibilities on studies.visibility_rank = visibilities.rank
