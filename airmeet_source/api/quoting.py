"""What of an error's body may stand in a message.

Of an answer with a 2xx status nothing may: it holds people. If it is an error all the same, its words are
told as far as they are words that the API is known to use.
"""

import re
from collections.abc import Callable

from airmeet_source.disclosure.secrets import HIDDEN
from airmeet_source.disclosure.words import of_api
from airmeet_source.fields import JSON, pick

# how an answer's body is quoted, from its status, what was parsed, and its bytes
Quote = Callable[[int, JSON, bytes], str]

_READ = 20_000  # characters of what an error says
_TITLE = re.compile(rb"<title[^<>]{0,200}>([^<]{1,500})", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
_VOCABULARY = """
a access after again airmeet airmeets allowed already an and api are as at attendance attendees auth
authentication authorization authorized available back bad be because been before being booth booths but
by can cannot code come community completed contact could credentials currently custom data deleted denied
disabled does doesn't don't down empty enabled endpoint error errors event events exceeded exist exists
expired failed feature fields finished for forbidden format found from gateway generated generation has
have in incorrect internal invalid is it its key keys later limit limits list live long maintenance many
match message method missing must no not null of on once ongoing only oops operation or out page pages
parameter parameters participants path permission permissions plan please polls preparation prepared
processed processing progress questions rate ready recordings refused registrations replay request
requested requests required resource response retry revoked secret server service session sessions size
slow something soon started status still subscription such supplied supported temporarily the then there
this time timed timeout to token too tracks try unable unauthorized unavailable under unexpected unknown
unsupported upgrade url user users utms valid value version wait was went while with wrong yet you your
"""
_KNOWN_WORDS = frozenset(_VOCABULARY.split())


def own_words(status: int, payload: JSON, body: bytes) -> str:
    """The API's own words in an error, or the title of a proxy's page; nothing else of the body."""
    if status < 300:
        return _known(said_in(payload))
    if isinstance(payload, dict):
        return of_api(said_in(payload))
    title = _TITLE.search(body[:_READ])
    return of_api(title[1].decode("utf-8", "replace")) if title else ""


def no_words(_status: int, _payload: JSON, _body: bytes) -> str:
    """Nothing: where people are not to be known, an error may not name them either."""
    return ""


def said_in(payload: JSON) -> str:
    """What an error says of itself, under any of the names that the API has for that."""
    words = pick(payload, "status_message", "message", "error", "errors")
    if isinstance(words, list):
        words = "; ".join(word for word in words if isinstance(word, str))
    if isinstance(words, dict):
        words = pick(words, "message", "status_message")
    if words is None:
        words = pick(payload, "code")
    return words[:_READ] if isinstance(words, str) else ""


def _known(sentence: str) -> str:
    words = [word if word.casefold() in _KNOWN_WORDS else HIDDEN for word in _WORD.findall(of_api(sentence))]
    told = [
        word for number, word in enumerate(words) if word != HIDDEN or words[number - 1 : number] != [HIDDEN]
    ]
    return " ".join(told) if any(word != HIDDEN for word in told) else ""
