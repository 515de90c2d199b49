"""How a secret may be written in somebody else's message."""

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote

Disguise = Callable[[str], str]


def _base64(before: bytes, encode: Callable[[bytes], bytes] = base64.b64encode) -> Disguise:
    return lambda secret: encode(before + secret.encode() + b"!").decode()


DISGUISES: dict[str, Disguise] = {
    "plain": str,
    "for urls": lambda secret: quote(secret, safe=""),
    "for urls, in small letters": lambda secret: quote(secret, safe="").lower(),
    "for urls, twice": lambda secret: quote(quote(secret, safe=""), safe=""),
    "for urls, thrice": lambda secret: quote(quote(quote(secret, safe=""), safe=""), safe=""),
    "for urls, each byte": lambda secret: "".join(f"%{byte:02X}" for byte in secret.encode()),
    "base64": _base64(b""),
    "base64, one byte later": _base64(b":"),
    "base64, two bytes later": _base64(b"u:"),
    "base64 for urls": _base64(b"", base64.urlsafe_b64encode),
    "base64, twice": lambda secret: base64.b64encode(base64.b64encode(secret.encode())).decode(),
    "base64 in lines": lambda secret: base64.encodebytes(b"x" * 40 + secret.encode() * 3).decode(),
    "base32": _base64(b"abc", base64.b32encode),
    "hex": lambda secret: secret.encode().hex(),
    "HEX, with colons": lambda secret: secret.encode().hex(":").upper(),
    "reversed case": str.swapcase,
    "capitals": str.upper,
    "reversed": lambda secret: secret[::-1],
    "with blanks": " ".join,
    "with hyphens": "-".join,
    "with zero-width blanks": "\u200b".join,
    "with line ends": "\r\n".join,
    "in groups": lambda secret: " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
    "as JSON": json.dumps,
    "each letter escaped": lambda secret: "".join(f"\\u{ord(letter):04x}" for letter in secret),
    "each letter escaped, in JSON": lambda secret: "".join(f"\\\\u{ord(letter):04x}" for letter in secret),
    "each letter as hex": lambda secret: "".join(f"\\x{ord(letter):02x}" for letter in secret),
    "for HTML": html.escape,
    "each letter for HTML": lambda secret: "".join(f"&#{ord(letter)};" for letter in secret),
    "wide letters": lambda secret: "".join(chr(ord(letter) + 0xFEE0) for letter in secret),
}
