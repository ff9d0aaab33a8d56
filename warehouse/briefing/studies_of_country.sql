select
    study_id,
    study_title,
    study_year,
    publisher,
    study_countries,
    study_topics
from marts.research
where $country::varchar is null or list_contains(study_countries, $country)
order by study_year desc nulls last, study_title asc, study_id asc
