with

conflicts as (

    select * from matching.conflicts

),

records as (

    select * from marts.site_records_at_sites

),

visibilities as (

    select * from vocabulary.visibility

)

select
    conflicts.kind,
    conflicts.record_id_left,
    conflicts.record_id_right,
    conflicts.detail,
    left_side.site_id as site_id_left,
    right_side.site_id as site_id_right,
    coalesce(
        if(left_visibility.rank >= right_visibility.rank, left_side.visibility, right_side.visibility),
        left_side.visibility,
        right_side.visibility
    ) as visibility
from conflicts
left join records as left_side on conflicts.record_id_left = left_side.record_id
left join records as right_side on conflicts.record_id_right = right_side.record_id
left join visibilities as left_visibility on left_side.visibility = left_visibility.code
left join visibilities as right_visibility on right_side.visibility = right_visibility.code
