select
    spellings.audit_body,
    bodies.scheme,
    greatest(coalesce(bodies.accredited_from_date, date '0001-01-01'), spellings.in_force_from) as in_force_from,
    least(coalesce(bodies.accredited_to_date, date '9999-12-31'), spellings.in_force_to) as in_force_to
from reference.audit_bodies as bodies
inner join staging.party_names as spellings
    on
        bodies.firm_name = spellings.written_name
        and coalesce(bodies.accredited_from_date, date '0001-01-01') <= spellings.in_force_to
        and coalesce(bodies.accredited_to_date, date '9999-12-31') >= spellings.in_force_from
