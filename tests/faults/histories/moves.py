"""What happens at Airmeet between two runs, or in the middle of one."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from random import Random

from airmeet_sandbox import UnknownIdError, World

Move = Callable[[World, str, Random], object]

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
SETTLE_DAYS = 2
REPLAY_DAYS = 125  # the sandbox's recordings are watched for 120 days, and the last rows grow for three more


def small_world() -> World:
    """An event in each phase of life."""
    world = World(seed=7, events=0, now=NOW)
    world.clock.freeze(NOW)
    for name, hours in (("Long over", -4800), ("Just over", -24), ("Live", -1), ("Soon", 5)):
        world.add_event(name, start=NOW + timedelta(hours=hours), people=5, sessions=2)
    return world


def time_passes(world: World, rng: Random) -> str:
    """Up to months: events begin, end, and settle."""
    hours = rng.choice((1, 3, 6, 24, 24, 72, 72, 1000, 3100))
    world.clock.advance(timedelta(hours=hours))
    return f"{hours} hours pass"


def something_happens(world: World, rng: Random) -> str:
    """Something happens at an event of which not everything is final yet."""
    name, days = rng.choice(
        [*((name, SETTLE_DAYS) for name in MOVES), *((n, REPLAY_DAYS) for n in LATE_MOVES)]
    )
    now = world.clock.timestamp()
    open_events = [e for e in world.events() if world.event(e).end + days * 86_400 > now]
    if not open_events:
        return f"{name}: no event is open"
    event = rng.choice(open_events)
    with suppress(UnknownIdError):  # nobody left to remove, nothing yet to correct
        (MOVES | LATE_MOVES)[name](world, event, rng)
    return f"{name} ({world.event(event).name})"


def an_old_event_is_repeated(world: World, rng: Random) -> str:
    """An event that was final is moved: it has ended only now, and all of it may change again."""
    now = world.clock.now()
    event = rng.choice(world.events())
    if world.event(event).end > now.timestamp() - SETTLE_DAYS * 86_400:
        return "no old event"
    world.reschedule_event(event, now - timedelta(hours=3), now - timedelta(minutes=rng.randrange(1, 170)))
    return f"repeated: {world.event(event).name}"


def an_event_goes_or_comes(world: World, rng: Random) -> str:
    """An event is archived, comes back, or is new; the first one stays, so that the community is known."""
    archived = sorted(set(world.events(archived=True)) - set(world.events()))
    if archived and rng.random() < 0.5:
        world.unarchive_event(archived[0])
        return "an event comes back"
    if rng.random() < 0.5 and len(world.events()) > 1:
        world.archive_event(rng.choice(world.events()[1:]))
        return "an event is archived"
    start = world.clock.now() + timedelta(hours=rng.choice((-30, -1, 10)))
    world.add_event(start=start, people=rng.randrange(5), sessions=2)
    return "an event is added"


def _some(rng: Random, ids: list[str]) -> str:
    if not ids:
        raise UnknownIdError("none left")
    return rng.choice(ids)


def _moved_on(world: World, event: str, status: str) -> None:
    """Statuses go forward only: what was loaded of an event that has begun is not unloaded."""
    order = ("CREATED", "ONGOING", "PAUSED", "FINISHED")
    if order.index(world.status(event)) < order.index(status):
        world.set_event_status(event, status)


def _postponed(world: World, event: str, rng: Random) -> None:
    if world.status(event) == "CREATED":
        start = datetime.fromtimestamp(world.event(event).start, UTC)
        world.reschedule_event(event, start + timedelta(minutes=rng.randrange(1, 600)))


def _corrected(world: World, event: str, rng: Random) -> None:
    records = world.records("event_attendance", event)
    with_id = [n for n, record in enumerate(records) if record.get("id")]
    if with_id:
        world.correct_attendance("event_attendance", event, which=rng.choice(with_id))


def _session_attended(world: World, event: str, rng: Random) -> None:
    world.add_attendance("session_attendance", event, _some(rng, world.sessions(event)), n=2)


def _booth_attended(world: World, event: str, rng: Random) -> None:
    world.add_attendance("booth_attendance", event, _some(rng, world.booths(event)), n=2)


def _replays_grow(world: World, event: str, _rng: Random) -> None:
    if world.records("replay_attendance", event):
        world.grow_replay(event)


def _participant_changed(field: str, value: object) -> Move:
    return lambda world, event, _rng: world.update_participant(event, 0, **{field: value})


def _tracks_changed(world: World, event: str, rng: Random) -> None:
    tracks = [{"uid": f"track-{n}", "name": f"Track {n}"} for n in range(rng.randrange(3))]
    world.put(event, "tracks", [*tracks, *tracks[:1]])


MOVES: dict[str, Move] = {
    "attendance comes late": lambda w, e, _: w.add_attendance("event_attendance", e, n=2),
    "attendance comes without an id": lambda w, e, _: w.add_attendance("event_attendance", e, with_id=False),
    "attendance is corrected": _corrected,
    "a session was attended": _session_attended,
    "a booth was attended": _booth_attended,
    "a poll is answered": lambda w, e, _: w.add_poll_response(e),
    "a question is asked twice": lambda w, e, _: [w.add_question(e, "Twice?") for _ in range(2)],
    "questions are gone": lambda w, e, _: w.put(e, "questions", []),
    "poll responses are gone": lambda w, e, _: w.put(e, "poll_responses", []),
    "tracks are changed": _tracks_changed,
    "a session is added": lambda w, e, rng: w.add_session(e, f"Session {rng.random()}"),
    "a session is renamed": lambda w, e, rng: w.rename_session(_some(rng, w.sessions(e)), "Another Title"),
    "a session is finished": lambda w, e, rng: w.finish_session(_some(rng, w.sessions(e))),
    "a session is deleted": lambda w, e, rng: w.delete_session(_some(rng, w.sessions(e))),
    "a booth is added": lambda w, e, rng: w.add_booth(e, uid=f"booth-{rng.random()}"),
    "a booth is renamed": lambda w, e, rng: w.rename_booth(e, _some(rng, w.booths(e)), "Another Name"),
    "a booth is deleted": lambda w, e, rng: w.delete_booth(e, _some(rng, w.booths(e))),
    "the event is renamed": lambda w, e, rng: w.rename_event(e, f"Event {rng.random()}"),
    "the event begins": lambda w, e, _: _moved_on(w, e, "ONGOING"),
    "the event is paused": lambda w, e, _: _moved_on(w, e, "PAUSED"),
    "the event is finished": lambda w, e, _: _moved_on(w, e, "FINISHED"),
    "the event is postponed": _postponed,
}  # fmt: skip

# for as long as recordings are watched
LATE_MOVES: dict[str, Move] = {
    "people register": lambda w, e, _: w.register(e, 3),
    "somebody without a user id registers": lambda w, e, _: w.register(e, 1, user_id=None),
    "somebody without an e-mail registers": lambda w, e, _: w.register(e, 1, email=None),
    "nobody registers": lambda w, e, _: w.register(e, 2, email=None, user_id=None, name=None),
    "somebody is removed": lambda w, e, _: w.remove_participant(e, 0),
    "somebody is renamed": _participant_changed("name", "Somebody Else"),
    "somebody has a field that is new": _participant_changed("shoe_size", "43 wide"),
    "registrations have sources": lambda w, e, _: w.add_utm(e, 2),
    "a recording is watched": lambda w, e, _: w.add_replay(e, 2),
    "a recording is watched on": _replays_grow,
}
