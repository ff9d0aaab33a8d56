with

parameters as (

    select * from intermediate.rule_parameters

),

written_names as (

    select commissioner as written_name from landing.audit_records
    union all
    select audit_firm from landing.audit_records
    union all
    select buyer_name from landing.site_buyers
    union all
    select company_name from landing.affiliations
    union all
    select buyer_name from reference.acceptance_policies

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
            count(*) as record_count
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

-- An organisation goes by the spelling that most records have; of equals, rather one that is not all capitals.
shown as (

    select
        name_key,
        arg_min(part, (-part_count, part = upper(part), part)) as party_name
    from (
        select
            name_key,
            part,
            sum(record_count) as part_count
        from normal
        group by name_key, part
    ) as counted
    group by name_key

)

select
    normal.written_name,
    string_agg(distinct shown.party_name, '; ' order by shown.party_name) as party_name,
    string_agg(distinct normal.body_key, ';' order by normal.body_key) as audit_body
from normal
inner join shown on normal.name_key = shown.name_key
group by normal.written_name
