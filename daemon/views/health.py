"""How unbusy is, for people and monitors: one line that says it, and what stands behind it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from msgspec import Struct

from daemon.config import state_dir, writing
from daemon.ledger.notes import HEALTH, Health, Trouble, consent, part
from daemon.model.owner import OwnState
from daemon.model.times import local_day
from daemon.model.words import hours, lasting, moment
from daemon.stages import backoff
from daemon.stages.doubt import installation
from daemon.stages.runtime import Runtime

LATE = 3
"""Intervals without a cycle after which the daemon counts as not running."""


class State(StrEnum):
    """How unbusy is, in a word."""

    HEALTHY = "healthy"
    STARTING = "starting"
    RETRYING = "retrying"  # something is out of reach for now; it is tried again by itself
    WAITING = "waiting for you"
    FAILING = "FAILING"
    NOT_RUNNING = "NOT RUNNING"


class Verdict(Struct, frozen=True):
    """The state, the first line, since when it is so, and the exit code of `status`."""

    state: State
    line: str
    since: datetime | None = None
    code: int = 0


class Sight(Struct, frozen=True, kw_only=True):
    """What is known, for `judge`.

    `last`: the last cycle; `holder`: who holds the daemon's lock, '' for nobody; `confirmed`: whether the daemon may
    write; `start`: the command that starts it.
    """

    last: Health | None
    holder: str
    confirmed: bool
    interval: timedelta
    start: str


def judge(seen: Sight, now: datetime, zone: ZoneInfo) -> Verdict:
    """The verdict: what keeps it from running first, then what needs the user, then what passes by itself."""
    last = seen.last
    if last is None or now - last.at > _patience(last, seen.interval):
        return _absent(seen, last, zone)
    worst = min((t for t in last.troubles if t.code), key=lambda t: (_rank(t.code), t.since), default=None)
    if worst:
        return _troubled(worst, last, zone)
    if not seen.confirmed and not last.observing:
        line = "waiting for you: nothing is written before your first `unbusy apply` (`unbusy plan` shows it)"
        return Verdict(State.WAITING, line, last.at, 3)
    return Verdict(State.HEALTHY, f"healthy{' (it only observes)' * last.observing}: {_pace(seen, last, now)}")


def _absent(seen: Sight, last: Health | None, zone: ZoneInfo) -> Verdict:
    if last is None:
        if seen.holder:
            return Verdict(State.STARTING, "starting: the first cycle is on its way")
        return Verdict(State.NOT_RUNNING, f"NOT RUNNING: there has been no cycle yet. Start it: {seen.start}", None, 3)
    since = moment(last.at, zone)
    if seen.holder:
        line = f"NOT RUNNING since {since}: {seen.holder} holds the daemon's lock, but no cycle ends. Restart it"
        return Verdict(State.NOT_RUNNING, line, last.at, 3)
    return Verdict(State.NOT_RUNNING, f"NOT RUNNING since {since}. Start it: {seen.start}", last.at, 3)


def _troubled(worst: Trouble, last: Health, zone: ZoneInfo) -> Verdict:
    remedy = f". {worst.remedy[0].upper()}{worst.remedy[1:]}" if worst.remedy else ""
    more = sum(1 for t in last.troubles if t.code) - 1
    others = f" (and {more} more)" if more else ""
    state = State.RETRYING if worst.code == 4 else State.FAILING
    line = f"{state} since {moment(worst.since, zone)}: {worst.where}: {worst.what}{others}{remedy}"
    return Verdict(state, line, worst.since, _exit(worst.code))


def _rank(code: int) -> int:
    """What needs the user first, what passes by itself last."""
    return {3: 0, 1: 2, 4: 3}.get(_exit(code), 1)


def _exit(code: int) -> int:
    """3 for what needs the user: a login, the config, a yes; 4 for what passes; 1 else."""
    return {2: 3, 3: 3, 4: 4, 5: 3}.get(code, 1)


def _patience(last: Health, interval: timedelta) -> timedelta:
    """How long the next cycle may take to come: after one that failed the daemon waits longer."""
    return max(LATE * interval, backoff.SLOWEST + interval) if last.failed else LATE * interval


def _pace(seen: Sight, last: Health, now: datetime) -> str:
    """'last cycle 3 min ago, next in 2 min'."""
    ago = f"last cycle {lasting(max(now - last.at, timedelta()))} ago"
    if not seen.holder:
        return f"{ago}; the daemon is not running now"
    due = last.at + seen.interval - now
    return f"{ago}, next in {lasting(due)}" if due > timedelta() else f"{ago}, the next is due"


# -- what stands behind it ------------------------------------------------------------------------------------------


class AccountHealth(Struct, frozen=True, kw_only=True):
    """One account.

    `read`: the oldest of the last good reads of its calendars.  `wrote`: the last write, of the account that is
    written to.  `rest`: until when it is left alone, and `why`.
    """

    account: str
    read: datetime | None
    wrote: datetime | None
    rest: datetime | None
    why: str


def accounts(runtime: Runtime, now: datetime) -> Iterator[AccountHealth]:
    """Each account, in the order of the config."""
    written, ledger = writing(runtime.config)[0], runtime.ledger
    for name in runtime.config.accounts:
        reads = [at for c in ledger.mirror.calendars(name) if (at := ledger.mirror.read_at(c.id))]
        rest = backoff.active_rest(ledger.drawer, name, now)
        runs = ledger.runs.latest(1) if name == written else ()
        yield AccountHealth(
            account=name, read=min(reads, default=None), wrote=runs[0].at if runs else None,
            rest=rest.until if rest else None, why=_with_remedy(rest.what, rest.remedy) if rest else "",
        )  # fmt: skip


def sight(runtime: Runtime) -> Sight:
    """What is known of the daemon."""
    drawer, (account, _) = runtime.ledger.drawer, writing(runtime.config)
    confirmed = bool(consent(account).get(drawer)) or _stands(runtime, account)
    return Sight(
        last=HEALTH.get(drawer), holder=runtime.service_lease.holder(), confirmed=confirmed,
        interval=timedelta(minutes=runtime.config.interval), start=_start(str(state_dir(runtime.config))),
    )  # fmt: skip


def health(runtime: Runtime, now: datetime) -> dict[str, object]:
    """All that `status` tells, as docs/json.md has it."""
    ledger, zone = runtime.ledger, runtime.profile.zone
    account, _ = writing(runtime.config)
    confirmed, seen = bool(consent(account).get(ledger.drawer)), sight(runtime)
    last, verdict = seen.last, judge(seen, now, zone)
    runs = ledger.runs.latest(1)
    due = last and last.at + seen.interval
    return {
        "health": verdict.state.value,
        "summary": verdict.line,
        "since": _local(verdict.since, zone),
        "code": verdict.code,
        "writing": f"to {account}" if confirmed else _unconfirmed(runtime, account),
        "last_cycle": _local(last.at, zone) if last else "none yet",
        "last_result": last.said if last else "",
        "next_cycle": _local(due, zone) if due and seen.holder else "",
        "stopped": last.stopped if last else "",
        "problems": [_problem(t, zone) for t in last.troubles] if last else [],
        "accounts": [_account(a, zone) for a in accounts(runtime, now)],
        "reading": list(_reading(runtime)),
        "focus_this_week": f"{hours(last.booked)} stand, {hours(last.kept)} of them kept so far" if last else "",
        "last_run": f"{runs[0].command} at {_local(runs[0].at, zone)}: {len(runs[0].changes)} changes"
        if runs
        else "none",
        "next": _next(runtime, now),
        "state": str(state_dir(runtime.config)),
        "ledger": _size(ledger.size),
        "installation": installation.name(ledger.drawer),
    }


def _reading(runtime: Runtime) -> Iterator[str]:
    """The calendars that were read in part so far."""
    for name in runtime.config.accounts:
        for info in runtime.ledger.mirror.calendars(name):
            if said := part(info.id).get(runtime.ledger.drawer):
                yield f"{info.id}: {said}"


def _next(runtime: Runtime, now: datetime) -> list[str]:
    today = local_day(now, runtime.profile.zone)
    rows = runtime.ledger.own.rows().values()
    ahead = [r for r in rows if r.status is OwnState.STANDING and r.day >= today]
    return [f"{r.day} {r.title}" for r in sorted(ahead, key=lambda r: (r.day, r.wish))[:5]]


def _problem(trouble: Trouble, zone: ZoneInfo) -> dict[str, object]:
    return {
        "where": trouble.where, "what": trouble.what, "remedy": trouble.remedy, "code": trouble.code,
        "since": _local(trouble.since, zone),
    }  # fmt: skip


def _account(of: AccountHealth, zone: ZoneInfo) -> dict[str, str]:
    return {
        "account": of.account, "last_read": _local(of.read, zone), "last_write": _local(of.wrote, zone),
        "resting_until": _local(of.rest, zone), "why": of.why,
    }  # fmt: skip


def _unconfirmed(runtime: Runtime, account: str) -> str:
    """What a daemon does that nobody has yet confirmed: where events of ours stand, it goes on with them."""
    if _stands(runtime, account):
        return f"to {account}: events of unbusy are there: goes on, and deletes nothing until `unbusy apply`"
    return "not yet: `unbusy apply` begins it"


def _stands(runtime: Runtime, account: str) -> bool:
    mirror = runtime.ledger.mirror
    return bool(mirror.marked((c.id for c in mirror.calendars(account)), runtime.profile.owners))


def _start(state: str) -> str:
    """The command that starts the daemon whose state this is."""
    system = state.startswith("/var/lib/")
    return f"`systemctl {'' if system else '--user '}start unbusy`, or `unbusy run` by hand"


def _size(length: int) -> str:
    """'412 KiB', '3.1 MiB'."""
    return f"{length / 2**20:.1f} MiB" if length >= 2**20 else f"{length // 2**10} KiB"


def _local(at: datetime | None, zone: ZoneInfo) -> str:
    """'2026-12-01 08:00+01:00'; '' for never."""
    return at.astimezone(zone).isoformat(sep=" ", timespec="minutes") if at else ""


def _with_remedy(what: str, remedy: str) -> str:
    return f"{what}; {remedy}" if remedy else what
