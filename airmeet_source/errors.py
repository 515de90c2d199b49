"""The errors a user can meet. Their texts carry no key, token, header or query string."""


class AirmeetError(Exception):
    """Base of everything that this package raises on purpose."""


class UsageError(AirmeetError):
    """A setting or an option is missing or makes no sense: the user has to change something."""


class KeysRefused(AirmeetError):
    """Airmeet does not accept the access key and the secret key (any more)."""


class EventListFailed(AirmeetError):
    """The list of events could not be read, so nothing else can be asked for."""


class TooManyFailures(AirmeetError):
    """So many units failed one after another that going on would only hammer the API."""
