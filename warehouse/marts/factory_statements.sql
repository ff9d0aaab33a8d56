with

statements as (

    select * from staging.factory_statements

),

-- Our own id, in use or ended.
our_ids as (

    select
        site_id as stated_site_id,
        site_id
    from marts.sites
    union
    select
        alias_site_id as stated_site_id,
        site_id
    from matching.site_aliases
    where site_id is not null

),

-- An OS ID that stands at two sites names neither. Of several sources that give it, the most open speaks.
os_ids as (

    select
        upper(identifiers.id_value) as stated_os_id,
        any_value(identifiers.site_id) as site_id,
        min(visibilities.rank) as visibility_rank
    from marts.site_identifiers_at_sites as identifiers
    inner join vocabulary.visibility as visibilities on identifiers.visibility = visibilities.code
    where identifiers.id_scheme = 'os_id'
    group by upper(identifiers.id_value)
    having count(distinct identifiers.site_id) = 1

)

select
    if(
        our_ids.site_id <> os_ids.site_id, null, coalesce(our_ids.site_id, os_ids.site_id)
    ) as site_id,
    statements.record_id,
    statements.source_name,
    case
        when our_ids.site_id <> os_ids.site_id then null
        when our_ids.site_id = os_ids.site_id then 'both'
        when our_ids.site_id is not null then 'our_id'
        when os_ids.site_id is not null then 'os_id'
    end as site_found_by,
    statements.stated_site_id,
    statements.stated_os_id,
    statements.stated_date,
    statements.stated_about,
    statements.stated_text,
    statements.stated_visit_date,
    statements.scheme,
    visibilities.code as visibility
from statements
left join our_ids on statements.stated_site_id = our_ids.stated_site_id
left join os_ids on statements.stated_os_id = os_ids.stated_os_id
left join vocabulary.visibility as own on statements.visibility = own.code
left join vocabulary.visibility as visibilities
    on greatest(own.rank, os_ids.visibility_rank) = visibilities.rank
