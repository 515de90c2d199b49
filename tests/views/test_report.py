"""What the report makes of the views: the same figures, on every destination."""

from airmeet_source.loading.catalogues import Catalogue
from airmeet_source.reporting.figures import figures_in
from airmeet_source.reporting.selection import Selection
from tests.views.odd_world import WORLD
from tests.views.reference import views as rows_of_views
from tests.views.tables import renewed


def test_the_figures_are_sums_over_the_views_of_the_chosen_events_and_rates_count_what_is_known(
    catalogue: Catalogue,
) -> None:
    renewed(catalogue, WORLD)
    everything = rows_of_views(WORLD)
    ids = sorted(event["airmeet_id"] for event in everything["event_overview"])

    for chosen in (ids, ids[:1]):
        figures = figures_in(catalogue, Selection(events=chosen))
        views = {
            view: [row for row in rows if row["airmeet_id"] in chosen] for view, rows in everything.items()
        }
        people = [row for row in views["event_people"] if row["attended_live"]]

        assert sorted(event["airmeet_id"] for event in figures.events) == chosen
        for name in ("registrants", "attendees", "registrants_attended_on_demand"):
            assert figures.total(name) == sum(event[name] for event in views["event_overview"])
        assert sum(figures.stays.values()) == sum(row["population"] != "staff" for row in people)
        did = ("poll_answers", "questions_asked", "booths_visited")
        assert sum(figures.engaged.values()) == sum(
            row["population"] == "registrant" and any(row[name] for name in did) for row in people
        )
        assert len(figures.sessions) == len(views["session_overview"])
        assert len(figures.booths) == len(views["booth_overview"])
        for found, view in (
            (figures.campaigns, "campaign_overview"),
            (figures.registrations, "registration_curve"),
        ):
            name = "registrants" if view == "campaign_overview" else "registrations"
            assert sum(row[name] for row in found) == sum(row[name] for row in views[view])
        assert sum(row["answers"] for row in figures.polls) == sum(
            row["answers"] for row in views["poll_overview"]
        )
        missing = [
            row
            for row in everything["data_status"]
            if row["state"] in ("failed", "pending") and row["airmeet_id"] in (*chosen, None)
        ]
        archived = {event["airmeet_id"] for event in views["event_overview"] if event["is_archived"]}
        assert len(figures.problems) == sum(row["airmeet_id"] not in archived for row in missing)

    rates: dict[object, list[tuple[int, int]]] = {}
    for row in everything["campaign_overview"]:
        if row["attendance_rate_of_registrants"] is not None:
            campaign = (row["utm_source"], row["utm_medium"], row["utm_campaign"])
            rates.setdefault(campaign, []).append((row["registrants_attended"], row["registrants"]))

    for shown in figures_in(catalogue, Selection()).campaigns:
        counts = rates.get((shown["utm_source"], shown["utm_medium"], shown["utm_campaign"]), [])
        rate = shown["attendance_rate_of_registrants"]
        assert (rate is None) == (not counts)
        if rate is not None:
            assert abs(rate - sum(came for came, _ in counts) / sum(all_ for _, all_ in counts)) < 1e-9
