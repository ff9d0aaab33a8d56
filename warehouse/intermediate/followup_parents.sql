with

parameters as (

    select * from intermediate.rule_parameters

),

events as (

    select * from marts.event_facts

)

-- A full follow-up follows the latest full audit of its programme or its orderer within a year.
select
    later.event_number,
    arg_max(
        earlier.event_number, { 'visit_start': earlier.visit_start, 'event_number': earlier.event_number }
    ) as parent_event_number
from events as later
cross join parameters
inner join events as earlier
    on
        later.site_id = earlier.site_id
        and later.visit_start > earlier.visit_start
        and later.visit_start <= earlier.visit_start + to_months(parameters.followup_months)
where
    later.audit_kind = 'followup_full'
    and earlier.is_full
    and (later.programme = earlier.programme or later.party = earlier.party)
group by later.event_number
