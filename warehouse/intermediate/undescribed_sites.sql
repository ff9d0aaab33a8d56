with

visibilities as (

    select * from vocabulary.visibility

),

named as (

    select
        site_id,
        source_name,
        visibility
    from marts.audit_event_records
    union all by name
    select
        site_id,
        source_name,
        visibility
    from marts.certificates_at_sites
    union all by name
    select
        site_id,
        source_name,
        visibility
    from marts.complaints_at_sites
    union all by name
    select
        site_id,
        source_name,
        visibility
    from marts.site_buyers
    union all by name
    select
        site_id,
        source_name,
        visibility
    from marts.site_identifiers_at_sites
    union all by name
    select
        planned_facts.site_id,
        planned_facts.source_name,
        visibilities.code as visibility
    from intermediate.planned_facts as planned_facts
    left join visibilities on planned_facts.visibility_rank = visibilities.rank
    where planned_facts.done_event_id is null

),

ranked as (

    select
        named.site_id,
        named.source_name,
        visibilities.rank as visibility_rank,
        min(visibilities.rank) over (partition by named.site_id) as most_open_rank
    from named
    left join visibilities on named.visibility = visibilities.code
    anti join marts.site_records_at_sites as site_records on named.site_id = site_records.site_id

)

-- Whoever may see the most open of what names a site knows that there is one; only sources of it are counted.
select
    site_id,
    count(distinct source_name) as source_count,
    min(visibility_rank) as visibility_rank
from ranked
where visibility_rank = most_open_rank
group by site_id
