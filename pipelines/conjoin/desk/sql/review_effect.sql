-- One row: audits at either site, and how many of them fall into the validity of another orderer's at the other site.
select
    count(distinct one.event_id) filter (one.site_id = $site_left) as left_audit_count,
    count(distinct one.event_id) filter (one.site_id = $site_right) as right_audit_count,
    count(distinct one.event_id) filter (
        other.visit_start <= one.visit_start
        and one.visit_start <= other.valid_to
        and other.commissioner is distinct from one.commissioner
    ) as within_validity_count
from marts.audit_events as one
left join marts.audit_events as other
    on
        other.site_id in ($site_left, $site_right)
        and other.counts_as_audit
        and one.site_id <> other.site_id
where one.site_id in ($site_left, $site_right) and one.counts_as_audit
