"""The second half of a cycle: carry a plan out, one conditional write at a time.

What is about to be written is in the ledger before it is written, and what came of it afterwards; identity is
computed, so a crash between the two is mended by the next cycle, and a lost answer makes no duplicate.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from daemon.config import writing
from daemon.ledger import ChangeRow, OwnRow, OwnStatus
from daemon.model.errors import DeletedError, ExistsError, GoneError, LostRaceError, TemporaryError, UnbusyError
from daemon.model.event import Event, ResourceRef
from daemon.model.owner import Field
from daemon.model.plan import Annotate, Change, Create, Delete, Draft, Plan, Update
from daemon.model.protocols import Connector, Resource
from daemon.model.snapshot import OwnEvent
from daemon.model.times import DateRange, TimeRange, local_day
from daemon.planning.diff import fingerprints_of, mark_of
from daemon.planning.placement.levels import Wish
from daemon.planning.snapshots import observed
from daemon.stages import backoff
from daemon.stages.runtime import Runtime

DONE, LOST, REFUSED = "done", "lost race", "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
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
    connector = runtime.connectors[account]
    run = runtime.ledger.begin(command, now, undoes)
    own = runtime.ledger.own()
    outcomes: list[str | UnbusyError] = []
    try:
        for seq, change in enumerate(plan.changes):
            if stopping() or _enough(outcomes):
                break
            if isinstance(change, Create) and change.draft.uid in _not_deleted(plan.changes, outcomes):
                outcomes.append(LOST)  # it was to move to another calendar, and stands where it was
                continue
            try:
                outcomes.append(_one(runtime, connector, own, (run, seq), change, now))
            except UnbusyError as e:
                outcomes.append(e)
            beat()
    finally:
        whole = len(outcomes) == len(plan.changes) and not _errors(outcomes)
        runtime.ledger.finish(run, "done" if whole else "stopped half-way")
    interval = timedelta(minutes=runtime.config.interval)
    tried = {
        name_of(c): o if isinstance(o, UnbusyError) else None for c, o in zip(plan.changes, outcomes, strict=False)
    }
    backoff.record_writes(runtime.ledger, account, tried, now, interval)
    if errors := _errors(outcomes):
        if _enough(outcomes):
            backoff.failed(runtime.ledger, account, errors[-1], now, interval)
        raise errors[-1]  # the last says best how things are
    return Applied(run=run, done=outcomes.count(DONE), lost=outcomes.count(LOST))


def _not_deleted(changes: Iterable[Change], outcomes: Iterable[str | UnbusyError]) -> set[str]:
    """The UIDs of those that were to be deleted, and that somebody has changed or deleted meanwhile, or may have."""
    tried = zip(changes, outcomes, strict=False)
    return {mark_of(change).uid for change, outcome in tried if isinstance(change, Delete) and outcome != DONE}


def _errors(outcomes: Sequence[str | UnbusyError]) -> list[UnbusyError]:
    return [o for o in outcomes if isinstance(o, UnbusyError)]


def _enough(outcomes: Sequence[str | UnbusyError]) -> bool:
    """Whether it is no longer one event that fails, but the account."""
    failed = _errors(outcomes[-2:])
    return len(failed) == 2 or any(map(backoff.asks_for_rest, failed))


def _one(
    runtime: Runtime,
    connector: Connector,
    own: dict[Wish, OwnRow],
    place: tuple[int, int],
    change: Change,
    now: datetime,
) -> str:
    """One change: intent, write, outcome.  `own`, what is known of our wishes, is kept up to date."""
    mark, ledger = mark_of(change), runtime.ledger
    wish = (mark.policy, mark.key)
    before = own.get(wish)
    ledger.intend(*place, _row(change), _intent(change, before, runtime.profile.zone))
    if isinstance(change, Annotate) and not change.answer:
        ledger.put(*said(change.before, ""))  # it is taken back: should the rest fail, the user has not done it
    try:
        written = _write(runtime, connector, change)
    except LostRaceError as e:
        after, outcome = _after_race(change, before, e), LOST
    except TemporaryError:
        raise  # the write may have been applied: the intent stands, and the next cycle looks
    except UnbusyError as e:
        if not (isinstance(change, Annotate) and type(e) is UnbusyError):
            ledger.retract(*place, before, wish)
            raise
        after, outcome = None, REFUSED  # an event that cannot be answered under keeps nothing else from being written
    else:
        _mirror(runtime, connector, change, written)  # should this fail, the write was done all the same: no retraction
        after, outcome = _after(runtime, connector, change, written, before, now), DONE
    ledger.conclude(*place, outcome, after)
    if isinstance(change, Annotate) and outcome != LOST:
        ledger.put(*said(change.before, change.answer))
    if after:
        own[wish] = after
    return outcome


def _write(runtime: Runtime, connector: Connector, change: Change) -> Resource | None:
    match change:
        case Create():
            return connector.create(change.draft)
        case Update():
            return connector.update(_mirrored(runtime, change.before.event.resource), change.draft, change.fields)
        case Annotate():
            return connector.annotate(_mirrored(runtime, change.before.resource), change.text)
        case Delete():
            connector.delete(change.before.event.resource)
            return None
        case _:
            assert_never(change)


def _mirror(runtime: Runtime, connector: Connector, change: Change, written: Resource | None) -> None:
    if written:
        runtime.ledger.put_resource(written, connector.peek(written.payload))
    elif isinstance(change, Delete):
        runtime.ledger.drop_resource(change.before.event.resource)


def _mirrored(runtime: Runtime, ref: ResourceRef) -> Resource:
    resource = runtime.ledger.resource(ref)
    if resource is None:
        raise GoneError(f"{ref.href} is no longer in the mirror")
    return resource


# -- what is remembered -----------------------------------------------------------------------------------------------


def _intent(change: Change, before: OwnRow | None, zone: ZoneInfo) -> OwnRow | None:
    """What is known while the outcome is not: a create is looked for; what we deleted, the user did not delete."""
    match change:
        case Create():
            return _own_row(change.draft, OwnStatus.INTENDED, before)
        case Delete():
            return _deleted(change, before, zone)
        case Update() | Annotate():
            return before


def _after_race(change: Change, before: OwnRow | None, error: LostRaceError) -> OwnRow | None:
    """Somebody was faster: the next cycle looks at what stands."""
    if isinstance(change, Create) and isinstance(error, ExistsError):
        return _own_row(change.draft, OwnStatus.INTENDED, before)
    if isinstance(change, Create) and isinstance(error, DeletedError):
        return _own_row(change.draft, OwnStatus.SKIPPED, before)  # the store remembers what a lost ledger does not
    return before


def _after(
    runtime: Runtime,
    connector: Connector,
    change: Change,
    written: Resource | None,
    before: OwnRow | None,
    now: datetime,
) -> OwnRow | None:
    if isinstance(change, Annotate):
        return before
    if isinstance(change, Delete):
        return _deleted(change, before, runtime.profile.zone)
    fields = change.fields if isinstance(change, Update) else frozenset(Field)
    wrote_text = isinstance(change, Update) and Field.TEXT in fields
    row = _own_row(change.draft, OwnStatus.STANDING, before)
    kept = {f: v for f, v in ((before and before.read_back) or {}).items() if f not in fields}
    return replace(
        row,
        text_day=local_day(now, runtime.profile.zone) if wrote_text else row.text_day,
        read_back=kept | _read_back(runtime, connector, change.draft, fields, written) or None,
    )


def _own_row(draft: Draft, status: OwnStatus, before: OwnRow | None) -> OwnRow:
    mark = draft.mark
    return OwnRow(
        policy=mark.policy, key=mark.key, generation=mark.generation, status=status, calendar=draft.calendar,
        title=draft.title, day=_day(draft.when, ZoneInfo(draft.zone)), minutes=_minutes(draft.when),
        text_day=before.text_day if before else None, read_back=None,
    )  # fmt: skip


def _deleted(change: Delete, before: OwnRow | None, zone: ZoneInfo) -> OwnRow:
    status = OwnStatus.SKIPPED if change.skips else OwnStatus.WITHDRAWN
    if before:
        return replace(before, status=status)
    mark, when = change.before.mark, change.before.event.when
    return OwnRow(
        policy=mark.policy, key=mark.key, generation=mark.generation, status=status,
        calendar=change.before.event.ref.calendar, title=change.before.event.summary, day=_day(when, zone),
        minutes=_minutes(when),
    )  # fmt: skip


def _day(when: TimeRange | DateRange, zone: ZoneInfo) -> date:
    return when.first if isinstance(when, DateRange) else local_day(when.start, zone)


def _minutes(when: TimeRange | DateRange) -> int:
    return 0 if isinstance(when, DateRange) else when.minutes


def _read_back(
    runtime: Runtime, connector: Connector, draft: Draft, fields: frozenset[Field], written: Resource | None
) -> dict[Field, str]:
    """What the store made of the fields that we wrote, where that differs: its rewriting is no edit by the user."""
    if written is None:
        return {}
    zone = runtime.profile.zone
    span = draft.when.span(zone) if isinstance(draft.when, DateRange) else draft.when
    events = connector.read(written, span, zone).events
    found = observed(events[0]) if len(events) == 1 else {}
    asked = fingerprints_of(draft)
    return {f: found[f] for f in fields if f in found and found[f] != asked[f]}


# -- history ----------------------------------------------------------------------------------------------------------


def said(command: Event, answer: str) -> tuple[str, str]:
    """Under which name the ledger remembers what was last answered to a command, and how; '': it was not."""
    digest = hashlib.sha256(answer.encode()).hexdigest()[:16] if answer else ""
    return f"answered {command.ref.calendar} {command.ref.uid}", digest


def _row(change: Change) -> ChangeRow:
    mark = mark_of(change)
    if isinstance(change, Annotate):
        e = change.before
        fields: dict[str, object] = {"calendar": e.ref.calendar, "when": _when(e.when), "title": e.summary}
        return ChangeRow(
            action=action_of(change), policy=mark.policy, key=mark.key, uid=e.ref.uid,
            before=fields | {"text": e.description}, after=fields | {"text": change.text}, reason=change.reason,
        )  # fmt: skip
    before = {} if isinstance(change, Create) else _event_fields(change.before)
    after = {} if isinstance(change, Delete) else _draft_fields(change.draft)
    return ChangeRow(
        action=action_of(change), policy=mark.policy, key=mark.key, uid=mark.uid, before=before, after=after,
        reason=change.reason,
    )  # fmt: skip


def name_of(change: Change) -> str:
    """What is tried, whatever its content: 'create focus 2026-W49/1'."""
    mark = mark_of(change)
    return f"{action_of(change)} {mark.policy} {mark.key}"


def action_of(change: Change) -> str:
    """'create', 'update', 'delete' or 'annotate'."""
    return type(change).__name__.lower()


def _event_fields(own: OwnEvent) -> dict[str, object]:
    e = own.event
    return {
        "generation": own.mark.generation, "base": {f.value: v for f, v in own.mark.base.items()},
        "calendar": e.ref.calendar, "when": _when(e.when), "title": e.summary, "show_as": e.show_as.value,
        "reminder": e.reminder, "colour": e.colour, "text": e.description,
    }  # fmt: skip


def _draft_fields(draft: Draft) -> dict[str, object]:
    return {
        "generation": draft.mark.generation, "base": {f.value: v for f, v in draft.mark.base.items()},
        "calendar": draft.calendar, "when": _when(draft.when), "title": draft.title,
        "show_as": draft.show_as.value, "reminder": draft.reminder, "colour": draft.colour, "text": draft.text,
    }  # fmt: skip


def _when(when: TimeRange | DateRange) -> list[str]:
    if isinstance(when, DateRange):
        return [when.first.isoformat(), when.end.isoformat()]
    return [when.start.isoformat(), when.end.isoformat()]
