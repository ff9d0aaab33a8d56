-- One row per topic and state of findings at the site.
select
    topic,
    severity_band,
    finding_status,
    count(*) as finding_count,
    count(distinct event_id) as audit_count,
    min(correction_due_date) as next_due_date
from marts.findings_at_events
where
    site_id = $site
    and not list_contains($closed::varchar[], visibility)
group by topic, severity_band, finding_status
order by topic, severity_band, finding_status
