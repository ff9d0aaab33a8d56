select
    any_value(coverage.source_title) as source_title,
    coverage.source_name,
    coverage.source_kind,
    coverage.record_kind,
    sum(coverage.record_count)::bigint as record_count,
    min(coverage.month_from) as month_from,
    max(coverage.month_to) as month_to
from marts.data_coverage as coverage
where
    coverage.record_kind <> 'complaints'
    and ($country::varchar is null or coverage.country_code = $country)
group by coverage.source_name, coverage.source_kind, coverage.record_kind
order by coverage.source_kind, coverage.source_name, coverage.record_kind
