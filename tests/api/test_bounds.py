"""Answers that are too much: their size is bounded while they are read, however they are packed."""

import gzip
import resource
import sys
import zlib
from collections.abc import Callable, Iterator

import pytest

from airmeet_source.api.answers import Failed
from airmeet_source.api.transport import Received, Transport
from tests.support.raw_server import Respond, answer, raw_server

MOST_MB = 2.0
BODY = b'{"data": [' + b"1234567, " * 1_000 + b"0]}"


def deflated(body: bytes, window: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, window)
    return packer.compress(body) + packer.flush()


# by name; what stands behind a slash tells two of one encoding apart
PACKED: dict[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "GZip": gzip.compress,
    "deflate/zlib": lambda body: deflated(body, 15),
    "deflate/raw": lambda body: deflated(body, -15),  # as some servers have it
    "gzip, gzip": lambda body: gzip.compress(gzip.compress(body)),
    "deflate, gzip": lambda body: gzip.compress(deflated(body, 15)),
    "gzip, gzip, gzip": lambda body: gzip.compress(gzip.compress(gzip.compress(body))),
}


def header(kind: str) -> str:
    return f"Content-Encoding: {kind.partition('/')[0]}"


def exchange(respond: Respond) -> Received | Failed:
    with raw_server(respond) as server:
        transport = Transport(server.url, 1, 5.0, most_mb=MOST_MB)
        given = transport.exchange("GET", "/", {}, {})
        transport.close()
    return given


@pytest.mark.parametrize("kind", PACKED)
def test_an_answer_is_unpacked_whatever_its_encoding(kind: str) -> None:
    given = exchange(lambda _: answer(PACKED[kind](BODY), header(kind)))

    assert isinstance(given, Received)
    assert given.data == BODY


def most_memory() -> float:
    """Megabytes that this process has ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


@pytest.mark.parametrize("kind", PACKED)
def test_an_answer_that_is_too_large_is_refused_while_it_is_read(kind: str) -> None:
    """However small it is on the wire: fifty megabytes are some hundred bytes when packed twice."""
    packed = PACKED[kind](bytes(10_000_000 if kind == "identity" else 50_000_000))
    before = most_memory()

    given = exchange(lambda _: answer(packed, header(kind)))

    assert isinstance(given, Failed)
    assert given.reason == "the answer has more than 2 MB (max_response_mb)"
    assert given.overtaxed
    assert most_memory() - before < 30


def test_an_answer_without_a_length_that_never_ends_is_refused() -> None:
    def chunks(_head: bytes) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        while True:
            yield b"10000\r\n" + b" " * 65_536 + b"\r\n"

    given = exchange(chunks)

    assert isinstance(given, Failed)
    assert "more than 2 MB" in given.reason


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip, br", "gzip," * 50 + "gzip"])
def test_an_encoding_that_was_not_asked_for_is_refused(coding: str) -> None:
    given = exchange(lambda _: answer(BODY, f"Content-Encoding: {coding}"))

    assert isinstance(given, Failed)


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 200,
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000,
        b"HTTP/1.1 200 " + b"O" * 100_000,
        b"HTTP/1.1 100 Continue\r\n\r\n" * 200,
        b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" * 200,
    ],
    ids=["headers", "header", "status line", "100", "103"],
)
def test_headers_and_interim_answers_have_a_limit(head: bytes) -> None:
    given = exchange(lambda _: head + b"\r\n\r\n")

    assert isinstance(given, Failed)


def test_what_is_left_of_a_refused_answer_is_not_the_next_one() -> None:
    with raw_server(lambda head: answer(bytes(9_000_000)) if b"/large" in head else answer(b"{}")) as server:
        transport = Transport(server.url, 1, 5.0, most_mb=MOST_MB)
        assert isinstance(transport.exchange("GET", "/large", {}, {}), Failed)
        given = transport.exchange("GET", "/small", {}, {})
        transport.close()

    assert isinstance(given, Received)
    assert given.data == b"{}"
