"""Asking: with which keys and how much patience the settings have Airmeet asked."""

from airmeet_source.api.client import AirmeetClient
from airmeet_source.api.quoting import no_words, own_words
from airmeet_source.api.retrying import Patience
from airmeet_source.api.transport import Transport
from airmeet_source.settings import Settings


def client_of(settings: Settings, requests_at_a_time: int) -> AirmeetClient:
    """A client that quotes no more of an error than the settings allow.

    Raises:
        UsageError: the environment names a proxy or certificates that cannot be used.
    """
    transport = Transport(
        settings.url,
        requests_at_a_time,
        settings.request_timeout,
        most_mb=settings.max_response_mb,
        system_certificates=settings.system_certificates,
    )
    return AirmeetClient(
        transport,
        access_key=settings.access_key,
        secret_key=settings.secret_key,
        quote=own_words if settings.pii == "keep" else no_words,
    )


def patience_of(settings: Settings, *, wait: bool = True) -> Patience:
    """How long to wait for what; ``wait``: also for results in preparation."""
    return Patience(
        pending_wait=settings.pending_wait,
        pending_timeout=settings.pending_timeout if wait else 0.0,
        max_attempts=settings.max_attempts,
        backoff=settings.backoff,
    )
