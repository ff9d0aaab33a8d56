with

links as (

    select * from matching.site_links

),

records as (

    select * from marts.site_records_at_sites

),

visibilities as (

    select * from vocabulary.visibility

),

weakest as (

    select * from matching.weakest_links

)

select
    links.record_id_left,
    links.record_id_right,
    left_side.site_id as site_id_left,
    right_side.site_id as site_id_right,
    links.is_accepted,
    links.pair_decided_by,
    links.veto,
    links.match_probability,
    links.match_weight,
    coalesce(weakest.site_id is not null, false) as is_weakest_link,
    links.pattern,
    links.rules,
    links.model_version,
    links.explanation,
    if(left_visibility.rank > right_visibility.rank, left_side.visibility, right_side.visibility) as visibility
from links
inner join records as left_side on links.record_id_left = left_side.record_id
inner join records as right_side on links.record_id_right = right_side.record_id
left join weakest
    on links.record_id_left = weakest.record_id_left and links.record_id_right = weakest.record_id_right
left join visibilities as left_visibility on left_side.visibility = left_visibility.code
left join visibilities as right_visibility on right_side.visibility = right_visibility.code
