with

scheme_topics as (

    select * from marts.scheme_topics

),

named_scopes as (

    select
        coalesce(array_to_string(list_sort(topics_in_scope), ' '), 'all') as scope,
        any_value(topics_in_scope) as topics_in_scope
    from staging.audit_records
    group by all

),

-- A topic that a record names counts as strongly as its scheme asks for it: law_only stays law_only; of one that the
-- scheme's code does not name, standard is assumed. Scopes that are not named are those of the scheme.
strengths as (

    select
        scheme_topics.scheme,
        named_scopes.scope,
        scheme_topics.topic_bit,
        case
            when named_scopes.topics_in_scope is null then scheme_topics.strength_rank
            when list_contains(named_scopes.topics_in_scope, scheme_topics.topic)
                then if(scheme_topics.strength_rank = 0, 2, scheme_topics.strength_rank)
            else 0
        end as strength_rank,
        named_scopes.topics_in_scope is not null
        and list_contains(named_scopes.topics_in_scope, scheme_topics.topic)
        and scheme_topics.strength_rank = 0 as is_assumed
    from scheme_topics
    cross join named_scopes

)

select
    scheme,
    scope,
    bit_or(if(strength_rank = 1, topic_bit, 0)) as law_topics,
    bit_or(if(strength_rank = 2, topic_bit, 0)) as standard_topics,
    bit_or(if(strength_rank = 3, topic_bit, 0)) as above_topics,
    -- Topics that the scheme's code does not name and the record does: standard is assumed of them.
    bit_or(if(is_assumed, topic_bit, 0)) as assumed_topics
from strengths
group by scheme, scope
