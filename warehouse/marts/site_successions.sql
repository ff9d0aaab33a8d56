with

moves as (

    select * from matching.site_moves

),

records as (

    select * from marts.site_records_at_sites

),

visibilities as (

    select * from vocabulary.visibility

),

-- Several pairs of records may tell one move: what was judged last counts.
told as (

    select
        old_place.site_id as site_id_before,
        new_place.site_id as site_id_after,
        moves.moved_on,
        moves.reviewer,
        moves.decided_at,
        if(old_visibility.rank >= new_visibility.rank, old_place.visibility, new_place.visibility) as visibility,
        row_number() over (
            partition by old_place.site_id, new_place.site_id
            order by moves.decided_at desc nulls last, moves.record_id_before asc, moves.record_id_after asc
        ) as place_in_time
    from moves
    inner join records as old_place on moves.record_id_before = old_place.record_id
    inner join records as new_place on moves.record_id_after = new_place.record_id
    inner join visibilities as old_visibility on old_place.visibility = old_visibility.code
    inner join visibilities as new_visibility on new_place.visibility = new_visibility.code

)

select
    site_id_before,
    site_id_after,
    moved_on,
    reviewer,
    decided_at,
    visibility
from told
where place_in_time = 1
