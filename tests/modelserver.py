"""A calendar server with the habits of real ones, good and bad; what they do is told by `Habits`, as data.

The connector to it is the simplest that is right for all of them: it reads what it wrote back where the server says
no version, takes what changed from a token where there is one, and lists everything where there is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from msgspec.structs import replace

from connectors.rfc5545 import codec
from daemon.model.errors import UnreadableError
from daemon.model.event import CalendarId, ResourceRef
from daemon.model.owner import Field
from daemon.model.plan import Draft
from daemon.model.protocols import Changes, End, Resource, Seen
from memory import Memory


@dataclass(frozen=True)
class Habits:
    """What a server does.

    `rewrites`: names of REWRITES, applied to what unbusy writes.  `tells`: whether the answer to a write says the new
    version (else it is read back); it does so even when it has rewritten the body.  `hashes`: versions are those of
    the content, so that there and back again is no change (else: one more for each write).  `flaky`: with each
    listing one resource has another version, though nothing changed.  `tokens`: what changed is listed from a token.
    `portion`: so many resources at most come with one read (0: all), those first that the server finds in the window;
    and it hides from such a question each series that an override or an RDATE belongs to, as sabre/dav does.  Such as
    came before in the same version, and are asked for again, come on top: a real portion has room for them.
    """

    rewrites: tuple[str, ...] = ()
    tells: bool = True
    hashes: bool = False
    flaky: bool = False
    tokens: bool = False
    portion: int = 0


@dataclass
class ModelServer(Memory):
    """One account on such a server."""

    habits: Habits = Habits()
    log: list[tuple[CalendarId, str]] = field(default_factory=list)
    """What was written or deleted, in order; a token is a place in it."""

    epoch: int = 0
    """Tokens of an earlier one are refused."""

    silent: bool = False
    """The server gives no tokens any more."""

    left: int = 0
    """What the last read has left for the next one."""

    given: set[ResourceRef] = field(default_factory=set)
    """What has come in a read, in which version."""

    def put(self, calendar: CalendarId, href: str, payload: bytes) -> Resource:
        self.log.append((calendar, href))
        resource = super().put(calendar, href, payload)
        if self.habits.hashes:
            resource = replace(resource, ref=replace(resource.ref, version=sha256(payload).hexdigest()[:12]))
            self.stored[calendar][href] = resource
        return resource

    def take(self, calendar: CalendarId, href: str) -> Resource:
        """Somebody deletes a resource."""
        self.log.append((calendar, href))
        return self.stored[calendar].pop(href)

    def forget_tokens(self) -> None:
        """The server has lost its memory of what changed when."""
        self.epoch += 1

    def restamp(self, calendar: CalendarId, href: str) -> None:
        """Another version, and nothing else."""
        self.log.append((calendar, href))
        self.stored[calendar][href] = super().put(calendar, href, self.stored[calendar][href].payload)

    # -- the connector --------------------------------------------------------------------------------------------

    def changes(self, calendar: CalendarId, seen: Seen) -> Changes:
        there = self._calendar(calendar)
        if self.habits.flaky and there:
            self.restamp(calendar, sorted(there)[len(self.log) % len(there)])
        token = self._read_state(seen.state)
        asked = {h for c, h in self.log[token:] if c == calendar} if token is not None else set(there)
        new = {h for h in asked & there.keys() if seen.versions.get(h) != there[h].ref.version}
        again = {h for h in new if there[h].ref in self.given}
        order = sorted(new, key=lambda h: (h not in again, not self._found(there[h], seen), h))
        given = order[: len(again) + self.habits.portion if self.habits.portion else None]
        self.given |= {there[h].ref for h in given}
        self.left = len(order) - len(given)
        listed = (set(seen.versions) - asked) | (asked & there.keys()) if token is not None else set(there)
        state = "" if self.left else f"{self.epoch} {len(self.log)}"
        return Changes(
            changed=(*(there[h] for h in given), End(state, self.left)), present=frozenset(listed)
        )  # fmt: skip

    def _read_state(self, state: str) -> int | None:
        """The place of a token, None for a listing."""
        if not state:
            return None
        epoch, place = state.split()
        good = self.habits.tokens and not self.silent and int(epoch) == self.epoch
        return int(place) if good else None

    def _found(self, resource: Resource, seen: Seen) -> bool:
        """Whether a time-range query finds it."""
        if hidden(resource.payload):
            return False
        reach = codec.peek(resource.payload)
        first, last = seen.window.start.toordinal() - 1, seen.window.end.toordinal() + 1
        return (reach.last is None or reach.last >= first) and (reach.first is None or reach.first <= last)

    def create(self, draft: Draft) -> Resource:
        return self._answer(super().create(draft))

    def update(self, resource: Resource, draft: Draft, fields: frozenset[Field]) -> Resource:
        self._own(resource.ref)
        payload = codec.edited(resource.payload, draft, fields, self.clock())
        self.writes.append(f"update {resource.ref.href}")
        return self._answer(self.put(resource.ref.calendar, resource.ref.href, payload))

    def delete(self, ref: ResourceRef) -> None:
        super().delete(ref)
        self.log.append((ref.calendar, ref.href))

    def _answer(self, sent: Resource) -> Resource:
        """What the connector knows of its write: what the server made of it, or what was sent, as the server's."""
        body = sent.payload
        for name in self.habits.rewrites:
            body = REWRITES[name](body)
        stored = self.put(sent.ref.calendar, sent.ref.href, body) if body != sent.payload else sent
        return replace(stored, payload=sent.payload) if self.habits.tells else stored

    def _same(self, ref: ResourceRef) -> bytes:
        if not ref.version:
            raise UnreadableError("a write without a condition")
        return super()._same(ref)


