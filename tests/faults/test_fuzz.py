"""Any bytes as answers: the corpus, some more each time, and over a real connection."""

import random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from airmeet_source.api.answers import Failed
from airmeet_source.api.transport import Received, Transport
from tests.faults.fuzz import Tally, corpus, fuzz
from tests.support.raw_server import raw_server


def test_the_corpus_ends_as_declared_and_in_time() -> None:
    tally = Tally()
    for each in corpus():
        tally.check(each)
    assert len(tally.kinds) > 100


def test_any_bytes_as_answers_end_as_declared_and_in_time() -> None:
    fuzz(Tally(), 150, random.randrange(2**32))


def test_any_bytes_on_the_wire_are_an_answer_or_a_failure() -> None:
    waiting = [b""]
    heads = st.sampled_from(
        [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n", b"HTTP/9 9 \r\n", b""]
    )
    fields = st.sampled_from(
        [b"\r\n", b"Content-Encoding: gzip\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n", b": \r\n\r\n"]
    )

    with raw_server(lambda _: waiting[0], keep_open=False) as server:
        transport = Transport(server.url, 1, 2.0, most_mb=1.0)

        @settings(max_examples=60, deadline=None)
        @given(heads, fields, st.binary(max_size=60))
        @example(b"HTTP/1.1 200 OK\r\n", b"Transfer-Encoding: chunked\r\n\r\n", b"-1\r\n\r\n")
        @example(b"HTTP/1.1 200 OK\r\n", b"Transfer-Encoding: chunked\r\n\r\n", b"zz\r\n\r\n")
        @example(b"HTTP/1.1 200 OK\r\n", b"Content-Length: -5\r\n\r\n", b"abc")
        @example(b"HTTP/1.1 200 OK\r\n", b"Content-Encoding: gzip\r\n\r\n", b"\x1f\x8b\x08")
        def try_all(head: bytes, more: bytes, body: bytes) -> None:
            waiting[0] = head + more + body
            assert isinstance(transport.exchange("GET", "/", {}, {}), Received | Failed)

        try_all()
        transport.close()
