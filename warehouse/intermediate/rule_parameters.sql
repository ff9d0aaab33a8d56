select
    -- rules: parameters
    -- A brand's own programme is another one at each brand; so is whatever nobody could name.
    ['brand_programme', 'other'] as schemes_of_one_party,
    -- How orderers are called in a pack whose names its reader may not see; packs/withheld.py writes it.
    ['another member'] as withheld_orderers,
    -- A row of one of these kinds is never the same event as a row of another kind.
    ['complaint', 'desktop', 'observation', 'self_assessment'] as kinds_apart,
    -- A follow-up is never one event with an audit that is none, whatever the report days; many sources
    -- have one word for the full and the partial one.
    ['followup_full', 'followup_partial'] as kinds_of_followup,
    -- The visits between two certificates of one body.
    ['certification_stage', 'certification_stage1', 'certification_stage2', 'surveillance'] as kinds_of_certification,
    -- Days after an audit within which the certificate that it led to is issued.
    180 as certificate_lag_days,
    -- Letters from which two names of an audit firm that differ in one are one name, at one site within
    -- the days of one visit.
    8 as typed_name_length,
    -- Days between two visit intervals that may still be one visit.
    3 as visit_gap_days,
    -- Days that a report may be dated before the end of its visit.
    3 as report_lead_days,
    -- Days that a report may be dated after the end of its visit, or two reports of one visit apart.
    45 as report_lag_days,
    -- Days beyond which a source's own id that comes again names another audit, and is refused.
    45 as native_id_days,
    -- Share of the larger of two worker counts by which counts of one visit may differ.
    0.1::double as worker_agree_share,
    -- How sure an event remains whose rows differ by more workers than that.
    0.8::double as worker_conflict_probability,
    -- Months between two visit starts beyond which audits are not compared.
    36 as horizon_months,
    -- Months within which a follow-up follows up an earlier audit.
    12 as followup_months,
    -- Days before the end of validity from which the same scheme's next audit renews.
    90 as renewal_days,
    -- Days after a case within which an audit counts as triggered by it.
    180 as case_days,
    -- Share of the later audit's topics that the earlier one must cover with no weaker strength.
    0.8::double as coverage_share,
    -- Share of the earlier worker count beyond which the site has changed.
    0.3::double as worker_change_share,
    -- Days between a planned visit and the done one that it became.
    30 as planned_done_days,
    -- Distance of records beyond which a site looks wrongly matched.
    5.0::double as far_apart_km,
    -- Fewer sites or buyers than these are not shown to others.
    3 as smallest_cell,
    -- Days after its due day from which a delivery counts as late.
    10 as grace_days,
    -- Standard errors that an interval of 95 % reaches to either side.
    1.96::double as interval_z,
    -- Windows of validity under which avoidable audits are counted besides.
    [6, 12, 24] as sensitivity_months,
    -- Probabilities of a pair from which avoidable audits are counted besides.
    [0.0::double, 0.8::double, 0.9::double, 0.95::double] as sensitivity_thresholds,
    -- Days since the last briefing, where nobody says when it was.
    90 as briefing_days,
    -- Years that a briefing's timelines look back from the last visit; years before them are lumped.
    5 as recent_years,
    -- Organisations with most sites that a briefing sets side by side: more cannot be read.
    14 as organisations_shown,
    -- Busiest sites whose audits a briefing draws.
    10 as sites_shown,
    -- Kinds of findings that say something is wrong; the others praise, observe or invite.
    ['noncompliance', 'risk', 'uncorroborated'] as kinds_of_breach,
    -- A case that its procedure turned down says nothing about the site.
    ['inadmissible', 'ungrounded'] as unfounded_statuses,
    -- Days before the month of a case within which an audit without a finding on its topic is
    -- contradicted.
    180 as clean_audit_days,
    -- Months for which a buyer's list of suppliers is taken to hold after its last day.
    24 as buyer_list_months,
    -- Legal forms and the like, by which spellings of one organisation differ.
    [
        'ab', 'ag', 'as', 'asa', 'aps', 'bv', 'bvba', 'co', 'company', 'corp', 'corporation', 'ev', 'gmbh',
        'group', 'holding', 'holdings', 'inc', 'incorporated', 'jsc', 'kg', 'kk', 'limited', 'llc', 'llp',
        'ltd', 'ltda', 'mbh', 'nv', 'oy', 'oyj', 'plc', 'pte', 'pty', 'pvt', 'private', 'sa', 'sarl', 'sas',
        'spa', 'srl', 'sl', 'sti', 'san', 'tic', 've'
    ] as name_endings,
    -- Words by which lists write one title, or one publisher, differently.
    ['a', 'an', 'the', 'of', 'in', 'on', 'at', 'for', 'to', 'and'] as title_small_words,
    -- Days before its end from which a certificate is about to expire.
    90 as expiry_days,
    -- Days after the month of a case by which an audit of the site answers it.
    90 as unanswered_days,
    -- Days between two full audits of a site that count as very soon.
    90 as short_gap_days,
    -- Days within which visits that no brand ordered are counted as neighbours.
    365 as neighbour_days,
    -- A site whose weakest link is less sure than this looks wrongly put together.
    0.9::double as weak_link_probability,
    -- Busiest sites that are shown visit by visit.
    10 as busy_site_count,
    -- Buyers from which a site without a shared audit is worth a talk.
    3 as many_buyers_count
    -- rules: end
from intermediate.build_date
