with

parameters as (

    select * from intermediate.rule_parameters

),

events as (

    select * from intermediate.merged_events

),

certificates as (

    select
        *,
        case
            when certificate_status not in ('withdrawn', 'suspended') then valid_to
            -- Nobody says until when it held: on no day after its issue is it known to.
            else least(coalesce(withdrawn_date, issued_date), valid_to)
        end as certified_to
    from marts.certificates_at_sites

),

-- The certificate that an audit led to, or under which a visit between two certificates was made.
led_to as (

    select
        events.event_id,
        arg_min(
            { 'certified_to': certificates.certified_to, 'visibility_rank': visibilities.rank },
            {
                'is_other_way': if(
                    list_contains(parameters.kinds_of_certification, events.audit_kind) and not audit_kinds.is_full,
                    certificates.issued_date > events.visit_end,
                    certificates.issued_date < events.visit_start
                ),
                'distance': abs(certificates.issued_date - events.visit_end),
                'certified_to': certificates.certified_to,
                'record_id': certificates.record_id
            }
        ) as best
    from events
    cross join parameters
    inner join vocabulary.audit_kind as audit_kinds on events.audit_kind = audit_kinds.code
    inner join certificates
        on
            events.site_id = certificates.site_id
            and events.scheme = certificates.scheme
            and events.visit_end + parameters.certificate_lag_days >= certificates.issued_date
            -- A certificate of which nobody says when it ends can be withdrawn all the same.
            and events.visit_start <= coalesce(certificates.valid_to, date '9999-12-31')
    left join vocabulary.visibility as visibilities on certificates.visibility = visibilities.code
    where audit_kinds.is_whole
    group by events.event_id

)

select
    led_to.event_id,
    led_to.best.certified_to,
    led_to.best.visibility_rank
from led_to
