-- One row per site that has this identifier or name, in whatever case; rows of closed visibilities name none.
select distinct records.site_id
from marts.site_records_at_sites as records
where
    not list_contains($closed::varchar[], records.visibility)
    and lower(trim($asked)) in (lower(trim(records.site_name)), lower(trim(records.site_name_native)))
union
select distinct identifiers.site_id
from marts.site_identifiers_at_sites as identifiers
inner join vocabulary.id_scheme as schemes on identifiers.id_scheme = schemes.code
where
    not list_contains($closed::varchar[], identifiers.visibility)
    and schemes.level in ('site', 'building')
    and upper(identifiers.id_value) = upper(trim($asked))
order by 1
