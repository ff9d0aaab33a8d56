with

links as (

    select * from marts.site_links

),

evidence as (

    select * from matching.pattern_evidence

)

select
    links.record_id_left,
    links.record_id_right,
    evidence.step_number,
    evidence.comparison,
    evidence.finding,
    evidence.evidence_weight,
    links.visibility
from links
inner join evidence on links.pattern = evidence.pattern
