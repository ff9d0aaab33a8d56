-- One row per site and initiative that delivered a record of it.
select distinct
    records.site_id,
    records.source_name
from marts.site_records_at_sites as records
inner join marts.data_coverage as coverage on records.source_name = coverage.source_name
where list_contains($sites::varchar[], records.site_id) and coverage.source_kind = 'initiative'
