"""Which calendars are read, and as what: by the config, by what the store says, else by what is in them at first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from daemon.config import Config, writing
from daemon.ledger import Drawer, Ledger, notes
from daemon.model.errors import ConfigError, UnbusyError
from daemon.model.event import CalendarId, Event, ReadAs
from daemon.model.plan import Problem
from daemon.model.profile import Profile
from daemon.model.protocols import CalendarInfo
from daemon.model.times import DAY
from daemon.model.user.calendars import WRITTEN, CalendarState, CalendarUse
from daemon.planning.counting.whose import is_labelled, is_of_holidays, judged

SHARED = "shared"
"""What is kept of a calendar that somebody else owns, beside the names of `ReadAs`."""


def names_of(info: CalendarInfo) -> frozenset[str]:
    """What the config may call a calendar."""
    return frozenset({info.id, info.id.partition("/")[2], info.name})


def chosen(
    config: Config, account: str, infos: Iterable[CalendarInfo], problems: list[Problem]
) -> tuple[list[CalendarInfo], list[CalendarInfo]]:
    """The calendars that the config names, by name or id; by default those that the user owns; and those to write.

    And apart from them the others that say of themselves that they hold public holidays.
    """
    infos = list(infos)
    options = config.accounts[account]
    writes = [options.write, *(p.calendar for p in config.policies.values())] if options.write else []
    names = list(dict.fromkeys([*options.read_names, *filter(None, writes)]))
    by_name = {key: i for i in reversed(infos) for key in names_of(i)}
    for name in options.read_names:
        if name not in by_name:
            have = ", ".join(sorted(i.name for i in infos)) or "none"
            problems.append(Problem(account, f"there is no calendar {name!r}; it has: {have}", "mend `read`", 2))
    owned = [] if options.read else [i for i in infos if i.owned]
    found = list(dict.fromkeys([*owned, *(by_name[n] for n in names if n in by_name)]))
    return found, [i for i in infos if is_of_holidays(i.id, i.name) and i not in found]


def written(config: Config, main: CalendarId, ours: Mapping[str, CalendarId]) -> frozenset[CalendarId]:
    """The calendars that unbusy writes to; `ours`: those of the writing account, by name."""
    others = (p.calendar for p in config.policies.values())
    return frozenset({main, *(ours[name] for name in others if name in ours)})


def to_write(config: Config, infos: Iterable[CalendarInfo]) -> tuple[CalendarId, dict[str, CalendarId]]:
    """The main calendar, and all of the writing account among these, by each of their names.

    ConfigError when the main one is not there.
    """
    account, options = writing(config)
    mine = [info for info in infos if info.id.startswith(f"{account}/")]
    ours = {key: info.id for info in mine for key in (info.name, info.id.partition("/")[2])}
    if options.write not in ours:
        have = ", ".join(sorted(ours)) or "none that can be read"
        raise ConfigError(
            f"account {account} has no calendar {options.write!r}; it has: {have}",
            "mend `write`, or make that calendar",
        )
    return ours[options.write], ours


def known_use(config: Config, drawer: Drawer, info: CalendarInfo) -> CalendarUse | None:
    """How a calendar is read, as far as that hangs on nothing that is in it; None where its events must tell."""
    options = config.accounts[info.id.partition("/")[0]]
    said, kept = options.read_as(names_of(info)), kept_use(drawer, info.id)
    if said:
        return CalendarUse(read_as=said, whole=True)
    if is_of_holidays(info.id, info.name):
        return CalendarUse(read_as=ReadAs.HOLIDAYS)
    if info.shared or kept == SHARED:
        return CalendarUse(read_as=ReadAs.OTHERS, whole=True)
    return CalendarUse(read_as=ReadAs(kept)) if kept else None


def use_of(
    config: Config, drawer: Drawer, info: CalendarInfo, events: Sequence[Event], who: Profile, *, first: bool
) -> CalendarUse:
    """How a calendar is read that is not written to; `first`: it was read as ever, and what it shows is kept.

    `events`: its occurrences.  What is kept is judged once, so that no single event makes others of a whole calendar.
    """
    use = known_use(config, drawer, info)
    if use is None:
        use = CalendarUse(read_as=judged(events, who))
        if first and events and who.me:
            keep_use(drawer, info.id, use.read_as)
    elif info.shared:
        keep_use(drawer, info.id, SHARED)
    return replace(use, labelled=is_labelled(events, who)) if use.read_as is ReadAs.HOLIDAYS else use


def state_of(ledger: Ledger, info: CalendarInfo, use: CalendarUse, *, stale: bool) -> CalendarState:
    """How a calendar was read."""
    read_at, part = ledger.mirror.read_at(info.id), notes.part(info.id).get(ledger.drawer)
    said = str(part) if part else ""
    own = info.owned and not info.shared and info.writable
    return CalendarState(
        id=info.id, name=info.name, read_at=read_at, stale=stale, use=use, part=said, own=own, comments=info.comments
    )  # fmt: skip


def uses_of(
    config: Config, drawer: Drawer, infos: Iterable[tuple[CalendarInfo, bool]], written: frozenset[CalendarId],
    events: Iterable[Event], who: Profile,
) -> dict[CalendarId, CalendarUse]:  # fmt: skip
    """How every calendar is read; each comes with whether what it shows may be kept."""
    rest = {info.id: (info, first) for info, first in infos if info.id not in written}
    found: dict[CalendarId, list[Event]] = {calendar: [] for calendar in rest}
    for event in events if rest else ():
        if event.ref.calendar in found:
            found[event.ref.calendar].append(event)
    uses = {c: use_of(config, drawer, info, found[c], who, first=first) for c, (info, first) in rest.items()}
    return dict.fromkeys(written, WRITTEN) | uses


# -- what is kept ------------------------------------------------------------------------------------------------------


def kept_use(drawer: Drawer, calendar: CalendarId) -> str:
    """As what a calendar was read when it was first judged: a name of `ReadAs`, or `SHARED`; '' for never."""
    kept = notes.read_as(calendar).get(drawer) or ""
    return kept if kept in {*ReadAs, SHARED} else ""


def keep_use(drawer: Drawer, calendar: CalendarId, use: str) -> None:
    """Keep it."""
    notes.read_as(calendar).put(drawer, str(use))


def named(config: Config, who: Profile, drawer: Drawer, infos: Sequence[CalendarInfo]) -> Profile:
    """The user, with the names that stores have for them: as they say now, and as they last said.

    The addresses that a store tells count where the account has no `emails`.
    """
    known = frozenset(notes.LOGINS.get(drawer) or ())
    told = {i.principal.lower() for i in infos if i.principal}
    if not told <= known:
        notes.LOGINS.put(drawer, tuple(sorted(known | told)))
    silent = [name for name, options in config.accounts.items() if not options.emails]
    me = {address for name in silent for address in _addresses(drawer, name, infos)}
    return replace(who, me=who.me | me, logins=who.logins | known | told)


def _addresses(drawer: Drawer, account: str, infos: Iterable[CalendarInfo]) -> tuple[str, ...]:
    note = notes.addresses(account)
    known = note.get(drawer) or ()
    told = next((i.addresses for i in infos if i.addresses and i.id.startswith(f"{account}/")), known)
    if told != known:
        note.put(drawer, told)
    return told


def unread(drawer: Drawer, calendar: CalendarId, now: datetime) -> str:
    """Why a calendar that nobody has named is left alone for a day; '' if it is to be read."""
    noted = notes.unread(calendar).get(drawer)
    return noted.why if noted and timedelta(0) <= now - noted.at < DAY else ""


def note_unread(drawer: Drawer, calendar: CalendarId, now: datetime, error: UnbusyError) -> None:
    """It cannot be read, most often because the login has no right to it; what is asked at every turn is not quiet."""
    notes.unread(calendar).put(drawer, notes.Unread(at=now, why=error.what))
