with

-- The two readers of a pair in either order; the later word of one reader is the reader's word.
words as (

    select
        least(record_id_left, record_id_right) as record_id_a,
        greatest(record_id_left, record_id_right) as record_id_b,
        reviewer,
        judgement = 'POSITIVE' as is_same,
        decided_at
    from matching.judgements
    where judgement <> 'UNSURE'

),

pairs as (

    select
        record_id_a,
        record_id_b,
        count(distinct reviewer) as reader_count,
        arg_min(is_same, decided_at) as first_word,
        arg_max(is_same, decided_at) as last_word
    from words
    group by record_id_a, record_id_b

),

-- Of each reader the first word, given before another could have been read as an answer to it.
firsts as (

    select
        record_id_a,
        record_id_b,
        count(distinct first_word) = 1 as is_agreed
    from (
        select
            record_id_a,
            record_id_b,
            reviewer,
            arg_min(is_same, decided_at) as first_word
        from words
        group by record_id_a, record_id_b, reviewer
    ) as readers
    group by record_id_a, record_id_b

)

select
    count(*) as judged_pair_count,
    count(*) filter (where pairs.reader_count > 1) as read_twice_count,
    count(*) filter (where pairs.reader_count > 1 and firsts.is_agreed) as agreed_count,
    count(*) filter (where pairs.first_word <> pairs.last_word) as overturned_count
from pairs
inner join firsts on pairs.record_id_a = firsts.record_id_a and pairs.record_id_b = firsts.record_id_b
