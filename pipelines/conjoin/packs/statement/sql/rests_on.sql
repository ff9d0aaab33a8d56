-- One row per source with a row on the page.
with

seen as (

    select source_name from landing.site_records
    union
    select source_name from landing.audit_records
    union
    select source_name from landing.certificates
    union
    select source_name from landing.findings
    union
    select source_name from landing.factory_statements

)

select sources.source_title
from landing.sources as sources
inner join seen on sources.source_name = seen.source_name
order by sources.source_title
