with

schemes as (

    select * from vocabulary.scheme

),

topics as (

    select
        code as topic,
        1 << (row_number() over (order by code) - 1)::integer as topic_bit
    from vocabulary.topic

),

scheme_codes as (

    select * from reference.scheme_topics

),

code_topics as (

    select * from reference.code_topics

)

-- A scheme's scope is the union of its codes, the stronger word winning.
select
    schemes.code as scheme,
    topics.topic,
    topics.topic_bit,
    max(
        case code_topics.strength
            when 'law_only' then 1
            when 'standard' then 2
            when 'above' then 3
            else 0
        end
    ) as strength_rank
from schemes
cross join topics
left join scheme_codes on schemes.code = scheme_codes.scheme
left join code_topics on scheme_codes.code = code_topics.code and topics.topic = code_topics.topic
group by schemes.code, topics.topic, topics.topic_bit
