with

parameters as (

    select * from intermediate.rule_parameters

),

studies as (

    select * from staging.studies

),

visibilities as (

    select * from vocabulary.visibility

),

-- What is left of a title or a publisher once the ways of writing it are taken off.
normal_texts as (

    select
        texts.written,
        coalesce(
            nullif(
                regexp_replace(
                    regexp_replace(
                        regexp_replace(
                            translate(strip_accents(lower(replace(texts.written, '&', ' and '))), 'ıøđł', 'iodl'),
                            '[^\p{L}\p{N}]+', ' ', 'g'
                        ),
                        '\b(' || array_to_string(parameters.title_small_words, '|') || ')\b', ' ', 'g'
                    ),
                    ' +', '', 'g'
                ),
                ''
            ),
            lower(trim(texts.written))
        ) as normal
    from (
        select study_title as written from studies
        union
        select publisher as written from studies
    ) as texts
    cross join parameters
    where texts.written is not null

),

normalised as (

    select
        studies.*,
        titles.normal as normal_title,
        publishers.normal as normal_publisher,
        visibilities.rank as visibility_rank
    from studies
    inner join normal_texts as titles on studies.study_title = titles.written
    left join normal_texts as publishers on studies.publisher = publishers.written
    left join visibilities on studies.visibility = visibilities.code

),

-- What a row leaves out is taken from the others of its title, where these agree.
completed as (

    select
        *,
        coalesce(
            study_year,
            if(min(study_year) over title = max(study_year) over title, min(study_year) over title, null)
        ) as known_year,
        coalesce(
            normal_publisher,
            if(
                min(normal_publisher) over title = max(normal_publisher) over title,
                min(normal_publisher) over title,
                null
            )
        ) as known_publisher,
        -- Which study a row without year or publisher is, every row of its title has a say in.
        if(
            study_year is null or publisher is null, max(visibility_rank) over title, visibility_rank
        ) as told_visibility_rank
    from normalised
    window title as (partition by normal_title)

),

ranked as (

    select
        *,
        row_number() over (
            partition by normal_title, known_year, known_publisher
            order by
                visibility_rank asc,
                study_year is null asc,
                publisher is null asc,
                length(study_title) desc,
                record_id asc
        ) as place
    from completed

)

select
    'study:' || left(
        md5(concat_ws('|', ranked.normal_title, coalesce(ranked.known_year, 0), coalesce(ranked.known_publisher, ''))),
        16
    ) as study_id,
    ranked.record_id,
    ranked.place > 1 as is_duplicate,
    case
        when ranked.place = 1 then null
        when ranked.study_year is null or ranked.publisher is null then 'same_title'
        else 'same_title_year_publisher'
    end as duplicate_reason,
    ranked.normal_title,
    ranked.study_title,
    ranked.study_year,
    ranked.publisher,
    ranked.study_countries,
    ranked.study_topics,
    ranked.study_url,
    ranked.initiative,
    ranked.source_name,
    visibilities.code as visibility
from ranked
left join visibilities on ranked.told_visibility_rank = visibilities.rank
