"""When: how soon the next audit comes, what is planned, what ends, and what changed since the last briefing."""

import html
from datetime import date, timedelta

from conjoin.briefings import figures
from conjoin.briefings.overlap import Scope
from conjoin.briefings.texts import Html, grid, show, table
from conjoin.briefings.words import counted, each, month, number, reason_in_words, titled


def next_audits(scope: Scope) -> Html:
    """How long sites go without another full audit."""
    return show(
        figures.draw_days_to_next,
        scope.ask("days_to_next_audit"),
        "Full audits that no other full audit has followed yet",
        "A steep fall means that the next audit comes soon. Audits near the end of the period count only as long as "
        "they were "
        "observed (Kaplan-Meier).",
        "days_to_next_audit",
    )


def planned(scope: Scope) -> Html:
    """Planned visits by month, and what could be spared or made together."""
    told = scope.ask("planned_by_month")
    plan = scope.plan
    rows = [
        [
            month(row.visit_month),
            row.planned_visit_count,
            row.covered_count,
            row.held_count - row.covered_count,
            reason_in_words(row.first_obstacle) if isinstance(row.first_obstacle, str) else "",
            row.joint_count,
        ]
        for row in each(told)
    ]
    heads = {
        "Month": False,
        "Planned": True,
        "An audit there would do": True,
        "One holds, would not do": True,
        "Most often because": False,
        "Same month as another's": True,
    }
    joint = ""
    if len(plan):
        sites = plan.drop_duplicates("site_id")
        saved = int(sites["visits_saved"].sum())
        joint = (
            f" Of the visits that no audit serves, {number(sites['visits_planned'].sum())} could be made as "
            f"{number(sites['visits_needed'].sum())} if each may move by a month."
            if saved
            else " None could be joined with another by moving each by a month."
        )
    own = " Own visits alone: those of others are withheld." if scope.is_pack else ""
    return table(
        "Planned visits",
        heads,
        rows,
        "planned_by_month",
        f"Visits still to come, whatever the period of this page.{own}{joint}",
        "No visit is planned in this scope, or none was delivered with a month to come.",
    )


def certificates(scope: Scope) -> Html:
    """Certificates that end soon."""
    rows = [
        [month(row.valid_to_month), titled(row.scheme, "scheme"), row.certificate_count, row.with_planned_visit_count]
        for row in each(scope.ask("certificates_ending"))
    ]
    return table(
        "Certificates that end soon",
        {"Ends in": False, "Scheme": False, "Certificates": True, "With a visit planned": True},
        rows,
        "certificates_ending",
        f"In force, and ending within {scope.rule('expiry_days')} days of the day of this page.",
        f"No certificate in force ends within {scope.rule('expiry_days')} days.",
    )


def timelines(scope: Scope) -> Html:
    """The busiest sites, audit by audit."""
    return show(
        figures.draw_timelines,
        scope.ask("busiest_timelines"),
        f"Every audit of the last {scope.rule('recent_years')} years at the busiest sites",
        "A dot is an audit, its colour says who ordered it. Sites are numbered, not named; only records that members "
        "may see "
        "per site.",
        "busiest_timelines",
    )


def changed(scope: Scope) -> Html:
    """What is new since the warehouse that was published before this one."""
    heading = "<h3>Since the last briefing</h3>"
    if not scope.before:
        return Html(f"<section>{heading}<p>There is no earlier briefing on file to compare with.</p></section>")
    day = date.fromisoformat(scope.before["day"])
    told = scope.since(day + timedelta(days=1))
    kinds = {"reality": "made since", "data": "made before, and only delivered since"}
    parts = [
        f"{counted(rows['audit_count'].sum(), 'audit')} {kinds[str(kind)]} "
        f"({number(rows['avoidable_audit_count'].sum())} avoidable)"
        for kind, rows in told.groupby("change_kind")
    ]
    new = "; ".join(parts) or "none"
    now = scope.ask("figures_of_a_run")
    today = dict(zip(now["figure_name"], now["figure_value"], strict=True))
    rows = [
        [f"{name[:1].upper()}{name[1:]}", then, today[name], f"{today[name] - then:+,}"]
        for name, then in scope.before["figures"].items()
        if today.get(name, then) != then
    ]
    same = f"<p>The first figures of the whole file are those of {day}.</p>"
    table_ = (
        grid({"In the whole file, changed": False, "Then": True, "Now": True, "Change": True}, rows) if rows else same
    )
    return Html(
        f'<section class="told" data-question="changed_since">{heading}<p>Published before this one: {day}. '
        f"Audits of this scope first heard of after that day: {html.escape(new)}.</p>{table_}</section>"
    )
