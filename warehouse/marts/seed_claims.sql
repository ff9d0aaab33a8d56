with

parameters as (

    select * from intermediate.rule_parameters

),

claims as (

    select
        named.claim_number,
        named.claim,
        named.share_of
    from (
        values
        (
            1,
            'Brands and retailers cause most multiple assessments',
            'audits inside the validity of another party''s, of which brands ordered this share'
        ),
        (
            2,
            'Companies in more than one initiative see internal and external monitoring overlap',
            'audits ordered by such companies, inside the validity of an initiative''s; compared with members of one'
        ),
        (
            3,
            'Pilots, certification and external monitoring hardly overlap among themselves',
            'such audits inside the validity of another such; compared with audits of brands inside any other''s'
        )
    ) as named (claim_number, claim, share_of)

),

counted as (

    select
        claim_number,
        count_if(is_measured) as measured_count,
        count_if(is_measured and is_held) as measured_held_count,
        count_if(is_compared) as compared_count,
        count_if(is_compared and is_held) as compared_held_count,
        min(visit_start) as visit_from,
        max(visit_start) as visit_to
    from intermediate.claim_audits
    group by claim_number

),

-- Wilson's interval for both shares.
shares as (

    select
        claims.claim_number,
        claims.claim,
        claims.share_of,
        coalesce(counted.measured_count, 0)::bigint as audit_count,
        coalesce(counted.compared_count, 0)::bigint as compared_audit_count,
        counted.measured_held_count / nullif(counted.measured_count, 0) as held_share,
        counted.compared_held_count / nullif(counted.compared_count, 0) as compared_share,
        parameters.interval_z ** 2 / nullif(counted.measured_count, 0) as width,
        parameters.interval_z ** 2 / nullif(counted.compared_count, 0) as compared_width,
        counted.visit_from,
        counted.visit_to
    from claims
    cross join parameters
    left join counted on claims.claim_number = counted.claim_number

),

intervals as (

    select
        *,
        sqrt(width * held_share * (1 - held_share) + width ** 2 / 4) as half_width,
        sqrt(compared_width * compared_share * (1 - compared_share) + compared_width ** 2 / 4) as compared_half_width,
        (held_share + width / 2 - half_width) / (1 + width) as held_share_low,
        (held_share + width / 2 + half_width) / (1 + width) as held_share_high,
        (compared_share + compared_width / 2 - compared_half_width) / (1 + compared_width) as compared_share_low,
        (compared_share + compared_width / 2 + compared_half_width) / (1 + compared_width) as compared_share_high
    from shares

),

coverage as (

    select count(distinct source_name) as source_count
    from marts.audit_event_records

)

select
    intervals.claim_number,
    intervals.claim,
    intervals.share_of,
    intervals.held_share,
    intervals.held_share_low,
    intervals.held_share_high,
    intervals.compared_share,
    intervals.compared_share_low,
    intervals.compared_share_high,
    -- Only where the intervals leave no doubt is a claim borne out or contradicted.
    case
        when intervals.claim_number = 1 and intervals.held_share_low > 0.5 then 'borne_out'
        when intervals.claim_number = 1 and intervals.held_share_high < 0.5 then 'contradicted'
        when intervals.claim_number = 2 and intervals.held_share_low > intervals.compared_share_high then 'borne_out'
        when intervals.claim_number = 2 and intervals.held_share_high < intervals.compared_share_low then 'contradicted'
        when intervals.claim_number = 3 and intervals.held_share_high < intervals.compared_share_low then 'borne_out'
        when intervals.claim_number = 3 and intervals.held_share_low > intervals.compared_share_high then 'contradicted'
        else 'undecided'
    end as verdict,
    intervals.audit_count,
    intervals.compared_audit_count,
    coverage.source_count,
    intervals.visit_from,
    intervals.visit_to
from intervals
cross join coverage
