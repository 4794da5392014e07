"""What unbusy says about itself on the calendar, for those who never look at a log: one all-day line a week at most."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from daemon.model.event import CalendarId
from daemon.model.owner import UNBUSY, Wish
from daemon.model.plan import Problem
from daemon.model.proposal import Content, Fixed, Level, Want
from daemon.model.snapshot import Snapshot
from daemon.model.times import DAY, DateRange, Week
from daemon.model.user.calendars import CalendarState
from daemon.planning.counting.spoken import account_of


class Topic(StrEnum):
    """What a notice is about; its key begins with it."""

    STALE = "stale"  # a calendar cannot be read
    STOPPED = "stopped"  # a plan is over the limits
    NEEDS = "needs"  # the user has to do something


def topic(wish: Wish) -> Topic | None:
    """What the notice of this name is about; None for what is none."""
    return next((t for t in Topic if wish.policy == UNBUSY and wish.key.startswith(f"{t}/")), None)


STALE_FOR = timedelta(hours=24)
"""How old the last reading of a calendar may be for new events to be made."""

NEEDED_FOR = timedelta(hours=1)
"""How long a login is refused, or the config wrong, before the calendar says so: what passes is not worth a line."""

_CONFIG, _LOGIN = 2, 3
"""The exit codes of what only the user can mend."""

ELSEWHERE = "another"
"""What the key of a notice names in place of the calendars of another account."""


def keys(week: Week, calendars: Iterable[CalendarId]) -> Iterator[str]:
    """Every key that a notice may have in a week; once those of other accounts had their names in it, too."""
    stale = (f"{Topic.STALE}/{c}" for c in (ELSEWHERE, *calendars))
    yield from (f"{key}/{week.key}" for key in (Topic.STOPPED, Topic.NEEDS, *stale))


def unknown(snapshot: Snapshot) -> list[CalendarState]:
    """Calendars of which too little is known to plan on: not readable for a day, or never read, or only in part."""
    return [
        c
        for c in snapshot.calendars
        if c.part or (c.stale and (c.read_at is None or snapshot.now - c.read_at > STALE_FOR))
    ]  # fmt: skip


def needed(
    problems: Iterable[Problem], since: Mapping[tuple[str, int], datetime], now: datetime, main: CalendarId
) -> list[Problem]:
    """Those that wait for the user for so long that the calendar `main` says it; `since`: by account and code.

    Where the account of `main` fails as a whole nothing can be said there.
    """
    waiting = (p for p in problems if p.code in (_CONFIG, _LOGIN) and p.where not in (account_of(main), main))
    return [p for p in waiting if (at := since.get((account_of(p.where), p.code))) and now - at >= NEEDED_FOR]


def needs(snapshot: Snapshot, main: CalendarId, problems: Collection[Problem]) -> list[Want]:
    """One line for all of them, without what an error says: others may see the calendar."""
    if not problems:
        return []
    logins = sorted({account_of(p.where) for p in problems if p.code == _LOGIN})
    named = [a for a in logins if a in {account_of(main), *snapshot.profile.quotes}]
    text = [f"The account {a} refuses unbusy: run `unbusy login {a}`." for a in named]
    if len(named) < len(logins):
        text.append("Another account refuses unbusy: `unbusy status` names it, and `unbusy login` mends it.")
    if any(p.code == _CONFIG for p in problems):
        text.append("The config is wrong: `unbusy check` says where.")
    text.append("What stands is kept.")
    return [_notice(snapshot, Topic.NEEDS, "unbusy needs you", " ".join(text))]


def stale(snapshot: Snapshot, main: CalendarId, refused: Collection[Problem] = ()) -> list[Want]:
    """For each that cannot be read, for those of other accounts together: nothing new is made until it can.

    `refused`: what is said of other accounts already.
    """
    told = {account_of(p.where) for p in refused}
    unread = (c for c in unknown(snapshot) if not c.part and account_of(c.id) not in told)
    found = {(c.id if _may_say(c, snapshot, main) else ELSEWHERE): called(c, snapshot, main) for c in unread}
    return [
        _notice(
            snapshot,
            f"{Topic.STALE}/{key}",
            f"unbusy cannot read {name.removeprefix('the calendar ')}",
            f"{name[0].upper()}{name[1:]} could not be read for a day or longer. What stands is kept, and nothing new "
            "is made until it can be read again. `unbusy check` says what is wrong.",
        )
        for key, name in found.items()
    ]


def called(calendar: CalendarState, snapshot: Snapshot, main: CalendarId) -> str:
    """How a calendar may be called where it is read in another one: in that of `main`, or in an answer."""
    return f"the calendar {calendar.name}" if _may_say(calendar, snapshot, main) else "another calendar"


def _may_say(calendar: CalendarState, snapshot: Snapshot, main: CalendarId) -> bool:
    account = account_of(calendar.id)
    return account == account_of(main) or account in snapshot.profile.quotes


def stopped(snapshot: Snapshot, why: str) -> Want:
    """The daemon holds a plan that is over the limits."""
    return _notice(
        snapshot,
        Topic.STOPPED,
        "unbusy has stopped and asks",
        f"Nothing was written: {why}. Look at `unbusy plan`; `unbusy apply --force` carries it out.",
    )


def _notice(snapshot: Snapshot, key: str, title: str, text: str) -> Want:
    """On today, once a week: later in the week it is history, and stays."""
    day = DateRange(snapshot.today, snapshot.today + DAY)
    return Want(
        policy=UNBUSY, key=f"{key}/{snapshot.this_week.key}", content=Content(title=title, reason=text),
        when=Fixed(day), level=Level.LUNCH,
    )  # fmt: skip
