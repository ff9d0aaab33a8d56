select coalesce(
    (select max(as_of_date) from landing.reckoning),
    (select max(delivered_at)::date from staging.loads),
    date '1970-01-01'
) as as_of_date
