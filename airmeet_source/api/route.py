"""The way to the API: past or over a proxy, and whose certificates are trusted.

`requests` knows what the environment says of proxies; what it says of certificates is looked at here, before
anything is sent.
"""

import ipaddress
import os
import ssl
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import requests
from requests.utils import select_proxy

from airmeet_source.errors import NotInstalled, UsageError

# the first one that is set counts; `requests` knows only the first two
_CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
_PROXY_SCHEMES = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")


@dataclass(frozen=True, kw_only=True)
class Proxy:
    """What may be told of a proxy: its address without user and password."""

    name: str  # host and port
    has_user: bool

    def __str__(self) -> str:
        return f"the proxy {self.name}"


@dataclass(frozen=True, kw_only=True)
class Route:
    """How requests get to the API."""

    proxies: dict[str, str]
    proxy: Proxy | None
    certificates: str | bool  # a file or folder; True: those that come with `certifi`
    context: ssl.SSLContext | None  # of the operating system's certificates, if they are wanted


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        name = host.rstrip(".").lower()
        return name == "localhost" or name.endswith(".localhost")


def route_to(url: str, *, system_certificates: bool = False) -> Route:
    """The way to an address, as the environment and the settings have it.

    Raises:
        UsageError: the environment names a proxy or certificates that cannot be used.
    """
    address = urlsplit(url)
    with requests.Session() as session:
        proxies = dict(session.merge_environment_settings(url, {}, None, None, None)["proxies"])
    if is_loopback(address.hostname or ""):
        proxies = {}
    is_safe = address.scheme == "https"
    return Route(
        proxies=proxies,
        proxy=_proxy(select_proxy(url, proxies)),
        certificates=_certificates() if is_safe and not system_certificates else True,
        context=_of_the_system() if is_safe and system_certificates else None,
    )


def _proxy(address: str | None) -> Proxy | None:
    if not address:
        return None
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme.lower() not in _PROXY_SCHEMES:
        raise UsageError(
            "The proxy in the environment (HTTPS_PROXY, HTTP_PROXY or ALL_PROXY) has no address such as "
            "http://proxy.example.com:3128."
        )
    name = f"{host}:{port}" if port else host
    if parts.scheme.lower().startswith("socks") and find_spec("socks") is None:
        raise NotInstalled(f"The proxy {parts.scheme}://{name}", "requests[socks]")
    return Proxy(name=name, has_user=bool(parts.username))


def _certificates() -> str | bool:
    variable = next((name for name in _CERTIFICATES if os.environ.get(name)), None)
    if variable is None:
        return True
    place = os.environ[variable]
    try:
        if not Path(place).is_dir():
            ssl.create_default_context(cafile=place)
    except OSError as error:
        wrong = (
            "does not exist"
            if isinstance(error, FileNotFoundError)
            else "is no readable file of certificates"
        )
        raise UsageError(
            f"{variable} names {place}, which {wrong}.\n"
            "Name a file with the certificates to trust (PEM), or unset the variable."
        ) from None
    return place


def _of_the_system() -> ssl.SSLContext:
    try:
        import truststore  # noqa: PLC0415 - an extra
    except ImportError:
        raise NotInstalled("system_certificates", "airmeet-source[truststore]") from None
    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
