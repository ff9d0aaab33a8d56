-- One row per thing that the factory says; ours: the audit shown here that lies nearest to the day that it names.
with

near as (

    select
        statements.record_id,
        arg_min(
            { 'visit_start': shown.visit_start, 'scheme_title': shown.scheme_title },
            { 'days': abs(shown.visit_start - statements.stated_visit_date), 'event_id': shown.event_id }
        ) as audit
    from marts.factory_statements as statements
    cross join intermediate.rule_parameters as rules
    inner join shown_audits as shown on abs(shown.visit_start - statements.stated_visit_date) <= rules.report_lag_days
    where statements.site_id = $site
    group by statements.record_id

)

select
    statements.stated_about,
    subjects.title as subject_title,
    statements.stated_date,
    statements.stated_text,
    statements.stated_visit_date,
    schemes.title as scheme_title,
    near.audit.visit_start as near_visit_start,
    near.audit.scheme_title as near_scheme_title
from marts.factory_statements as statements
inner join vocabulary.stated_about as subjects on statements.stated_about = subjects.code
left join vocabulary.scheme as schemes on statements.scheme = schemes.code
left join near on statements.record_id = near.record_id
where statements.site_id = $site and statements.stated_date <= $day
order by statements.stated_date desc, statements.record_id
