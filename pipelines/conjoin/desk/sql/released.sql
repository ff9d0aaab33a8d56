-- One row per released total over everything, and by country.
select * from released.totals where breakdown in ('all', 'country') and audit_count is not null order by all
