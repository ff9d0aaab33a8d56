-- A buyer accepts nothing that none of its policies names, from its first policy to its last.
select
    party,
    min(in_force_from) as in_force_from,
    max(in_force_to) as in_force_to
from intermediate.policies
group by party
