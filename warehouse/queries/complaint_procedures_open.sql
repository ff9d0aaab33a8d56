with

-- That a procedure is open may be told as openly as the most open way into it; of the others nothing is told.
most_open as (

    select
        ways.*,
        sites.site_name,
        sites.is_identity_open,
        sites.country_code
    from marts.complaint_procedures as ways
    inner join marts.sites as sites on ways.site_id = sites.site_id
    left join vocabulary.visibility as visibilities on ways.visibility = visibilities.code
    where $country::varchar is null or sites.country_code = $country
    qualify
        rank() over (
            partition by ways.site_id, ways.initiative, ways.procedure_name
            order by visibilities.rank
        ) = 1

)

select
    site_id,
    site_name,
    is_identity_open,
    country_code,
    initiative,
    procedure_name,
    list(opened_by order by opened_by) as opened_by_names,
    who_may_complain,
    visibility
from most_open
group by all
order by site_id, initiative, procedure_name
