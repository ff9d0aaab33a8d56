with

parameters as (

    select * from intermediate.rule_parameters

),

build_date as (

    select * from intermediate.build_date

),

procedures as (

    select known.*
    from reference.complaint_procedures as known
    cross join build_date
    where
        coalesce(known.valid_from_date::date <= build_date.as_of_date, true)
        and coalesce(known.valid_to_date::date >= build_date.as_of_date, true)

),

visibilities as (

    select * from vocabulary.visibility

),

members as (

    select
        affiliations.initiative,
        lower(trim(affiliations.company_name)) as party,
        any_value(trim(affiliations.company_name) order by visibilities.rank, affiliations.record_id) as company_name,
        min(visibilities.rank) as visibility_rank
    from marts.affiliations as affiliations
    cross join build_date
    left join visibilities on affiliations.visibility = visibilities.code
    where
        coalesce(affiliations.affiliated_from <= build_date.as_of_date, true)
        and coalesce(affiliations.affiliated_to >= build_date.as_of_date, true)
    group by affiliations.initiative, lower(trim(affiliations.company_name))

),

-- A list of suppliers holds for a while after its last day; one without a day is taken as it stands.
buyers as (

    select
        site_buyers.*,
        lower(trim(site_buyers.buyer_name)) as party,
        visibilities.rank as visibility_rank
    from marts.site_buyers as site_buyers
    cross join build_date
    cross join parameters
    left join visibilities on site_buyers.visibility = visibilities.code
    where
        coalesce(site_buyers.first_as_of_date <= build_date.as_of_date, true)
        and coalesce(
            site_buyers.last_as_of_date + to_months(parameters.buyer_list_months) >= build_date.as_of_date, true
        )

),

openings as (

    select
        buyers.site_id,
        procedures.initiative,
        procedures.procedure_name,
        members.company_name as opened_by,
        buyers.last_as_of_date,
        buyers.match_probability,
        greatest(buyers.visibility_rank, members.visibility_rank) as visibility_rank
    from procedures
    inner join members on procedures.initiative = members.initiative
    inner join buyers on members.party = buyers.party
    where procedures.opened_through = 'member_buyer'
    union all by name
    select
        buyers.site_id,
        procedures.initiative,
        procedures.procedure_name,
        buyers.buyer_name as opened_by,
        buyers.last_as_of_date,
        buyers.match_probability,
        buyers.visibility_rank
    from procedures
    inner join buyers on procedures.initiative = buyers.source_name
    where procedures.opened_through = 'disclosure'
    union all by name
    select
        certificates.site_id,
        procedures.initiative,
        procedures.procedure_name,
        coalesce(certificates.certification_body, 'unknown') as opened_by,
        null as last_as_of_date,
        certificates.match_probability,
        visibilities.rank as visibility_rank
    from procedures
    inner join marts.certificates_at_sites as certificates on procedures.scheme = certificates.scheme
    left join visibilities on certificates.visibility = visibilities.code
    where procedures.opened_through = 'certificate' and certificates.is_in_force
    union all by name
    select
        sites.site_id,
        procedures.initiative,
        procedures.procedure_name,
        'anyone' as opened_by,
        null as last_as_of_date,
        1.0 as match_probability,
        visibilities.rank as visibility_rank
    from procedures
    cross join marts.sites as sites
    left join visibilities on sites.visibility = visibilities.code
    where procedures.opened_through = 'anyone'

),

-- One way told by several sources is told by the most open of them, and of these by the newest.
ways as (

    select *
    from openings
    qualify row_number() over (
        partition by site_id, initiative, procedure_name, opened_by
        order by visibility_rank asc, last_as_of_date desc nulls last, match_probability desc
    ) = 1

)

select
    ways.site_id,
    ways.initiative,
    ways.procedure_name,
    procedures.opened_through,
    ways.opened_by,
    procedures.who_may_complain,
    ways.last_as_of_date,
    ways.match_probability,
    procedures.procedure_url,
    visibilities.code as visibility
from ways
inner join procedures on ways.initiative = procedures.initiative and ways.procedure_name = procedures.procedure_name
left join visibilities on ways.visibility_rank = visibilities.rank
