"""Numbers that look random but follow from the seed, so that any row can be computed on its own.

`random.Random` costs microseconds to seed, for every row again; mixing one integer costs a fraction of one.
"""

import hashlib
from math import gcd
from typing import NamedTuple, TypeVar

T = TypeVar("T")

_MASK = (1 << 64) - 1
_SCATTER = 2654435761
_GATHER = pow(_SCATTER, -1, 1 << 32)


def mix(value: int) -> int:
    """64 well-mixed bits of an integer (SplitMix64)."""
    value = (value + 0x9E3779B97F4A7C15) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


def key(*parts: object) -> int:
    """A 64-bit number for a name; costs more than `mix`, is meant to be taken once per collection."""
    return int.from_bytes(hashlib.blake2b(repr(parts).encode(), digest_size=8).digest(), "big")


def fraction(bits: int) -> float:
    """A float in [0, 1) made of the low 32 bits."""
    return (bits & 0xFFFFFFFF) / 4294967296


def pick(choices: tuple[T, ...], bits: int) -> T:
    """One of the choices."""
    return choices[bits % len(choices)]


class Shuffle(NamedTuple):
    """A permutation of `range(size)` that needs no memory."""

    size: int
    factor: int
    shift: int

    @classmethod
    def of(cls, size: int, bits: int) -> "Shuffle":
        """The permutation of that many numbers which belongs to these bits."""
        size = max(size, 1)
        factor = bits % size or 1
        while gcd(factor, size) != 1:
            factor = factor % size + 1
        return cls(size, factor, (bits >> 32) % size)

    def __call__(self, index: int) -> int:
        """Where a number goes."""
        return (index * self.factor + self.shift) % self.size


def numbered_uuid(number: int, salt: int, bits: int) -> str:
    """A UUID from which `number_in_uuid` can read its number again, which saves a table of all ids."""
    head = (number * _SCATTER + salt) & 0xFFFFFFFF
    more = f"{mix(bits):016x}{mix(~bits):016x}"
    return f"{head:08x}-{more[:4]}-4{more[4:7]}-a{more[7:10]}-{more[10:22]}"


def number_in_uuid(uuid: str, salt: int) -> int | None:
    """The number hidden in a UUID, or None if the text cannot be one."""
    try:
        head = int(uuid[:8], 16)
    except ValueError:
        return None
    return ((head - salt) * _GATHER) & 0xFFFFFFFF


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_PAIRS = tuple(first + second for first in _LETTERS for second in _LETTERS)


def short_id(bits: int) -> str:
    """Nine letters and digits, the way Airmeet's user ids look."""
    pairs = _PAIRS[bits % 3844] + _PAIRS[(bits >> 12) % 3844] + _PAIRS[(bits >> 24) % 3844]
    return pairs + _PAIRS[(bits >> 36) % 3844] + _LETTERS[(bits >> 48) % 62]
