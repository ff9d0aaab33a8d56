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

-- Points part the letters of an abbreviation and no words ("S.A."); other marks part words.
spelled as (

    select
        written_name,
        record_count,
        trim(part) as part,
        trim(
            regexp_replace(
                regexp_replace(
                    translate(strip_accents(lower(replace(part, '&', ' and '))), 'ıøđł''’', 'iodl'),
                    '\b(\p{L})\.', '\1', 'g'
                ),
                '[^\p{L}\p{N}]+|\band\b', ' ', 'g'
            )
        ) as words
    from parts
    where trim(part) <> ''

),

countries as (

    select
        string_agg(
            distinct trim(
                regexp_replace(
                    translate(strip_accents(lower(country_name)), 'ıøđł''’', 'iodl'), '[^\p{L}\p{N}]+', ' ', 'g'
                )
            ), '|'
        ) as country_names
    from (
        select unnest(synonyms) as country_name
        from vocabulary.country
    ) as spellings
    where length(country_name) > 3

),

cut as (

    select
        spelled.written_name,
        spelled.record_count,
        spelled.part,
        regexp_replace(
            spelled.words, '( +(' || array_to_string(parameters.name_endings, '|') || '))+$', ''
        ) as name_words,
        regexp_replace(
            spelled.words,
            '( +(' || array_to_string(parameters.name_endings, '|') || '|' || countries.country_names || '))+$', ''
        ) as body_words
    from spelled
    cross join parameters
    cross join countries

),

normal as (

    select
        written_name,
        part,
        coalesce(nullif(replace(name_words, ' ', ''), ''), lower(part)) as name_key,
        coalesce(nullif(replace(body_words, ' ', ''), ''), lower(part)) as body_key,
        record_count
    from cut

),

-- What people declared to be another name of an organisation or firm.
aliases as (

    select
        other_names.name_key as alias_name_key,
        other_names.body_key as alias_body_key,
        party.name_key,
        party.body_key
    from reference.party_aliases as told
    inner join normal as other_names on told.alias_name = other_names.written_name
    inner join normal as party on told.party_name = party.written_name

),

alias_names as (

    select distinct
        alias_name_key,
        name_key
    from aliases

),

alias_bodies as (

    select distinct
        alias_body_key,
        body_key
    from aliases

),

keyed as (

    select
        normal.written_name,
        normal.part,
        normal.record_count,
        coalesce(alias_names.name_key, normal.name_key) as name_key,
        coalesce(alias_bodies.body_key, normal.body_key) as body_key,
        normal.part in (select told.party_name from reference.party_aliases as told) as is_stated
    from normal
    left join alias_names on normal.name_key = alias_names.alias_name_key
    left join alias_bodies on normal.body_key = alias_bodies.alias_body_key

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
    string_agg(distinct shown.party_name, '; ' order by shown.party_name) as party_name,
    string_agg(distinct keyed.body_key, ';' order by keyed.body_key) as audit_body
from keyed
inner join shown on keyed.name_key = shown.name_key
group by keyed.written_name
