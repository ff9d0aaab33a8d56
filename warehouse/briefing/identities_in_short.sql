with

questions as (

    select count(*) as question_count
    from marts.match_review_queue
    where $country::varchar is null or country_code = $country

)

select
    count(sites.site_id) as site_count,
    coalesce(sum(sites.record_count), 0)::bigint as record_count,
    count(*) filter (where sites.record_count > 1) as joined_site_count,
    count(*) filter (where sites.is_identity_open) as open_site_count,
    any_value(questions.question_count) as question_count
from questions
left join marts.sites as sites on $country::varchar is null or sites.country_code = $country
