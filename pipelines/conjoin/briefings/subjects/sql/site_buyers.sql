-- One row per buyer that names the site.
select
    buyer_name,
    string_agg(distinct source_name, ', ' order by source_name) as told_by,
    max(last_as_of_date) as last_as_of_date
from marts.site_buyers
where
    site_id = $site
    and not list_contains($closed::varchar[], visibility)
group by buyer_name
order by buyer_name
