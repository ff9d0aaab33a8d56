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
        ) as known_publisher
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
    'study:' || left(md5(concat_ws('|', normal_title, coalesce(known_year, 0), coalesce(known_publisher, ''))), 16)
        as study_id,
    record_id,
    place > 1 as is_duplicate,
    case
        when place = 1 then null
        when study_year is null or publisher is null then 'same_title'
        else 'same_title_year_publisher'
    end as duplicate_reason,
    normal_title,
    study_title,
    study_year,
    publisher,
    study_countries,
    study_topics,
    study_url,
    initiative,
    source_name,
    visibility
from ranked
