-- A buyer accepts nothing that none of its policies names, as long as any is in force; in a gap none is known.
with

policies as (

    select
        party,
        in_force_from,
        in_force_to,
        max(in_force_to) over (
            partition by party order by in_force_from, in_force_to
            rows between unbounded preceding and 1 preceding
        ) as earlier_to
    from intermediate.policies

),

numbered as (

    select
        *,
        count_if(coalesce(in_force_from > earlier_to + 1, true)) over (
            partition by party order by in_force_from, in_force_to
            rows between unbounded preceding and current row
        ) as period_number
    from policies

)

select
    party,
    min(in_force_from) as in_force_from,
    max(in_force_to) as in_force_to
from numbered
group by party, period_number
