-- One row per announced visit to come that may be told, by month. covered_until: an audit shown here would do for whoever
-- planned it, by its policy, as long as this.
select
    planned.record_id,
    planned.visit_month,
    schemes.title as scheme_title,
    if(planned.accepted_event_count > 0 and planned.is_policy_known, covering.title, null) as covering_title,
    if(planned.accepted_event_count > 0 and planned.is_policy_known, planned.covering_valid_to, null) as covered_until
from marts.planned_overlaps as planned
inner join vocabulary.scheme as schemes on planned.scheme = schemes.code
left join vocabulary.scheme as covering on planned.covering_scheme = covering.code
where planned.site_id = $site
order by planned.visit_month, schemes.title, planned.record_id
