with

parameters as (

    select * from intermediate.rule_parameters

),

visibilities as (

    select * from vocabulary.visibility

),

-- In which country a site lies is told by its records, and is seen by those who may see them.
sites as (

    select
        sites.site_id,
        sites.country_code,
        visibilities.rank as visibility_rank
    from marts.sites as sites
    left join visibilities on sites.visibility = visibilities.code

),

study_topics as (

    select
        research.study_title,
        research.study_year,
        visibilities.rank as visibility_rank,
        unnest(coalesce(research.study_countries, ['none'])) as country_code,
        coalesce(research.study_topics, ['none']) as topics
    from marts.research as research
    left join visibilities on research.visibility = visibilities.code

),

spoken_of as (

    select
        * exclude (topics),
        unnest(topics) as topic
    from study_topics

),

studies as (

    select
        spoken_of.country_code,
        spoken_of.topic,
        count(*) as study_count,
        list(
            spoken_of.study_title order by spoken_of.study_year desc nulls last, spoken_of.study_title asc
        ) as study_titles,
        max(spoken_of.visibility_rank) as visibility_rank
    from spoken_of
    group by spoken_of.country_code, spoken_of.topic

),

-- Too few sites with cases are left out before anything else is known of them.
cases as (

    select
        coalesce(sites.country_code, 'none') as country_code,
        coalesce(cases.topic, 'none') as topic,
        count(*) as complaint_count,
        max(greatest(cases.visibility_rank, sites.visibility_rank)) as visibility_rank
    from intermediate.told_cases as cases
    cross join parameters
    inner join sites on cases.site_id = sites.site_id
    group by coalesce(sites.country_code, 'none'), coalesce(cases.topic, 'none')
    having count(distinct cases.site_id) >= any_value(parameters.smallest_cell)

),

found as (

    select
        coalesce(sites.country_code, 'none') as country_code,
        found_topics.topic,
        count(*) as found_event_count,
        count(distinct found_topics.site_id) as found_site_count,
        max(greatest(visibilities.rank, sites.visibility_rank)) as visibility_rank
    from marts.found_topics as found_topics
    inner join sites on found_topics.site_id = sites.site_id
    left join visibilities on found_topics.visibility = visibilities.code
    group by coalesce(sites.country_code, 'none'), found_topics.topic

),

together as (

    select
        coalesce(studies.country_code, found.country_code, cases.country_code) as country_code,
        coalesce(studies.topic, found.topic, cases.topic) as topic,
        coalesce(studies.study_count, 0) as study_count,
        studies.study_titles,
        cases.complaint_count,
        coalesce(found.found_event_count, 0) as found_event_count,
        coalesce(found.found_site_count, 0) as found_site_count,
        greatest(studies.visibility_rank, found.visibility_rank, cases.visibility_rank) as visibility_rank
    from studies
    full outer join found on studies.country_code = found.country_code and studies.topic = found.topic
    full outer join cases
        on
            coalesce(studies.country_code, found.country_code) = cases.country_code
            and coalesce(studies.topic, found.topic) = cases.topic

)

select
    together.country_code,
    together.topic,
    together.study_count,
    together.study_titles,
    together.complaint_count,
    together.found_event_count,
    together.found_site_count,
    together.found_site_count between 1 and parameters.smallest_cell - 1 as is_small_cell,
    visibilities.code as visibility
from together
cross join parameters
left join visibilities on together.visibility_rank = visibilities.rank
