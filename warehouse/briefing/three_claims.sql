select
    claim_number,
    claim,
    share_of,
    held_share,
    held_share_low,
    held_share_high,
    compared_share,
    compared_share_low,
    compared_share_high,
    verdict,
    audit_count,
    compared_audit_count,
    source_count,
    visit_from,
    visit_to
from marts.seed_claims
order by claim_number
