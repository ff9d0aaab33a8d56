-- One row per complaint procedure that is open to the site's workers.
select
    procedure_name,
    initiative,
    opened_through,
    who_may_complain,
    procedure_url,
    max(last_as_of_date) as last_as_of_date
from marts.complaint_procedures
where
    site_id = $site
    and not list_contains($closed::varchar[], visibility)
group by procedure_name, initiative, opened_through, who_may_complain, procedure_url
order by procedure_name, opened_through
