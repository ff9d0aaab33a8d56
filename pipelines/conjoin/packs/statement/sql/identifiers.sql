-- One row per identifier of the place, the OS ID first.
select distinct
    schemes.title as scheme_title,
    identifiers.id_value,
    schemes.code <> 'os_id' as is_other
from marts.site_identifiers_at_sites as identifiers
inner join vocabulary.id_scheme as schemes on identifiers.id_scheme = schemes.code
where identifiers.site_id = $site and schemes.level = 'site'
order by is_other, scheme_title, identifiers.id_value
limit 4
