select
    source_name,
    source_kind,
    source_title,
    owner,
    schedule,
    visibility,
    unique_sites,
    terms
from landing.sources
