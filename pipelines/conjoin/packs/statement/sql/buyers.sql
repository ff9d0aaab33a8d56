-- One row per buyer whose policies may be told and are in force on the day, with the schemes that they name.
select
    asked.buyer_name,
    list(distinct schemes.title order by schemes.title) as scheme_titles
from asked_visits as asked
inner join intermediate.policies as policies
    on
        asked.party = policies.party
        and $day::date between policies.in_force_from and policies.in_force_to
inner join vocabulary.scheme as schemes on policies.scheme = schemes.code
where asked.asked_on = $day::date
group by asked.buyer_name
order by asked.buyer_name
