with

parameters as (

    select * from intermediate.rule_parameters

),

-- Only what sources wrote of organisations decides by which spelling one goes.
written_names as (

    select
        commissioner as written_name,
        1 as weight
    from landing.audit_records
    union all
    select
        audit_firm as written_name,
        1 as weight
    from landing.audit_records
    union all
    select
        buyer_name as written_name,
        1 as weight
    from landing.site_buyers
    union all
    select
        company_name as written_name,
        1 as weight
    from landing.affiliations
    union all
    select
        buyer_name as written_name,
        1 as weight
    from reference.acceptance_policies
    union all
    select
        organisation as written_name,
        1 as weight
    from landing.audit_uses
    union all
    select
        firm_name as written_name,
        0 as weight
    from reference.audit_bodies
    union all
    select
        source_name as written_name,
        0 as weight
    from landing.sources
    where source_kind = 'brand'
    union all
    select
        unnest([alias_name, party_name]) as written_name,
        0 as weight
    from reference.party_aliases

),

-- One record may name several, parted by semicolons.
parts as (

    select
        written_name,
        record_count,
        unnest(string_split(written_name, ';')) as part
    from (
        select
            written_name,
            sum(weight) as record_count
        from written_names
        where written_name is not null
        group by written_name
    ) as counted

),

-- Names of countries end the names of firms' branches; they are spelled as the firms are.
country_names as (

    select unnest(synonyms) as country_name
    from vocabulary.country

),

texts as (

    select distinct trim(part) as wording
    from parts
    where trim(part) <> ''
    union
    select country_name as wording
    from country_names
    where length(country_name) > 3

),

-- Points part the letters of an abbreviation and no words ("S.A."); other marks part words.
spelled as (

    select
        wording,
        trim(
            regexp_replace(
                regexp_replace(
                    translate(strip_accents(lower(replace(wording, '&', ' and '))), 'ıøđł''’', 'iodl'),
                    '\b(\p{L})\.', '\1', 'g'
                ),
                '[^\p{L}\p{N}]+|\band\b', ' ', 'g'
            )
        ) as words
    from texts

),

countries as (

    select coalesce(string_agg(distinct spelled.words, '|' order by spelled.words), '') as country_words
    from country_names
    inner join spelled on country_names.country_name = spelled.wording

),

endings as (

    select
        '( +(' || array_to_string(parameters.name_endings, '|') || '))+$' as of_names,
        '( +(' || concat_ws('|', array_to_string(parameters.name_endings, '|'), nullif(countries.country_words, ''))
        || '))+$' as of_bodies
    from parameters
    cross join countries

),

-- The last words of countries: only a name that ends in one of them, legal forms aside, can be that of a branch.
country_ends as (

    select distinct regexp_extract(spelled.words, '[^ ]+$') as last_word
    from country_names
    inner join spelled on country_names.country_name = spelled.wording

),

-- A pattern that is no constant is made anew for each text that it is tried on, and that of all countries is long: all
-- names are written into one text, a line each, and every line is cut at its end. No name has a line end in it.
lines as (

    select
        list(wording order by wording) as wordings,
        string_agg(words, chr(10) order by wording) as all_words
    from spelled
    where wording in (select trim(parts.part) from parts)

),

named as (

    select
        unnest(lines.wordings) as wording,
        unnest(string_split(lines.all_words, chr(10))) as words,
        unnest(string_split(regexp_replace(lines.all_words, '(?m)' || endings.of_names, '', 'g'), chr(10)))
            as name_words
    from lines
    cross join endings

),

branches as (

    select
        list(wording order by wording) as wordings,
        string_agg(words, chr(10) order by wording) as all_words
    from named
    where regexp_extract(name_words, '[^ ]+$') in (select country_ends.last_word from country_ends)

),

bodies as (

    select
        unnest(branches.wordings) as wording,
        unnest(string_split(regexp_replace(branches.all_words, '(?m)' || endings.of_bodies, '', 'g'), chr(10)))
            as body_words
    from branches
    cross join endings

),

forms as (

    select
        named.wording,
        named.name_words,
        coalesce(bodies.body_words, named.name_words) as body_words
    from named
    left join bodies on named.wording = bodies.wording

),

normal as (

    select
        parts.written_name,
        trim(parts.part) as part,
        coalesce(nullif(replace(forms.name_words, ' ', ''), ''), lower(trim(parts.part))) as name_key,
        coalesce(nullif(replace(forms.body_words, ' ', ''), ''), lower(trim(parts.part))) as body_key,
        parts.record_count
    from parts
    inner join forms on trim(parts.part) = forms.wording

),

-- What people declared to be another name of an organisation or firm, and in which days.
aliases as (

    select
        other_names.name_key as alias_name_key,
        other_names.body_key as alias_body_key,
        party.name_key,
        party.body_key,
        coalesce(told.valid_from_date, date '0001-01-01') as in_force_from,
        coalesce(told.valid_to_date, date '9999-12-31') as in_force_to
    from reference.party_aliases as told
    inner join normal as other_names on told.alias_name = other_names.written_name
    inner join normal as party on told.party_name = party.written_name

),

-- The days on which a name may begin to stand for another organisation, and the spells between them.
turns as (

    select
        written_name,
        date '0001-01-01' as turns_on
    from normal
    union
    select
        normal.written_name,
        unnest([aliases.in_force_from, aliases.in_force_to + 1]) as turns_on
    from normal
    inner join aliases on normal.name_key = aliases.alias_name_key or normal.body_key = aliases.alias_body_key

),

spells as (

    select
        written_name,
        turns_on as in_force_from,
        coalesce(
            lead(turns_on) over (partition by written_name order by turns_on) - 1, date '9999-12-31'
        ) as in_force_to
    from turns
    where turns_on <= date '9999-12-31'

),

alias_names as (

    select distinct
        alias_name_key,
        name_key,
        in_force_from,
        in_force_to
    from aliases

),

alias_bodies as (

    select distinct
        alias_body_key,
        body_key,
        in_force_from,
        in_force_to
    from aliases

),

keyed as (

    select
        normal.written_name,
        spells.in_force_from,
        spells.in_force_to,
        normal.part,
        normal.record_count,
        coalesce(alias_names.name_key, normal.name_key) as name_key,
        coalesce(alias_bodies.body_key, normal.body_key) as body_key,
        normal.part in (select told.party_name from reference.party_aliases as told) as is_stated
    from normal
    inner join spells on normal.written_name = spells.written_name
    left join alias_names
        on
            normal.name_key = alias_names.alias_name_key
            and spells.in_force_from between alias_names.in_force_from and alias_names.in_force_to
    left join alias_bodies
        on
            normal.body_key = alias_bodies.alias_body_key
            and spells.in_force_from between alias_bodies.in_force_from and alias_bodies.in_force_to

),

-- An organisation goes by the spelling that was declared, or else that most records have; of equals, rather one that
-- is not all capitals.
shown as (

    select
        name_key,
        arg_min(part, (not is_stated, -part_count, part = upper(part), part)) as party_name
    from (
        select
            name_key,
            part,
            is_stated,
            sum(record_count) as part_count
        from keyed
        group by name_key, part, is_stated
    ) as counted
    group by name_key

)

select
    keyed.written_name,
    keyed.in_force_from,
    keyed.in_force_to,
    string_agg(distinct shown.party_name, '; ' order by shown.party_name) as party_name,
    string_agg(distinct keyed.body_key, ';' order by keyed.body_key) as audit_body
from keyed
inner join shown on keyed.name_key = shown.name_key
group by keyed.written_name, keyed.in_force_from, keyed.in_force_to
