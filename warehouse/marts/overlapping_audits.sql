with

audit_pairs as (

    select * from marts.audit_pairs
    where is_other_commissioner and is_within_validity

),

audit_events as (

    select * from marts.audit_events

)

select
    audit_pairs.event_id_a,
    audit_pairs.event_id_b,
    audit_pairs.site_id,
    audit_pairs.gap_days,
    earlier.commissioner as commissioner_a,
    later.commissioner as commissioner_b,
    earlier.scheme as scheme_a,
    later.scheme as scheme_b,
    earlier.visit_start as visit_start_a,
    later.visit_start as visit_start_b,
    earlier.valid_to as valid_to_a,
    audit_pairs.pair_class,
    audit_pairs.reason,
    audit_pairs.pair_probability,
    audit_pairs.visibility
from audit_pairs
inner join audit_events as earlier on audit_pairs.event_id_a = earlier.event_id
inner join audit_events as later on audit_pairs.event_id_b = later.event_id
