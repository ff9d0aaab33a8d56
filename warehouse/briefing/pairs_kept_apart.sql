select
    regexp_replace(links.veto, ':.*$', '') as veto_kind,
    count(*) as link_count,
    count_if(links.match_probability >= 0.95) as near_twin_count,
    max(links.match_probability) as probability_high
from marts.site_links as links
left join marts.sites as sites on links.site_id_left = sites.site_id
where
    links.veto is not null
    and not links.is_accepted
    and ($country::varchar is null or sites.country_code = $country)
group by veto_kind
order by link_count desc, veto_kind asc
