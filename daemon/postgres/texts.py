"""Texts that PostgreSQL does not take: one may hold any character there but NUL, and calendars hold that, too.

It is written as two others, and so is the first of those.  The order of texts stays what it is, and no two become one.
"""

from __future__ import annotations

from typing import Any

from psycopg import Connection
from psycopg.abc import Buffer
from psycopg.types.string import StrDumper, TextLoader

_SIGN = "\x01"


def escaped(text: str) -> str:
    """The same without NUL."""
    return text.replace(_SIGN, "\x01\x02").replace("\0", "\x01\x01") if _SIGN in text or "\0" in text else text


def unescaped(text: str) -> str:
    """What was escaped."""
    return text.replace("\x01\x01", "\0").replace("\x01\x02", _SIGN) if _SIGN in text else text


class _Dumper(StrDumper):
    def dump(self, obj: str) -> Buffer | None:
        return super().dump(escaped(obj))


class _Loader(TextLoader):
    def load(self, data: Buffer) -> str | bytes:
        found = super().load(data)
        return unescaped(found) if isinstance(found, str) else found


def adapt(connection: Connection[Any]) -> None:
    """Have every text of a connection go and come so."""
    connection.adapters.register_dumper(str, _Dumper)
    connection.adapters.register_loader("text", _Loader)
