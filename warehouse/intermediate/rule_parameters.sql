select
    -- Which delivered rows are one event.
    -- A brand's own programme is another one at each brand; so is whatever nobody could name.
    ['brand_programme', 'other'] as schemes_of_one_party,
    ['complaint', 'desktop', 'observation', 'self_assessment'] as kinds_apart,
    3 as visit_gap_days,
    3 as report_lead_days,
    45 as report_lag_days,
    -- Which pairs of events are looked at, and how they are told apart.
    36 as horizon_months,
    12 as followup_months,
    90 as renewal_days,
    180 as case_days,
    0.8::double as coverage_share,
    0.3::double as worker_change_share,
    -- Planned visits.
    30 as planned_done_days,
    -- Sites that look wrongly matched.
    5.0::double as far_apart_km,
    -- Fewer sites or buyers than these are not shown to others.
    3 as smallest_cell,
    -- How long after its due day a delivery counts as late.
    10 as grace_days
