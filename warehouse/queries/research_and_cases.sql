select
    country_code,
    topic,
    study_count,
    found_event_count,
    complaint_count,
    study_titles[:1] as study_titles,
    visibility
from marts.research_context
where $country::varchar is null or country_code = $country
order by study_count desc, found_event_count desc, country_code asc, topic asc
