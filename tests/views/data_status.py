"""The contract of data_status once more, in plain Python."""

from collections import defaultdict
from typing import Any

from tests.views.people import Row, World

WORST_FIRST = ("failed", "pending", "current", "not_available", "final")


def data_status(world: World, airmeet_id: str | None) -> list[Row]:
    event = next((row for row in world.get("airmeets", []) if row["airmeet_id"] == airmeet_id), {})
    listed = {(r["airmeet_id"], r["session_id"]) for r in world.get("sessions", [])}
    listed |= {(r["airmeet_id"], r["booth_id"]) for r in world.get("booths", [])}
    units: dict[Any, list[Row]] = defaultdict(list)
    for row in world.get("sync_log", []):
        if row["airmeet_id"] == airmeet_id:
            is_there = row["entity_id"] is None or (airmeet_id, row["entity_id"]) in listed
            if is_there:
                community = row.get("community") if airmeet_id is None else None
                units[community, row["resource"], row["entity_id"]].append(row)
    resources: dict[Any, list[Row]] = defaultdict(list)
    for (community, resource, _), rows in units.items():
        resources[community, resource].append(_unit(sorted(rows, key=lambda row: row["finished_at"])))
    found = []
    for (community, resource), of_resource in resources.items():
        bad = sorted((u for u in of_resource if u["since"]), key=lambda unit: unit["since"])
        told = [unit for unit in bad if unit["error"] is not None]
        found.append(
            {
                "community": event.get("community") or community,
                "airmeet_id": airmeet_id,
                "event_name": event.get("name"),
                "resource": resource,
                "state": min((unit["state"] for unit in of_resource), key=WORST_FIRST.index),
                "since": bad[0]["since"] if bad else None,
                "tries": bad[0]["tries"] if bad else 0,
                "last_loaded_at": max((u["loaded_at"] for u in of_resource if u["loaded_at"]), default=None),
                "rows": sum(unit["rows"] for unit in of_resource),
                "error": max(told, key=lambda unit: unit["at"])["error"] if told else None,
            }
        )
    return found


def _unit(rows: list[Row]) -> Row:
    newest = rows[-1]
    bad: list[Row] = []
    for row in reversed(rows):
        if row["outcome"] not in ("pending", "failed"):
            break
        bad.append(row)
    loaded = [row for row in rows if row["outcome"] == "loaded"]
    state = newest["outcome"]
    if state == "loaded":
        state = "final" if newest.get("final") else "current"
    return {
        "state": state,
        "since": bad[-1]["finished_at"] if bad else None,
        "tries": len(bad),
        "error": newest.get("error") if bad else None,
        "at": newest["finished_at"],
        "loaded_at": loaded[-1]["finished_at"] if loaded else None,
        "rows": (loaded[-1].get("rows") or 0) if loaded else 0,
    }
