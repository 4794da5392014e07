"""Taking a run back, field by field, without ever going over a later edit of the user's.

What was taken back stays back: an event that the run created becomes a skip, a field that it changed is the user's
from now on, and an event that it deleted returns pinned, in a new generation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from daemon.config import writing
from daemon.journal import pages
from daemon.ledger import ChangeRow, RunRow
from daemon.model.errors import ConfigError
from daemon.model.event import ShowAs
from daemon.model.owner import UNDONE, Field, Mark
from daemon.model.plan import Action, Cause, Change, Create, Delete, Draft, Plan, Update
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.times import When
from daemon.model.words import quoted
from daemon.planning.diff import fingerprints_of
from daemon.planning.snapshots import skip_of
from daemon.stages import fields
from daemon.stages.applying import DONE, Applied, apply
from daemon.stages.observe import Observation, observe
from daemon.stages.proposing import Planned
from daemon.stages.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Undoing:
    """`planned`: what takes the run back.  `kept`: what is not taken back, and why."""

    run: int
    planned: Planned
    kept: tuple[str, ...]


def plan_undo(runtime: Runtime, run: int | None, now: datetime) -> Undoing:
    """The plan that takes a run back; without a number the latest that wrote and was not taken back yet."""
    chosen = _chosen(runtime.ledger.runs.latest(1_000_000 if run else 1000), run)
    observation = observe(runtime, now)
    changes: list[Change] = []
    kept: list[str] = []
    for row in reversed(chosen.changes):
        if row.outcome == DONE:
            for found in _back(row, observation, runtime):
                (kept if isinstance(found, str) else changes).append(found)  # type: ignore[arg-type]  # told apart
    plan = Plan(now=now, window=observation.snapshot.window, changes=tuple(changes), problems=observation.problems)
    return Undoing(chosen.id, Planned(observation, plan), tuple(kept))


def undo(runtime: Runtime, undoing: Undoing, now: datetime, *, beat: Callable[[], None] = lambda: None) -> Applied:
    """Carry it out; what becomes a skip stands in the journal first."""
    plan = undoing.planned.plan
    skips = [
        (skip_of(c.before, runtime.profile), c.before.event.summary) for c in plan.changes if isinstance(c, Delete)
    ]
    pages.note_skips(runtime.journal, now.astimezone(runtime.profile.zone).date(), skips)
    return apply(runtime, plan, now, command=f"undo {undoing.run}", undoes=undoing.run, beat=beat)


def _chosen(runs: tuple[RunRow, ...], run: int | None) -> RunRow:
    if run is not None:
        for row in runs:
            if row.id == run:
                return row
        raise ConfigError(f"there is no run {run}", "`unbusy log` lists them")
    undone = {r.undoes for r in runs}
    for row in runs:
        if row.undoes is None and row.id not in undone:
            return row
    raise ConfigError("there is no run to take back", "`unbusy log` lists the runs that wrote")


def _back(row: ChangeRow, observation: Observation, runtime: Runtime) -> Iterator[Change | str]:
    """The change that takes one change back, and a sentence for whatever cannot be."""
    own = next((o for o in observation.snapshot.ours if o.wish == row.wish), None)
    there = {o.wish for o in observation.snapshot.skipped} | observation.unseen
    name = str(row.wish)
    match row.action:
        case Action.CREATE if own is not None and own.mark.generation == row.after["generation"]:
            yield _uncreate(own, observation.snapshot, name)
        case Action.UPDATE if own is not None:
            yield from _unchange(row, own, observation.snapshot, name)
        case Action.DELETE if own is None and row.wish not in there:
            yield _undelete(row, observation, runtime, name)
        case Action.ANNOTATE:
            yield f"the answer under {quoted(str(row.after['title']))} stays; delete that event to be rid of it"
        case _:
            yield f"{name} has changed since: it is not as that run left it"


def _uncreate(own: OwnEvent, snapshot: Snapshot, name: str) -> Change | str:
    if snapshot.begun(own.event):
        return f"{name} has begun: what has begun stays"
    if own.edited:
        return f"{name} was edited since ({', '.join(sorted(own.edited))}): it is yours"
    return Delete(before=own, reason="the run that created it is taken back", cause=Cause.UNDONE)


def _unchange(row: ChangeRow, own: OwnEvent, snapshot: Snapshot, name: str) -> Iterator[Change | str]:
    """Set the old value and leave the base alone: the field is the user's from now on."""
    if snapshot.begun(own.event):
        yield f"{name} has begun: what has begun stays"
        return
    old, new = fields.base(row.before), fields.base(row.after)
    written = {f for f in Field if old.get(f) != new.get(f)}
    mine = {f for f in written if f not in own.edited and own.mark.base[f] == new.get(f)}
    when = fields.when(row.before) or own.event.when
    if Field.WHEN in mine and (row.before["calendar"] != own.event.ref.calendar or _past(when, snapshot)):
        mine.discard(Field.WHEN)
        yield f"{name}: its old time has passed, or its calendar is another one now"
    for field in sorted(written - mine - {Field.WHEN} | (written & own.edited)):
        yield f"{name}: {field} was changed since, and stays"
    if mine:
        draft = _draft(row.before, own.mark, snapshot, when)
        reason = "the run that changed it is taken back"
        yield Update(before=own, draft=draft, fields=frozenset(mine), reason=reason, cause=Cause.UNDONE)


def _undelete(row: ChangeRow, observation: Observation, runtime: Runtime, name: str) -> Change | str:
    when = fields.when(row.before)
    if when is None or _past(when, observation.snapshot):
        return f"{name}: its time has passed"
    if row.before["calendar"] not in observation.calendars.values():
        return f"{name}: account {writing(runtime.config)[0]} has no calendar {row.before['calendar']} any more"
    known = observation.own.get(row.wish)
    generation = max(int(str(row.before["generation"])), known.generation if known else 0) + 1
    mark = Mark(runtime.profile.owner, row.policy, row.key, generation, {})
    draft = _draft(row.before, mark, observation.snapshot, when)
    found, base = fingerprints_of(draft), fields.base(row.before)
    theirs = {f: UNDONE for f in Field if f is Field.WHEN or found[f] != base.get(f)}
    if Field.TEXT in theirs:
        theirs[Field.TEXT] += base.get(Field.TEXT, "")[-9:]  # which of its lines are ours is still known
    pinned = replace(mark, base=found | theirs)
    draft = _draft(row.before, pinned, observation.snapshot, when)
    return Create(draft=draft, reason="the run that deleted it is taken back", cause=Cause.UNDONE)


def _past(when: When, snapshot: Snapshot) -> bool:
    return when.begun(snapshot.now, snapshot.zone)


def _draft(before: fields.Fields, mark: Mark, snapshot: Snapshot, when: When) -> Draft:
    reminder = before["reminder"]
    return Draft(
        calendar=str(before["calendar"]), mark=mark, when=when, zone=snapshot.zone.key, title=str(before["title"]),
        text=str(before["text"]), show_as=ShowAs(str(before["show_as"])),
        reminder=None if reminder is None else int(str(reminder)), colour=str(before["colour"]),
    )  # fmt: skip
