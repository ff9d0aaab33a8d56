select
    -- Which delivered rows are one event.
    3 as visit_gap_days,
    3 as report_lead_days,
    45 as report_lag_days,
    -- Which pairs of events are looked at, and how they are told apart.
    36 as horizon_months,
    12 as followup_months,
    90 as renewal_days,
    180 as case_days,
    0.8 as coverage_share,
    0.3 as worker_change_share,
    12 as assumed_validity_months,
    -- Planned visits.
    30 as planned_done_days,
    -- Sites that look wrongly matched.
    5.0 as far_apart_km
