-- One row per name of an organisation in the file, and the name that it goes by there, one per party of a joint order:
-- orderers of audits and of planned visits, whoever relies on an audit, buyers, companies of initiatives, aliases.
with

told as (

    select commissioner as written
    from marts.audit_events
    where commissioner_type is distinct from 'facility'
    union
    select commissioner as written
    from marts.planned_overlaps
    union
    select organisation as written
    from marts.audit_uses
    union
    select buyer_name as written
    from marts.site_buyers
    union
    select company_name as written
    from marts.affiliations

),

names as (

    select
        unnest(string_split(told.written, ';')) as own_name,
        lower(trim(told.written)) as as_written
    from told
    cross join intermediate.rule_parameters as rules
    where
        told.written is not null
        -- In a pack a withheld name has a number that holds at one site alone: nobody goes by it.
        and not contains(told.written, rules.withheld_orderers[1])

)

select
    trim(own_name) as spelling,
    trim(own_name) as own_name,
    as_written
from names
where trim(own_name) <> ''
union
select
    trim(alias_name) as spelling,
    trim(party_name) as own_name,
    lower(trim(party_name)) as as_written
from reference.party_aliases
order by spelling, own_name, as_written
