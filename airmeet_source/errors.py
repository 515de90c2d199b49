"""The errors a user can meet. Their texts carry no key, token, header or query string.

The command line ends with the exit code of the class, in brackets::

    AirmeetError (1)             everything that this package raises on purpose
    ├── UsageError (2)           a setting, an option or an argument has to be changed
    │   ├── NotInstalled (2)     a package is missing
    │   └── FileTaken (2)        a file would take the place of another one
    ├── KeysRefused (2)          Airmeet does not accept the keys
    │   └── KeysRevoked (1)      Airmeet accepted them at the start of the run
    ├── EventListFailed (1)      nothing could be asked for
    ├── LookUpFailed (1)         who is on an event's list, or what its form asks, cannot be told
    ├── TooManyFailures (1)      the API is down
    ├── Unreachable (1)          nobody answers at the destination
    ├── AlreadyRunning (1)       another run loads into the dataset
    ├── Overtaken (1)            another community loaded meanwhile what this run was about to load
    ├── FileInUse (1)            another program has the DuckDB file open
    ├── TableLocked (1)          another session has a lock in the database
    ├── LockLost (1)             nothing keeps other runs away any more
    ├── LoadFailed (1)           extracting, normalising or loading failed
    │   └── FieldRefused (1)     a field without a column, and the schema is frozen
    ├── UnitsMissing (3)         everything else is loaded
    ├── PeopleMissing (3)        everybody else is sent
    ├── PlaceFull (1)            there is no room for another recording
    ├── RecordingsMissing (3)    all other recordings are copied
    └── Interrupted (129, …)     stopped by SIGHUP (129), SIGINT (130) or SIGTERM (143)
"""

import signal


class AirmeetError(Exception):
    """Base of everything that this package raises on purpose."""

    exit_code = 1


class UsageError(AirmeetError):
    """A setting or an option is missing or makes no sense: the user has to change something."""

    exit_code = 2


class NotInstalled(UsageError):
    """What is asked for needs packages that are not installed."""

    def __init__(self, what: str, package: str) -> None:
        super().__init__(f'{what} needs packages that are not installed: pip install "{package}"')


class FileTaken(UsageError):
    """A report or a snapshot would take the place of the database, or of each other."""


class KeysRefused(AirmeetError):
    """Airmeet does not accept the access key and the secret key."""

    exit_code = 2


class KeysRevoked(KeysRefused):
    """Airmeet no longer accepts the keys, which were good when the run began."""

    exit_code = 1


class EventListFailed(AirmeetError):
    """The list of events could not be read, so nothing else can be asked for."""


class LookUpFailed(AirmeetError):
    """A list of an event that decides what is sent could not be read.

    ``status``: of a refusal; ``is_of_the_plan``: the community's plan may be without such lists.
    """

    def __init__(self, reason: str, status: int | None = None, *, is_of_the_plan: bool = False) -> None:
        super().__init__(reason)
        self.status = status
        self.is_of_the_plan = is_of_the_plan


class TooManyFailures(AirmeetError):
    """So many units failed one after another that going on would only hammer the API."""


class Unreachable(AirmeetError):
    """The destination cannot be reached."""


class AlreadyRunning(AirmeetError):
    """Another run of the pipeline loads into the dataset."""


class Overtaken(AirmeetError):
    """Another community loaded meanwhile, and what is about to be loaded does not fit any more."""

    def __init__(self, why: str) -> None:
        super().__init__(f"{why}. What was complete is kept; running again takes account of it.")


class FileInUse(AirmeetError):
    """Another program holds the DuckDB file open."""


class TableLocked(AirmeetError):
    """Another session holds a lock in the database that a load has to wait for."""


class LockLost(AirmeetError):
    """What keeps other runs away from the dataset is gone, so it is not safe to load any more."""


class LoadFailed(AirmeetError):
    """A step of the pipeline failed; the last good state is kept."""


class FieldRefused(LoadFailed):
    """Airmeet sent a field that a table has no column for, and the schema is frozen."""


class UnitsMissing(AirmeetError):
    """Some units failed or are still pending; everything else is loaded."""

    exit_code = 3


class PeopleMissing(AirmeetError):
    """Some people were refused, failed or left out; everybody else was sent."""

    exit_code = 3


class PlaceFull(AirmeetError):
    """There is no room for a recording where copies go."""


class RecordingsMissing(AirmeetError):
    """Some recordings were not copied; all others are."""

    exit_code = 3


class Interrupted(AirmeetError):
    """Somebody asked the run to stop."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"Stopped by {signal.Signals(number).name}: what was complete is kept, "
            "the next run goes on from there."
        )
        self.exit_code = 128 + number
