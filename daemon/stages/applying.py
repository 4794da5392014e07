"""The second half of a cycle: carry a plan out, one conditional write at a time.

What is about to be written is in the ledger before it is written, and what came of it afterwards; identity is
computed, so a crash between the two is mended by the next cycle, and a lost answer makes no duplicate.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import assert_never
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from daemon.config import writing
from daemon.ledger import OwnRow
from daemon.ledger.notes import Note, answered, keeps_marks
from daemon.model.errors import DeletedError, ExistsError, GoneError, LostRaceError, TemporaryError, UnbusyError
from daemon.model.event import ResourceRef
from daemon.model.ours.mark_line import write_mark
from daemon.model.owner import Field, OwnState, Wish
from daemon.model.plan import Action, Annotate, Change, Create, Delete, Draft, Plan, Respond, Update
from daemon.model.protocols import Resource, Writer
from daemon.model.times import local_day
from daemon.model.user.taken_back import TakenBack
from daemon.planning.diff import fingerprints_of
from daemon.planning.snapshots import observed
from daemon.stages import backoff, fields, owners, taken_back
from daemon.stages.doubt import installation
from daemon.stages.doubt.taken import LOST
from daemon.stages.ours import replies
from daemon.stages.runtime import Runtime

KEPT = timedelta(days=400)
"""How long the history lasts, or as long as a plan looks back on it; but for the newest `NEWEST` runs."""

NEWEST = 200

DONE, REFUSED = "done", "refused"


class Applied(Struct, frozen=True, kw_only=True):
    """What came of a plan: how many changes were carried out, and how many somebody else was faster with."""

    run: int
    done: int
    lost: int


def apply(
    runtime: Runtime, plan: Plan, now: datetime, *, command: str, undoes: int | None = None,
    stopping: Callable[[], bool] = lambda: False, beat: Callable[[], None] = lambda: None,
) -> Applied:  # fmt: skip
    """Carry out every change of the plan in order.

    `undoes`: the run that it takes back.  `stopping` is asked between two writes; the rest is left to the next cycle.
    One event that a server will not take stops no other: an error that is not a lost race is raised at the end.  Two
    in a row, or a server that asks to be left alone, end the run.
    """
    if not plan.changes:
        return Applied(run=0, done=0, lost=0)
    account, _ = writing(runtime.config)
    connector = runtime.writer
    owners.note(runtime.ledger, runtime.profile)
    run = runtime.ledger.runs.begin(command, now, undoes)
    own = runtime.ledger.own.rows()
    me, outcomes = installation.name(runtime.ledger.drawer), list[str | UnbusyError]()
    try:
        for seq, change in enumerate(plan.changes):
            if stopping() or _enough(outcomes):
                break
            if _in_vain(change, plan.changes, outcomes, runtime.profile.zone):
                outcomes.append(LOST)
                continue
            try:
                signed = installation.signed(change, me)
                write = partial(_one, runtime, connector, own, (run, seq), signed, now)
                outcomes.append(replies.recorded(runtime, change, now, write))
            except UnbusyError as e:
                outcomes.append(e)
            beat()
    finally:
        whole = len(outcomes) == len(plan.changes) and not _errors(outcomes)
        runtime.ledger.runs.finish(run, "done" if whole else "stopped half-way")
    interval = timedelta(minutes=runtime.config.interval)
    tried = {
        backoff.name(c): o if isinstance(o, UnbusyError) else None for c, o in zip(plan.changes, outcomes, strict=False)
    }
    backoff.record_writes(runtime.ledger.drawer, account, tried, now, interval)
    if errors := _errors(outcomes):
        if _enough(outcomes):
            backoff.failed(runtime.ledger.drawer, account, errors[-1], now, interval)
        raise errors[-1]  # the last says best how things are
    runtime.ledger.runs.thin(now - _looked_at(runtime), NEWEST)
    return Applied(run=run, done=outcomes.count(DONE), lost=outcomes.count(LOST))


def _looked_at(runtime: Runtime) -> timedelta:
    """Of the history: a plan looks at what was done up to its own length before its window, which ends with a week."""
    length = timedelta(days=runtime.config.lookback + runtime.config.horizon + 14)
    return max(KEPT, timedelta(days=runtime.config.lookback) + length)


def _in_vain(change: Change, changes: Iterable[Change], outcomes: Iterable[str | UnbusyError], zone: ZoneInfo) -> bool:
    """Whether it was planned on what did not come to pass.

    One that was to move to another calendar stands where it was; what was to be declined still takes its time.
    """
    if not isinstance(change, Create | Update):
        return False
    failed = [c for c, outcome in zip(changes, outcomes, strict=False) if outcome != DONE]
    if isinstance(change, Create) and any(isinstance(c, Delete) and c.uid == change.uid for c in failed):
        return True
    span = change.when.span(zone)
    return not change.when.all_day and any(
        r.overlaps(span) for c in failed if isinstance(c, Respond) and Field.WHEN in change.fields for r in c.times
    )


def _errors(outcomes: Sequence[str | UnbusyError]) -> list[UnbusyError]:
    return [o for o in outcomes if isinstance(o, UnbusyError)]


def _enough(outcomes: Sequence[str | UnbusyError]) -> bool:
    """Whether it is no longer one event that fails, but the account."""
    failed = _errors(outcomes[-2:])
    return len(failed) == 2 or any(map(backoff.asks_for_rest, failed))


def _one(
    runtime: Runtime,
    connector: Writer,
    own: dict[Wish, OwnRow],
    place: tuple[int, int],
    change: Change,
    now: datetime,
) -> str:
    """One change: intent, write, outcome.  `own`, what is known of our wishes, is kept up to date."""
    ledger, before = runtime.ledger, own.get(change.wish)
    back = taken_back.of(change, runtime, now, place[0])
    ledger.runs.intend(*place, fields.row_of(change), _intent(change, before, runtime.profile.zone, back))
    if isinstance(change, Annotate) and not change.answer:
        _answered(change).put(ledger.drawer, None)  # it is taken back: should the rest fail, the user has not done it
    try:
        written = _write(runtime, connector, change)
        if written and (less := _less(change, written, connector, runtime.profile.zone)):
            change, written = less, connector.annotate(written, less.text, private=less.private)
    except LostRaceError as e:
        after, outcome = _after_race(change, before, e), LOST
    except TemporaryError:
        raise  # the write may have been applied: the intent stands, and the next cycle looks
    except UnbusyError as e:
        if not (isinstance(change, Annotate | Respond) and type(e) is UnbusyError):
            ledger.runs.retract(*place, before, change.wish)
            raise
        after, outcome = None, REFUSED  # an event that cannot be answered keeps nothing else from being written
    else:
        _mirror(runtime, connector, change, written)  # should this fail, the write was done all the same: no retraction
        after, outcome = _after(runtime, connector, change, written, before, now, back), DONE
    ledger.runs.conclude(*place, outcome, after)
    if isinstance(change, Annotate) and outcome != LOST:
        _answered(change).put(ledger.drawer, digest(change.answer) or None)
    if after:
        own[change.wish] = after
    return outcome


def _write(runtime: Runtime, connector: Writer, change: Change) -> Resource | None:
    match change:
        case Create():
            return connector.create(change.draft)
        case Update():
            return connector.update(_mirrored(runtime, change.before.event.resource), change.draft, change.fields)
        case Annotate():
            return connector.annotate(_mirrored(runtime, change.before.resource), change.text, private=change.private)
        case Respond():
            resource, comment = _mirrored(runtime, change.before.resource), change.rsvp.comment
            return connector.respond(resource, change.invitation, change.me, change.answer, comment=comment)
        case Delete():
            connector.delete(change.before.event.resource)
            return None
        case _:
            assert_never(change)


def _less(change: Change, written: Resource, connector: Writer, zone: ZoneInfo) -> Annotate | None:
    """What is to stand there instead, where the store has not made an event private that was to become so."""
    if not isinstance(change, Annotate) or not change.fallback:
        return None
    kept = all(e.private for e in connector.read(written, change.before.span, zone).events)
    return None if kept else change.fallback


def _mirror(runtime: Runtime, connector: Writer, change: Change, written: Resource | None) -> None:
    if written:
        peek = connector.peek(written.payload)
        runtime.ledger.mirror.put_resource(written, peek)
        if not isinstance(change, Annotate | Respond):
            keeps_marks(written.ref.calendar).put(runtime.ledger.drawer, peek.mark is not None)
    elif isinstance(change, Delete):
        runtime.ledger.mirror.drop_resource(change.before.event.resource)


def _mirrored(runtime: Runtime, ref: ResourceRef) -> Resource:
    resource = runtime.ledger.mirror.resource(ref)
    if resource is None:
        raise GoneError(f"{ref.href} is no longer in the mirror")
    return resource


# -- what is remembered -----------------------------------------------------------------------------------------------


def _intent(change: Change, before: OwnRow | None, zone: ZoneInfo, back: TakenBack | None) -> OwnRow | None:
    """What is known while the outcome is not: a create is looked for; what we deleted, the user did not delete."""
    match change:
        case Create():
            row = _own_row(change.draft, OwnState.INTENDED, before)
            return replace(row, taken_back=back)
        case Delete():
            row = _deleted(change, before, zone, back)
            return row if back or not before else replace(row, taken_back=before.taken_back)  # it may still stand
        case Update() if back:
            row = before or _own_row(change.draft, OwnState.STANDING, None)
            return replace(row, taken_back=taken_back.merged(row.taken_back, back))
        case Update() | Annotate() | Respond():
            return before


def _after_race(change: Change, before: OwnRow | None, error: LostRaceError) -> OwnRow | None:
    """Somebody was faster: the next cycle looks at what stands."""
    if isinstance(change, Create) and isinstance(error, ExistsError):
        return _own_row(change.draft, OwnState.INTENDED, before)
    if isinstance(change, Create) and isinstance(error, DeletedError):
        return _own_row(change.draft, OwnState.SKIPPED, before)  # the store remembers what a lost ledger does not
    return before


def _after(
    runtime: Runtime,
    connector: Writer,
    change: Change,
    written: Resource | None,
    before: OwnRow | None,
    now: datetime,
    back: TakenBack | None,
) -> OwnRow | None:
    if isinstance(change, Annotate | Respond):
        return before
    if isinstance(change, Delete):
        return _deleted(change, before, runtime.profile.zone, back)
    row = _own_row(change.draft, OwnState.STANDING, before)
    kept = {f: v for f, v in ((before and before.read_back) or {}).items() if f not in change.fields}
    new_text = change.action is Action.UPDATE and Field.TEXT in change.fields
    return replace(
        row,
        text_day=local_day(now, runtime.profile.zone) if new_text else row.text_day,
        read_back=kept | _read_back(runtime, connector, change.draft, change.fields, written) or None,
        taken_back=taken_back.merged(taken_back.beside(before.taken_back if before else None, change.fields), back),
    )


def _own_row(draft: Draft, status: OwnState, before: OwnRow | None) -> OwnRow:
    mark = draft.mark
    return OwnRow(
        policy=mark.policy, key=mark.key, generation=mark.generation, status=status, calendar=draft.calendar,
        title=draft.title, day=draft.when.first_day(ZoneInfo(draft.zone)), minutes=draft.when.minutes,
        text_day=before.text_day if before else None, read_back=None, mark=write_mark(mark),
    )  # fmt: skip


def _deleted(change: Delete, before: OwnRow | None, zone: ZoneInfo, back: TakenBack | None) -> OwnRow:
    status = OwnState.TAKEN_BACK if back else change.becomes
    if before and not back:
        return replace(before, status=status, taken_back=None)
    return OwnRow(
        policy=change.wish.policy, key=change.wish.key, generation=change.mark.generation, status=status,
        calendar=change.calendar, title=change.title, day=change.when.first_day(zone), minutes=change.when.minutes,
        taken_back=back,
    )  # fmt: skip


def _read_back(
    runtime: Runtime, connector: Writer, draft: Draft, asked: frozenset[Field], written: Resource | None
) -> dict[Field, str]:
    """What the store made of the fields that we wrote, where that differs: its rewriting is no edit by the user."""
    if written is None:
        return {}
    zone = runtime.profile.zone
    events = connector.read(written, draft.when.span(zone), zone).events
    found, wanted = observed(events[0]) if len(events) == 1 else {}, fingerprints_of(draft)
    return {f: found[f] for f in asked if f in found and found[f] != wanted[f]}


# -- history ----------------------------------------------------------------------------------------------------------


def digest(answer: str) -> str:
    """By what the ledger knows an answer again; '' for none."""
    return hashlib.sha256(answer.encode()).hexdigest()[:16] if answer else ""


def _answered(change: Annotate) -> Note[str]:
    return answered(change.before.ref.calendar, change.before.ref.uid)
