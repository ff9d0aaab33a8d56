-- One row per topic of findings at shown audits: how many are in which state, and nothing else of them.
select
    topics.title as topic_title,
    count(*) filter (findings.finding_status in ('open', 'in_progress')) as open_count,
    count(*) filter (findings.finding_status = 'closed') as closed_count,
    count(*) filter (findings.finding_status is null) as untold_count
from marts.findings_at_events as findings
inner join vocabulary.topic as topics on findings.topic = topics.code
where findings.site_id = $site
group by topics.title
order by topics.title
