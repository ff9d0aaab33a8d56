-- One row per source, with what it delivered.
select
    any_value(source_title) as source_title,
    source_kind,
    sum(record_count) filter (record_kind = 'audit_records') as audit_record_count,
    sum(record_count) filter (record_kind = 'site_records') as site_record_count,
    min(month_from) as month_from,
    max(month_to) as month_to
from marts.data_coverage
where record_kind <> 'complaints'
group by source_name, source_kind
order by source_kind, source_title
