select distinct
    event_id,
    organisation,
    source_name,
    case
        when organisation = commissioner then 'commissioned'
        else 'relied_on'
    end as use_kind,
    site_id,
    visibility
from marts.audit_event_records
where organisation is not null
