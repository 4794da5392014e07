"""Two writers of one event: what comes back changed again and again is left as it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from daemon.model.event import Event
from daemon.model.owner import Field
from daemon.model.plan import Change, Delete, Problem, Update
from daemon.model.snapshot import Contest
from daemon.model.times import local_day
from daemon.model.words import day, listed, quoted, title

OFTEN = 3
"""After so many rewrites within a day nothing more is written to an event."""

DAYS = 2
"""After so many days of that it rests until the user acts."""

PRODID = "-//unbusy//"
"""How the product identifier of what unbusy itself has written begins."""

Base = Mapping[Field, str]
"""Fingerprints as a mark holds them; {} where no event is."""


class Write(Struct, frozen=True):
    """A write that was taken: the base found before it, and the one asked for; `ordered`: the user wanted it so."""

    at: datetime
    before: Base
    after: Base
    ordered: bool = False


class Outcome(Struct, frozen=True):
    """The changes that are left, a problem for each of the others, and what is to be remembered by UID."""

    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]
    contests: Mapping[str, Contest]


def uncontested(
    changes: Sequence[Change], written: Mapping[str, Sequence[Write]], known: Mapping[str, Contest], zone: ZoneInfo,
    me: str = "",
) -> Outcome:  # fmt: skip
    """The changes without those that others have taken back too often.

    `written`: by UID the writes of the last day, oldest first.  `known`: the contests so far; one in which the user has
    acted since, by an edit, is over.  `me`: this installation, as marks name it.
    """
    contests = dict(known)
    problems: list[Problem] = []
    left: list[Change] = []
    for change in changes:
        contest = _contest(change, written.get(change.uid, ()), known.get(change.uid), zone)
        if contest and isinstance(change, Update | Delete):
            contests[change.uid] = contest
            problems.append(_problem(change, contest, written.get(change.uid, ()), me))
        else:
            left.append(change)
    return Outcome(tuple(left), tuple(problems), contests)


def _contest(change: Change, writes: Sequence[Write], known: Contest | None, zone: ZoneInfo) -> Contest | None:
    """Whether it is to be left, and since when."""
    if not isinstance(change, Update | Delete):
        return None
    edited = tuple(sorted(change.before.edited))
    known = known if known and known.edited == edited else Contest((), edited)
    if max(_came_back(change, writes), _repeated(change, writes)) >= OFTEN:
        last = local_day(writes[-1].at, zone)
        return Contest(tuple(sorted({*known.days, last}))[-DAYS:], edited)
    return known if len(known.days) >= DAYS else None


def _came_back(change: Update | Delete, writes: Sequence[Write]) -> int:
    """How many writes did not stand as they were made when we looked next."""
    found = [*(w.before for w in writes[1:]), change.before.mark.base]
    return sum(_changed(w, later) for w, later in zip(writes, found, strict=False) if not w.ordered)


def _changed(write: Write, later: Base) -> bool:
    if not write.after:
        return bool(later)
    return bool(later) and any(later.get(f) != write.after[f] for f in _fields(write))


def _repeated(change: Update | Delete, writes: Iterable[Write]) -> int:
    """How many writes were this very change; others may lie between."""
    wanted = {f: change.mark.base[f] for f in change.fields}
    return sum(
        bool(w.after) == bool(wanted) and wanted.items() <= w.after.items() and wanted.keys() <= _fields(w)
        for w in writes
        if not w.ordered
    )


def _fields(write: Write) -> frozenset[Field]:
    return frozenset(f for f, value in write.after.items() if write.before.get(f) != value)


# -- in words ---------------------------------------------------------------------------------------------------------


def _problem(change: Update | Delete, contest: Contest, writes: Sequence[Write], me: str) -> Problem:
    event = change.before.event
    name = f"{title(event)} ({change.wish})"
    if writes and not _came_back(change, writes):
        what = f"{name} was written back and forth {OFTEN} times within a day"
    else:
        what = f"{writer(event, me)} has rewritten {name} {OFTEN} times within a day"
    remedy = "find the program that writes to this calendar, or edit the event, which makes it yours"
    if len(contest.days) < DAYS:
        return Problem(change.calendar, f"{what}; it is left as it is", remedy, 1)
    days = listed([day(d) for d in contest.days])
    what = f"{what}, on {days}; it rests until you edit or delete it"
    return Problem(change.calendar, what, f"{remedy}; `unbusy apply --force` writes it once more", 1)


def writer(event: Event, me: str = "") -> str:
    """Who wrote an event of ours last, as well as can be known: by its mark, else by the program's own name."""
    by = event.mark.by if event.mark else ""
    if by and by != me:
        return f"another installation of unbusy ({by})"
    if event.program.startswith(PRODID):
        return "another installation of unbusy, or a program that puts old copies back,"
    return f"another program ({quoted(event.program)})" if event.program else "another program"
