select
    coalesce(nullif(role, ''), 'not told') as reviewer_role,
    count(*) as judgement_count,
    count(distinct reviewer) as reviewer_count,
    count_if(judgement = 'POSITIVE') as same_count,
    count_if(judgement in ('NEGATIVE', 'MOVED')) as different_count,
    count_if(judgement = 'UNSURE') as unsure_count,
    min(decided_at)::date as first_day,
    max(decided_at)::date as last_day
from matching.judgements
group by reviewer_role
order by judgement_count desc, reviewer_role asc
