"""Under which names our events were written, and where; and what is said where either has changed.

An event is found again by a UID that is made of its owner's name.  Another name would find none of those that stand:
they would count as somebody else's, and everything would be made a second time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from msgspec.structs import replace

from daemon.config import Config, writing
from daemon.ledger import Ledger, OwnRow
from daemon.ledger.notes import ADOPTED, OWNERS
from daemon.model.errors import ConfigError
from daemon.model.event import CalendarId
from daemon.model.options import shown
from daemon.model.owner import Mark, OwnState, digits, named
from daemon.model.plan import Problem
from daemon.model.profile import Profile

_UNTIL = "nothing is written until it is clear what becomes of them"
_RUNS = 50
"""So many of the latest runs are asked under which name they wrote, where that was not noted yet."""


def owner_of(config: Config, ledger: Ledger) -> str:
    """The name on our marks.  ConfigError where nothing says it: two people may give an account the same name."""
    account, options = writing(config)
    if owner := config.owner or next(iter(options.emails), ""):
        return owner
    what = f"account {account} is written to, and neither `emails` nor `owner` says whose events those are"
    for name in learnt(ledger, [account, *config.accounts]):
        raise ConfigError(
            f"{what}; the ones that stand were written as {shown(name)}", f'add the line: owner = "{name}"'
        )
    raise ConfigError(what, f'add your addresses to [accounts.{account}], as in emails = ["ada@example.com"]')


def former(config: Config, ledger: Ledger, owner: str) -> frozenset[str]:
    """The other names on events of the user: those that were written with or taken over, and the user's addresses."""
    addresses = {email for one in config.accounts.values() for email in one.emails}
    noted = OWNERS.get(ledger.drawer)
    known = learnt(ledger, [*addresses, *config.accounts]) if noted is None else noted
    return frozenset({*addresses, *known, *(ADOPTED.get(ledger.drawer) or ())}) - {owner}


def learnt(ledger: Ledger, candidates: Iterable[str]) -> list[str]:
    """Those of these names under which past runs wrote: an older version did not note them."""
    changes = [c for run in ledger.runs.latest(_RUNS) for c in run.changes if named(c.uid)]
    generations = [c.after.get("generation", c.before.get("generation", 0)) for c in changes]
    rows = [(c.policy, c.key, int(str(n)), named(c.uid)) for c, n in zip(changes, generations, strict=True)]
    return [name for name in dict.fromkeys(candidates) if any(digits(name, p, k, n) == uid for p, k, n, uid in rows)]


def note(ledger: Ledger, who: Profile) -> None:
    """Events are about to be written under the name of now."""
    known = OWNERS.get(ledger.drawer) or tuple(learnt(ledger, who.former))
    OWNERS.put(ledger.drawer, (*(name for name in known if name != who.owner), who.owner))


# -- what has changed -------------------------------------------------------------------------------------------------


def place_now(config: Config, calendar: CalendarId) -> CalendarId:
    """Where a calendar is: an account that the config no longer names is taken to have another name now."""
    account, _, name = calendar.partition("/")
    return calendar if account in config.accounts else f"{writing(config)[0]}/{name}"


def elsewhere(
    config: Config, rows: Iterable[OwnRow], ours: Collection[CalendarId], listed: Collection[CalendarId]
) -> tuple[OwnRow, ...]:
    """Those that stand in a calendar which is there, or may be, and is not read as one that is written to.

    `listed`: all that the accounts show.  What has gone from an account with its calendar stands nowhere.
    """
    account = f"{writing(config)[0]}/"
    return tuple(
        row
        for row in rows
        if row.status is OwnState.STANDING
        and (now := place_now(config, row.calendar)) not in ours
        and (now in listed or now != row.calendar or not now.startswith(account))
    )


def other_names(
    ledger: Ledger, who: Profile, calendars: Collection[CalendarId], bare: Iterable[Mark]
) -> Mapping[str, int]:
    """How many events stand under each other name of the user that was not taken over.

    `bare`: the marks of those that stand without them, since a client has dropped them.
    """
    adopted = ADOPTED.get(ledger.drawer) or ()
    there = Counter(ledger.mirror.owners(calendars))
    there.update(mark.owner for mark in bare)
    return {name: n for name, n in sorted(there.items()) if name in who.former and name not in adopted}


def changed(names: Mapping[str, int], left: Iterable[OwnRow], owner: str) -> Problem | None:
    """What keeps anything from being written until the user has said how to go on."""
    for name, n in names.items():
        what = f"{_stand(n)} here under the name {shown(name)}, and the name is {shown(owner)} now; {_UNTIL}"
        return Problem("owner", what, f'write owner = "{name}" in the config, or take them over: `unbusy adopt`', 2)
    for calendar, n in sorted(Counter(row.calendar for row in left).items()):
        what = f"{_stand(n)} in {calendar}, and that is not written to any more; {_UNTIL}"
        return Problem(calendar, what, "name it in `write` again, or keep them for yourself: `unbusy adopt`", 2)
    return None


def _stand(n: int) -> str:
    return f"{n} events of unbusy stand" if n > 1 else "an event of unbusy stands"


def adopt(ledger: Ledger, names: Iterable[str], left: Iterable[OwnRow]) -> None:
    """Take over what stands under these names, and let go of what stands elsewhere: that is the user's."""
    adopted = {*(ADOPTED.get(ledger.drawer) or ()), *names}
    ADOPTED.put(ledger.drawer, tuple(sorted(adopted)))
    ledger.own.remember(replace(row, status=OwnState.WITHDRAWN) for row in left)
