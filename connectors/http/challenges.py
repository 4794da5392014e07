"""What a server says of how to log in (RFC 9110, 11.6.1): several challenges may stand in one line."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct, field

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # `token` of RFC 9110, 5.6.2
_QUOTED = r'"((?:[^"\\]|\\.)*)"'
_END = r"(?=\s*(?:,|\Z))"
_PARAMETER = re.compile(rf"({_WORD})\s*=\s*(?:{_QUOTED}|({_WORD})){_END}", re.DOTALL)
_SCHEME = re.compile(rf"({_WORD})(?:\s+[A-Za-z0-9._~+/-]+=*{_END}|\s+|{_END})")
_BETWEEN = re.compile(r"[\s,]*")


class Challenge(Struct, frozen=True):
    """One way to log in: its scheme and the names of its parameters in lower case, values without their quotes."""

    scheme: str
    parameters: Mapping[str, str] = field(default_factory=dict)


def challenges(said: str) -> tuple[Challenge, ...]:
    """Those of a WWW-Authenticate line, in order; what comes after something that cannot be understood is left out."""
    found: list[tuple[str, dict[str, str]]] = []
    at = _past(_BETWEEN, said, 0)
    while at < len(said):
        if found and (one := _PARAMETER.match(said, at)):
            name, quoted, plain = one.groups()
            found[-1][1][name.lower()] = plain if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        elif one := _SCHEME.match(said, at):
            found.append((one[1].lower(), {}))
        else:
            break
        at = _past(_BETWEEN, said, one.end())
    return tuple(Challenge(scheme, parameters) for scheme, parameters in found)


def _past(what: re.Pattern[str], text: str, at: int) -> int:
    found = what.match(text, at)
    return found.end() if found else at
