"""The way to the API: proxies and certificates, what is said of them, and what is never said."""

import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import certifi
import pytest
import trustme

from airmeet_source.api.answers import Failed
from airmeet_source.api.route import is_loopback, route_to
from airmeet_source.api.transport import Received, Transport
from airmeet_source.errors import NotInstalled, UsageError
from tests.support.raw_server import RawServer, answer, raw_server

API = "https://api.example.com/prod"
LOOPBACK = ("127.0.0.1", "localhost", "LOCALHOST.", "api.localhost", "::1", "127.8.9.1")
ELSEWHERE = ("10.0.0.1", "example.com", "localhost.example.com", "127.0.0.1.example.com", "0.0.0.0", "")


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def proxy() -> Iterator[RawServer]:
    """A proxy that wants a password."""
    with raw_server(lambda _: answer(b"<html>", status="407 Proxy Authentication Required")) as server:
        yield server


@contextmanager
def tls_server(folder: Path) -> Iterator[str]:
    """The address of a server whose certificate is signed by an authority that nobody knows."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "certificate.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with raw_server(tls=context) as server:
        yield server.url


def ask(url: str) -> Received | Failed:
    transport = Transport(url, 1, 2.0)
    try:
        return transport.exchange("GET", "/airmeets", {"X-Airmeet-Access-Token": "token"}, {})
    finally:
        transport.close()


# -- proxies -------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", LOOPBACK)
def test_this_machine_is_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ELSEWHERE)
def test_no_other_machine_is(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_requests_to_this_machine_go_past_the_proxy(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "http://user:pa55word@127.0.0.1:9")
    with raw_server() as server:
        assert isinstance(ask(server.url), Received)


def test_a_proxy_that_refuses_connections_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://user:pa55word@127.0.0.1:9")
    assert ask(API) == Failed("the proxy 127.0.0.1:9 refuses connections")


def test_a_proxy_without_a_name_in_the_dns_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://user:pa55word@no-such-proxy.invalid:3128")
    assert ask(API) == Failed("the name of the proxy no-such-proxy.invalid:3128 cannot be resolved")


@pytest.mark.parametrize("url", [API, API.replace("https", "http")])
@pytest.mark.parametrize(
    ("user", "said"),
    [("", "wants a user and a password"), ("user:pa55word@", "refuses the user and the password")],
)
def test_a_proxy_that_wants_a_password_is_a_usage_error_and_asked_once(
    proxy: RawServer, monkeypatch: pytest.MonkeyPatch, url: str, user: str, said: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", f"http://{user}127.0.0.1:{proxy.port}")
    with pytest.raises(
        UsageError, match=rf"The proxy 127\.0\.0\.1:{proxy.port} {said} \(HTTP 407\)"
    ) as raised:
        ask(url)
    assert "pa55word" not in str(raised.value)
    assert len(proxy.heads) == 1


def test_a_proxy_that_does_not_connect_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with raw_server(lambda _: answer(b"<html>", status="503 Service Unavailable")) as server:
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:pa55word@127.0.0.1:{server.port}")
        given = ask(API)
    assert given == Failed(
        f"the proxy 127.0.0.1:{server.port} does not connect to api.example.com (HTTP 503)"
    )


@pytest.mark.parametrize("address", ["ftp://proxy:21", "http://", "http://user:pa55word@proxy:port", "://"])
def test_an_address_that_is_no_proxys_is_a_usage_error(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", address)
    with pytest.raises(UsageError, match="no address such as") as raised:
        route_to(API)
    assert "pa55word" not in str(raised.value)


def test_a_socks_proxy_needs_a_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5h://user:pa55word@127.0.0.1:1080")
    monkeypatch.setattr("airmeet_source.api.route.find_spec", lambda _: None)
    with pytest.raises(NotInstalled, match=r"socks5h://127.0.0.1:1080 .* \"requests\[socks\]\""):
        route_to(API)


def test_a_redirect_is_not_followed() -> None:
    with raw_server() as other:
        to_another = answer(b"", f"Location: {other.url}/airmeets", status="307 Temporary Redirect")
        with raw_server(lambda _: to_another) as server:
            given = ask(server.url)
    assert isinstance(given, Received)
    assert given.status == 307
    assert other.heads == []


# -- certificates --------------------------------------------------------------------------------


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_a_file_of_certificates_that_cannot_be_used_is_a_usage_error_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str
) -> None:
    for place, said in ((tmp_path / "no.pem", "does not exist"), (Path(__file__), "is no readable file")):
        monkeypatch.setenv(variable, str(place))
        with pytest.raises(UsageError, match=f"{variable} names .* which {said}"):
            Transport(API, 1, 1.0)
        assert route_to("http://127.0.0.1:1").certificates is True, "it is not needed there"


def test_the_first_file_of_certificates_that_is_named_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    assert route_to(API).certificates is True
    for variable in ("SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.setenv(variable, certifi.where())
        assert route_to(API).certificates == certifi.where()


def test_a_certificate_that_is_not_trusted_is_told_with_the_remedy(tmp_path: Path) -> None:
    with tls_server(tmp_path) as url:
        given = ask(url)
    assert isinstance(given, Failed)
    assert "is not trusted" in given.reason
    assert "REQUESTS_CA_BUNDLE" in given.reason


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
def test_a_certificate_of_ones_own_is_trusted_when_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    with tls_server(tmp_path) as url:
        monkeypatch.setenv(variable, str(tmp_path / "certificate.pem"))
        assert isinstance(ask(url), Received)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere they are not OpenSSL's")
def test_the_systems_certificates_are_a_choice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")  # does not count then

    def asked(url: str) -> Received | Failed:
        transport = Transport(url, 1, 2.0, system_certificates=True)
        try:
            return transport.exchange("GET", "/", {}, {})
        finally:
            transport.close()

    with tls_server(tmp_path) as url:
        refused = asked(url)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))  # OpenSSL's, so the system's
        accepted = asked(url)
    assert isinstance(refused, Failed)
    assert "is not trusted" in refused.reason
    assert isinstance(accepted, Received)
