-- One row: audits at either site, and how many of them fall into the validity of another orderer's at the other site.
with

audits as materialized (

    select
        event_id,
        site_id,
        visit_start,
        valid_to,
        commissioner
    from marts.audit_events
    where (site_id = $site_left or site_id = $site_right) and counts_as_audit

)

select
    count(distinct one.event_id) filter (one.site_id = $site_left) as left_audit_count,
    count(distinct one.event_id) filter (one.site_id = $site_right) as right_audit_count,
    count(distinct one.event_id) filter (
        other.visit_start <= one.visit_start
        and one.visit_start <= other.valid_to
        and other.commissioner is distinct from one.commissioner
    ) as within_validity_count
from audits as one
left join audits as other on one.site_id <> other.site_id