def hidden(payload: bytes) -> bool:
    """Whether sabre/dav leaves it out of a time range: for an override before its master, or an RDATE."""
    override, rule = payload.find(b"RECURRENCE-ID"), payload.find(b"RRULE:")
    return b"\nRDATE" in payload or 0 <= override < rule


# -- what servers and other programs make of a body -------------------------------------------------------------------


def unfolded(payload: bytes) -> list[str]:
    return payload.decode().replace("\r\n", "\n").replace("\n ", "").split("\n")


def joined(lines: list[str]) -> bytes:
    return "\n".join(lines).encode()


def inside(payload: bytes, change: Callable[[list[str]], list[str]]) -> bytes:
    """A body with the lines of its first event changed, those of alarms left out."""
    lines = unfolded(payload)
    start, end = lines.index("BEGIN:VEVENT") + 1, lines.index("END:VEVENT")
    own: list[str] = []
    alarms: list[str] = []
    within = False
    for line in lines[start:end]:
        within |= line == "BEGIN:VALARM"
        (alarms if within else own).append(line)
        within &= line != "END:VALARM"
    return joined([*lines[:start], *change(own), *alarms, *lines[end:]])


def reordered(payload: bytes) -> bytes:
    """Other order."""
    return inside(payload, sorted)


def refolded(payload: bytes) -> bytes:
    """Other folds and line ends."""
    return inside(payload, lambda lines: [f"{n[:40]}\n {n[40:]}" if len(n) > 40 else n for n in lines])


def restamped(payload: bytes) -> bytes:
    """DTSTAMP and SEQUENCE are the server's."""

    def change(lines: list[str]) -> list[str]:
        kept = [n for n in lines if not n.startswith(("DTSTAMP", "SEQUENCE", "LAST-MODIFIED"))]
        return ["DTSTAMP:20260909T090909Z", "SEQUENCE:7", *kept]

    return inside(payload, change)


def spaced(payload: bytes) -> bytes:
    """Space at the ends of lines of the description."""
    return inside(payload, lambda lines: [f"{n} \\n" if n.startswith("DESCRIPTION") else n for n in lines])


def split(payload: bytes) -> bytes:
    """CATEGORIES of two values become two."""

    def one(line: str) -> list[str]:
        name, _, values = line.partition(":")
        return [f"{name}:{v}" for v in values.split(",")] if name == "CATEGORIES" else [line]

    return inside(payload, lambda lines: [out for line in lines for out in one(line)])


def html(payload: bytes) -> bytes:
    """The description as a web page would have it."""

    def one(line: str) -> str:
        name, _, value = line.partition(":")
        if not name.startswith("DESCRIPTION") or value.startswith("<"):
            return line
        escaped = re.sub("&", "&amp;", value).replace("<", "&lt;").replace(">", "&gt;")
        return f"{name}:<p>{escaped.replace(chr(92) + 'n', '<br>')}</p>"

    return inside(payload, lambda lines: [one(line) for line in lines])


REWRITES: Mapping[str, Callable[[bytes], bytes]] = {
    "order": reordered, "folds": refolded, "stamps": restamped, "space": spaced, "categories": split,
    "markup": html,
}  # fmt: skip
