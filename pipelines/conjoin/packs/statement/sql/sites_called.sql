-- One row per site that has this identifier or name, in whatever case.
select distinct records.site_id
from marts.site_records_at_sites as records
where
    lower(trim(records.site_name)) = lower(trim($asked)) or lower(trim(records.site_name_native)) = lower(trim($asked))
union
select distinct identifiers.site_id
from marts.site_identifiers_at_sites as identifiers
inner join vocabulary.id_scheme as schemes on identifiers.id_scheme = schemes.code
where schemes.level in ('site', 'building') and upper(identifiers.id_value) = upper(trim($asked))
order by 1
