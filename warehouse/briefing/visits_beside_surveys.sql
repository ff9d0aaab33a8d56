with

audits as (

    select
        country_code,
        site_id,
        year(visit_start) as year_of_visit
    from marts.audits_in_totals
    where
        visit_start is not null
        and ($country::varchar is null or country_code = $country)
        and ($from_date::date is null or visit_start >= $from_date)
        and ($to_date::date is null or visit_start <= $to_date)

),

years as (

    select max(audits.year_of_visit) - any_value(rules.recent_years) as first_shown
    from audits
    cross join intermediate.rule_parameters as rules

),

per_country as (

    select
        audits.country_code,
        count(*) / count(distinct concat(audits.site_id, ' ', audits.year_of_visit)) as audits_per_site_year,
        count(*) as audit_count
    from audits
    inner join years on audits.year_of_visit >= years.first_shown
    group by audits.country_code

)

select
    per_country.country_code,
    per_country.audit_count,
    per_country.audits_per_site_year,
    bands.audits_low as surveyed_low,
    bands.audits_high as surveyed_high,
    bands.year_from as surveyed_from,
    bands.year_to as surveyed_to
from per_country
inner join reference.survey_bands as bands on per_country.country_code = bands.country_code
order by per_country.audit_count desc, per_country.country_code asc
