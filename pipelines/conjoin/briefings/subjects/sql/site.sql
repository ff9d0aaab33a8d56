-- The site of that id.
select * from marts.sites where site_id = $site
