-- One row per source, with its title.
select
    source_name,
    any_value(source_title) as source_title
from marts.data_coverage
group by source_name
