-- One row per claim of the initiatives, with what the file says of it.
select
    claim_number,
    claim,
    share_of,
    held_share,
    held_share_low,
    held_share_high,
    compared_share,
    verdict,
    audit_count,
    compared_audit_count
from marts.seed_claims
order by claim_number
