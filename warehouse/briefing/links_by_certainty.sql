select
    links.is_accepted,
    case
        when links.pair_decided_by = 'judgement' then 'judged'
        when links.veto is not null then 'vetoed'
        when links.match_probability >= 0.99 then 'from 99 %'
        when links.match_probability >= 0.95 then '95 to 99 %'
        when links.match_probability >= 0.8 then '80 to 95 %'
        when links.match_probability >= 0.5 then '50 to 80 %'
        else 'under 50 %'
    end as certainty_band,
    count(*) as link_count,
    sum(if(links.is_accepted, 1 - links.match_probability, links.match_probability)) as wrong_expected,
    sum(links.match_probability * (1 - links.match_probability)) as wrong_variance,
    min(links.match_probability) as probability_low
from marts.site_links as links
left join marts.sites as sites on links.site_id_left = sites.site_id
where $country::varchar is null or sites.country_code = $country
group by all
order by links.is_accepted desc, probability_low desc, certainty_band asc
