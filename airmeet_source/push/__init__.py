"""Push: people of a file, a query or a pipeline into an event."""

from airmeet_source.push.programs import attendees, push

__all__ = ["attendees", "push"]
