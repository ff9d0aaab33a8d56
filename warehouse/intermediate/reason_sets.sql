with

reasons as (

    select
        named.reason_bit,
        named.reason
    from (
        -- rules: reasons
        values
        (1, 'site_changed'),
        (2, 'outdated'),
        (4, 'grade_too_low'),
        (8, 'scope_missing'),
        (16, 'announced'),
        (32, 'unaccredited'),
        (64, 'orderer_unknown')
        -- rules: end
    ) as named (reason_bit, reason)

),

masks as (

    select unnest(range(1, (select 2 * max(reasons.reason_bit) from reasons))) as reason_mask

)

select
    masks.reason_mask,
    arg_min(reasons.reason, reasons.reason_bit) as reason,
    list(reasons.reason order by reasons.reason_bit) as reasons
from masks
inner join reasons on masks.reason_mask & reasons.reason_bit > 0
group by masks.reason_mask
