"""`#never`: what was said of which subject, as the ledger and the journal know it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from msgspec.structs import replace

from daemon.journal import nevers as pages
from daemon.ledger.notes import NEVERS
from daemon.model.errors import ConfigError
from daemon.model.options import shown
from daemon.model.owner import Subject
from daemon.model.plan import Problem
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.times import DAY
from daemon.model.user.never import Never, known_as, meant
from daemon.model.words import clock, one_line, title
from daemon.stages.runtime import Runtime

SAID = 7 * DAY
"""So long an event that says it of nothing clear is spoken of."""


def known(runtime: Runtime) -> tuple[Never, ...]:
    """All that was ever said."""
    return NEVERS.get(runtime.ledger.drawer) or ()


def new(snapshot: Snapshot, before: Iterable[Never]) -> tuple[Never, ...]:
    """What is said in events of ours and is not known yet: said in the same event, it may have been taken back."""
    heard = {(never.subject.id, never.wish) for never in before}
    said = (
        Never(subject, *own.wish, on=snapshot.today)
        for own, name in _said(snapshot)
        if (subject := meant(name, own.mark.about)) and (subject.id, own.wish) not in heard
    )
    return tuple({(never.subject.id, never.wish): never for never in said}.values())


def unclear(snapshot: Snapshot) -> Iterator[Problem]:
    """Events that say it of no clear subject."""
    for own, name in _said(snapshot):
        if own.event.when.first_day(snapshot.zone) < snapshot.today - SAID or meant(name, own.mark.about):
            continue
        where = f"{title(own.event)}, {clock(own.event.when, snapshot.zone)}"
        called = [s.name or s.id for s in own.mark.about]
        remedy = f"write `#never` with a word of one of: {', '.join(map(one_line, called))}" if called else ""
        yield Problem(where, "`#never` has no clear subject there, and does nothing", remedy or _NOTHING, 0)


_NOTHING = "that event is about nothing that could be left out for good; `#skip` takes it away"


def _said(snapshot: Snapshot) -> Iterator[tuple[OwnEvent, str]]:
    return ((own, name) for own in (*snapshot.ours, *snapshot.skipped) for name in own.never)


def note(runtime: Runtime, today: date, said: Iterable[Never]) -> None:
    """Remember it, in the journal first."""
    said = tuple(said)
    if said:
        pages.note(runtime.journal, today, said)
        by_name = {(never.subject.id, never.wish): never for never in (*known(runtime), *said)}
        NEVERS.put(runtime.ledger.drawer, tuple(by_name.values()))


def forget(runtime: Runtime, today: date, text: str) -> Subject:
    """Take back what was said of a subject; ConfigError where none or more than one is meant."""
    said = known(runtime)
    found = known_as(text, said)
    if len(found) != 1:
        held = found or tuple(dict.fromkeys(never.subject for never in said if never.holds))
        names = ", ".join(one_line(f"{s.id}{f' ({s.name})' if s.name else ''}") for s in held)
        what = (
            f"{shown(text)} means more than one subject"
            if found
            else f"nothing was said never to come of {shown(text)}"
        )
        raise ConfigError(what, f"name one of: {names}" if held else "`#never` was said of nothing")
    note(runtime, today, (replace(n, holds=False, on=today) for n in said if n.holds and n.subject.id == found[0].id))
    return found[0]
