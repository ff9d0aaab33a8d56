-- One row per source, with its title and kind.
select
    source_name,
    any_value(source_title) as source_title,
    any_value(source_kind) as source_kind
from marts.data_coverage
group by source_name
