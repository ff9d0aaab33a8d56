-- One row per announced visit to come that may be told, by month. covered_until: an audit shown here would do for whoever
-- planned it, by its policy, as long as this; one that holds by its grade is said to do for nobody.
select
    planned.record_id,
    planned.visit_month,
    schemes.title as scheme_title,
    if(
        planned.accepted_event_count > 0 and planned.is_policy_known and not shown.is_by_grade, covering.title, null
    ) as covering_title,
    if(
        planned.accepted_event_count > 0 and planned.is_policy_known and not shown.is_by_grade,
        planned.covering_valid_to,
        null
    ) as covered_until
from marts.planned_overlaps as planned
inner join vocabulary.scheme as schemes on planned.scheme = schemes.code
left join vocabulary.scheme as covering on planned.covering_scheme = covering.code
left join shown_audits as shown on planned.covering_event_id = shown.event_id
where planned.site_id = $site
order by planned.visit_month, schemes.title, planned.record_id
