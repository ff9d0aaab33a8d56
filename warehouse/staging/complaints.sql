with

loads as (

    select * from staging.loads

),

-- Only records of a source with several current loads can recur, and few do: they are found first, the rest passes.
recurring as (

    select
        complaints.record_id,
        max(loads.load_rank) as latest_rank
    from landing.complaints as complaints
    inner join loads on complaints.load_id = loads.load_id
    where loads.source_load_count > 1
    group by complaints.record_id
    having count(*) > 1

)

select
    complaints.record_id,
    complaints.source_name,
    complaints.load_id,
    complaints.line_number,
    complaints.visibility,
    complaints.site_record_id,
    complaints.complaint_month,
    complaints.topic,
    complaints.case_kind,
    complaints.case_status,
    complaints.initiative
from landing.complaints as complaints
inner join loads on complaints.load_id = loads.load_id
left join recurring on complaints.record_id = recurring.record_id
where recurring.record_id is null or loads.load_rank = recurring.latest_rank
