with

loads as (

    select * from staging.loads

),

-- Only records of a source with several current loads can recur, and few do: they are found first, the rest passes.
recurring as (

    select
        audit_uses.record_id,
        max(loads.load_rank) as latest_rank
    from landing.audit_uses as audit_uses
    inner join loads on audit_uses.load_id = loads.load_id
    where loads.source_load_count > 1
    group by audit_uses.record_id
    having count(*) > 1

)

select
    audit_uses.record_id,
    audit_uses.source_name,
    audit_uses.load_id,
    audit_uses.line_number,
    audit_uses.visibility,
    audit_uses.site_record_id,
    audit_uses.audit_record_id,
    party_names.party_name as organisation,
    audit_uses.reliance_kind,
    audit_uses.relied_from_date
from landing.audit_uses as audit_uses
inner join loads on audit_uses.load_id = loads.load_id
left join staging.party_names as party_names
    on
        audit_uses.organisation = party_names.written_name
        and coalesce(audit_uses.relied_from_date, date '9999-12-31')
        between party_names.in_force_from and party_names.in_force_to
left join recurring on audit_uses.record_id = recurring.record_id
where recurring.record_id is null or loads.load_rank = recurring.latest_rank
