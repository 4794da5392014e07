"""Taking a run back, field by field, without ever going over a later edit of the user's.

What was taken back stays back, until the config changes where it matters or the user wants it again: an event that the
run created stays away, a field that it changed stays as it was before, and an event that it deleted returns pinned, in
a new generation.  What an undo has written is no edit of the user's: the next one takes it back like anything of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime

from msgspec import Struct
from msgspec.structs import replace

from daemon.config import writing
from daemon.journal.taken_back import note
from daemon.ledger import ChangeRow, RunRow
from daemon.model import words
from daemon.model.errors import ConfigError
from daemon.model.owner import EXTRA, UNDONE, Field, Mark, Wish
from daemon.model.plan import Action, Cause, Change, Create, Delete, Plan, Update
from daemon.model.proposal import Role
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.times import When, local_day
from daemon.model.user.command import Verb
from daemon.planning.diff import fingerprints_of
from daemon.stages import fields, taken_back
from daemon.stages.applying import DONE, Applied, apply
from daemon.stages.observe import Observation, observe
from daemon.stages.ours import nevers
from daemon.stages.proposing import Planned
from daemon.stages.runtime import Runtime


class Undoing(Struct, frozen=True):
    """`planned`: what takes the run back.  `kept`: what is not taken back, and why."""

    run: int
    planned: Planned
    kept: tuple[str, ...]


def plan_undo(runtime: Runtime, run: int | None, now: datetime) -> Undoing:
    """The plan that takes a run back; without a number the latest that wrote and was not taken back yet."""
    runs = runtime.ledger.runs.latest(1_000_000 if run else 1000)
    chosen = _chosen(runs, run)
    observation = observe(runtime, now)
    today = local_day(now, runtime.profile.zone)
    this = _Reversal(observation, runtime, f"{words.taken_back(today)}, with run {chosen.id}", _made_by_undos(runs))
    changes: list[Change] = []
    kept: list[str] = []
    for row in reversed(chosen.changes):
        if row.outcome == DONE:
            for found in _back(row, this):
                (kept if isinstance(found, str) else changes).append(found)  # type: ignore[arg-type]  # told apart
    kept += _said_never(runtime, local_day(chosen.at, runtime.profile.zone))
    plan = Plan(now=now, window=observation.snapshot.window, changes=tuple(changes), problems=observation.problems)
    return Undoing(chosen.id, Planned(observation, plan), tuple(dict.fromkeys(kept)))


def undo(runtime: Runtime, undoing: Undoing, now: datetime, *, beat: Callable[[], None] = lambda: None) -> Applied:
    """Carry it out.  What is to go stands in the journal first, what was put back once it has been."""
    plan, today, before = undoing.planned.plan, local_day(now, runtime.profile.zone), runtime.ledger.own.rows()
    note(runtime.journal, today, taken_back.going(plan.changes, runtime, now))
    try:
        return apply(runtime, plan, now, command=f"undo {undoing.run}", undoes=undoing.run, beat=beat)
    finally:
        note(runtime.journal, today, taken_back.put_back_since(before, runtime))


class _Reversal(Struct, frozen=True):
    """What all changes of a run share.  `made`: the events that undos have made anew, each with its generation."""

    observation: Observation
    runtime: Runtime
    reason: str
    made: frozenset[tuple[Wish, object]]

    @property
    def snapshot(self) -> Snapshot:
        return self.observation.snapshot


def _chosen(runs: tuple[RunRow, ...], run: int | None) -> RunRow:
    undone = {r.undoes for r in runs}
    if run is None:
        for row in runs:
            if row.undoes is None and row.id not in undone:
                return row
        raise ConfigError("there is no run to take back", "`unbusy log` lists the runs that wrote")
    for row in runs:
        if row.id == run and row.undoes is not None:
            raise ConfigError(f"run {run} took run {row.undoes} back", "`unbusy apply --again` wants that again")
        if row.id == run:
            return row
    raise ConfigError(f"there is no run {run}", "`unbusy log` lists them")


def _made_by_undos(runs: Iterable[RunRow]) -> frozenset[tuple[Wish, object]]:
    rows = (c for run in runs if run.undoes is not None for c in run.changes)
    return frozenset((c.wish, c.after["generation"]) for c in rows if c.action == Action.CREATE)


def _back(row: ChangeRow, this: _Reversal) -> Iterator[Change | str]:
    """The change that takes one change back, and a sentence for whatever cannot be."""
    own = next((o for o in this.snapshot.ours if o.wish == row.wish), None)
    there = {o.wish for o in this.snapshot.skipped} | this.observation.unseen
    name = str(row.wish)
    match row.action:
        case _ if row.cause == Cause.MOVED_CALENDAR:
            yield f"{name}: its calendar is another one now"
        case Action.CREATE if own is not None and _is_of(row, own, this):
            yield _uncreate(own, this)
        case Action.UPDATE if own is not None:
            yield from _unchange(row, own, this)
        case Action.DELETE if own is None and row.wish not in there:
            yield _undelete(row, this)
        case Action.RESPOND:
            said = f"{row.after['reply']}".lower()
            title = words.quoted(str(row.after["title"]))
            yield f"the reply to {title} ({said}) was sent; to take it back, answer anew in your calendar"
        case Action.ANNOTATE:
            yield _answer(row, this)
        case _:
            yield f"{name} has changed since: it is not as that run left it"


def _answer(row: ChangeRow, this: _Reversal) -> str:
    """What stays of a command, and how it goes."""
    name = words.quoted(str(row.after["title"]))
    if any(c.key == row.key and c.verb is Verb.OBJECTIVE for c in this.snapshot.commands):
        return f"{name} says what its week is for; delete that event to take it back"
    return f"the answer under {name} stays; delete that event to be rid of it"


def _said_never(runtime: Runtime, day: date) -> list[str]:
    """What has held since that day, and how it is taken back."""
    said = {never.subject: never for never in nevers.known(runtime) if never.holds and never.on == day}
    return [
        f"`#never` about {words.one_line(s.name or s.id)}; `unbusy forget {words.one_line(s.id)}` takes it back"
        for s in said
    ]


def _is_of(row: ChangeRow, own: OwnEvent, this: _Reversal) -> bool:
    """Whether an event is the one that was created then, or an undo has made that one anew."""
    generation = own.mark.generation
    return generation == row.after["generation"] or (own.wish, generation) in this.made


def _uncreate(own: OwnEvent, this: _Reversal) -> Change | str:
    if this.snapshot.begun(own.event):
        return f"{own.wish} has begun: what has begun stays"
    if own.yours:
        return f"{own.wish} was edited since ({', '.join(sorted(own.yours))}): it is yours"
    return Delete(before=own, reason=this.reason, cause=Cause.UNDONE)


def _unchange(row: ChangeRow, own: OwnEvent, this: _Reversal) -> Iterator[Change | str]:
    """Set the old value and leave the base alone: what then differs from it is taken back."""
    name, snapshot = str(own.wish), this.snapshot
    if snapshot.begun(own.event):
        yield f"{name} has begun: what has begun stays"
        return
    old, new, asked = fields.base(row.before), fields.base(row.after), _asked(own)
    written = {f for f in Field if old.get(f) != new.get(f)}
    mine = {f for f in written if f not in own.yours and asked[f] == new.get(f)}
    when = fields.when(row.before) or own.event.when
    if Field.WHEN in mine and (row.before["calendar"] != own.event.ref.calendar or _past(when, snapshot)):
        mine.discard(Field.WHEN)
        yield f"{name}: its old time has passed, or its calendar is another one now"
    for field in sorted(written - mine - {Field.WHEN} | (written & own.yours)):
        yield f"{name}: {field} was changed since, and stays"
    if mine:
        draft = fields.draft(row.before, own.mark, snapshot.zone.key, when)
        yield Update(before=own, draft=draft, fields=frozenset(mine), reason=this.reason, cause=Cause.UNDONE)


def _asked(own: OwnEvent) -> dict[Field, str]:
    """What unbusy has last written of each field, also to take something back."""
    return {**own.mark.base, **(own.taken_back.fields if own.taken_back else {})}


_SETTLED = (Cause.SKIPPED, Cause.PURGED, Cause.BOOKED_OVER_AGAIN)
"""Why something went that counted towards a goal, or has been settled since: so it does when it is back."""


def _undelete(row: ChangeRow, this: _Reversal) -> Change | str:
    name, runtime, snapshot = str(row.wish), this.runtime, this.snapshot
    when = fields.when(row.before)
    if when is None or _past(when, snapshot):
        return f"{name}: its time has passed"
    if row.before["calendar"] not in this.observation.calendars.values():
        return f"{name}: account {writing(runtime.config)[0]} has no calendar {row.before['calendar']} any more"
    known = this.observation.own.get(row.wish)
    generation = max(int(str(row.before["generation"])), known.generation if known else 0) + 1
    mark = Mark(runtime.profile.owner, row.policy, row.key, generation, {})
    shared = snapshot.roles.of(row.wish) is Role.HABIT
    draft = fields.draft(row.before, mark, snapshot.zone.key, when, shared=shared)
    base = _pinned(fingerprints_of(draft), fields.base(row.before), UNDONE if row.cause in _SETTLED else EXTRA)
    return Create(draft=replace(draft, mark=replace(mark, base=base)), reason=this.reason, cause=Cause.UNDONE)


def _pinned(found: Mapping[Field, str], base: Mapping[Field, str], how: str) -> dict[Field, str]:
    """A base that leaves the user theirs, and keeps the time: as what is taken back, where that was ours.

    `how`: what its time begins with, see `UNDONE`.
    """
    theirs = {f: UNDONE for f in Field if found[f] != base.get(f)}
    if Field.TEXT in theirs:
        theirs[Field.TEXT] += base.get(Field.TEXT, "")[-9:]  # which of its lines are ours is still known
    return {**found, Field.WHEN: f"{how}{found[Field.WHEN]}", **theirs}


def _past(when: When, snapshot: Snapshot) -> bool:
    return when.begun(snapshot.now, snapshot.zone)
