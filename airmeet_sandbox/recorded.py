"""A world with recordings: what a client should have got when it downloaded one."""

from airmeet_sandbox.guests import GuestLists
from airmeet_sandbox.recordings import content
from airmeet_sandbox.state import locked


class RecordedWorld(GuestLists):
    """A world whose recordings can be downloaded."""

    @locked
    def recording(self, session: str, part: int = 0) -> bytes:
        """What is in a file; ``part`` counts the recordings of the session from 0."""
        return content(*self.session(session), part)

    @locked
    def replace_recording(self, session: str, file: bytes, part: int = 0) -> None:
        """Put another file in the place of a recording."""
        self.session(session)[1].replaced_files[part] = file
