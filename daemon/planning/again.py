"""Wanting again what was taken back: planned as if it stood, and written from what stands.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from daemon.model.ours.clock import local_time
from daemon.model.owner import Field
from daemon.model.plan import Cause, Change, Create, Delete, Draft, Update
from daemon.model.proposal import Role
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.planning.diff import beside, fingerprints_of, in_order
from daemon.planning.placement.minutes import hits, to_span
from daemon.planning.snapshots import observed

REASON = "it was taken back, and is wanted again"

_NAMES = {
    Field.WHEN: ("calendar", "when"), Field.TITLE: ("title",), Field.SHOW_AS: ("show_as",),
    Field.REMINDER: ("reminder",), Field.COLOUR: ("colour",), Field.TEXT: ("text",),
}  # fmt: skip
"""Where a draft holds each field."""


def from_what_stands(changes: Iterable[Change], before: Snapshot, stands: Snapshot) -> tuple[Change, ...]:
    """The changes that lead from what stands to where `changes` lead from `before`.

    `before`: the calendar as if nothing had been taken back.  What would have to be put over somebody else's time, and
    has no other place, stays back.
    """
    changes = list(changes)
    now, then = {o.wish: o for o in stands.ours}, {o.wish: o for o in before.ours}
    differ = {wish for wish in now.keys() | then.keys() if now.get(wish) is not then.get(wish)}
    out = [c for c in changes if c.wish not in differ]
    for wish in differ:
        out += _one(
            now.get(wish),
            then.get(wish),
            [c for c in changes if c.wish == wish and c.cause is not Cause.NO_ROOM],
            before,
        )
    return in_order(out)


def _one(now: OwnEvent | None, then: OwnEvent | None, changes: Sequence[Change], before: Snapshot) -> Iterator[Change]:
    """Of one wish: `now`, the event that stands; `then`, the one that was planned with."""
    write = next((c for c in reversed(changes) if isinstance(c, Create | Update)), None)
    reason = REASON if write is None else f"{REASON}; {write.reason}"
    if write is None and (then is None or changes):
        if now is not None:
            skipped = now.wish in {s.wish for s in before.skips}
            yield Delete(before=now, reason=REASON, cause=Cause.SKIPPED if skipped else Cause.REDONE)
        return
    draft = _draft(write, then, before)
    if now is None:
        if write or not _taken(draft, before):
            generation = (then.mark.generation if then else draft.mark.generation) + bool(then)
            yield Create(draft=_based(draft, generation), reason=reason, cause=Cause.REDONE)
        return
    if draft.calendar != now.event.ref.calendar:
        yield Delete(before=now, reason=reason, cause=Cause.MOVED_CALENDAR)
        yield Create(draft=_based(draft, now.mark.generation), reason=reason, cause=Cause.MOVED_CALENDAR)
        return
    fields = {f for f, v in fingerprints_of(draft).items() if v != observed(now.event)[f] and f not in now.yours}
    if write is None and _taken(draft, before):
        fields.discard(Field.WHEN)
    if fields:
        yield _update(now, draft, frozenset(fields), reason)


def _taken(draft: Draft, before: Snapshot) -> bool:
    """Whether somebody else's time lies there; a hold stands for just that, and lunch without room over the least."""
    if draft.when.all_day or before.roles.of(draft.mark.wish) in (Role.HOLD, Role.LUNCH):
        return False
    return hits(to_span(draft.when.span(before.zone)), [to_span(r) for r in before.busy])


def _draft(write: Create | Update | None, then: OwnEvent | None, before: Snapshot) -> Draft:
    """As it was planned: what is not written stays as it was before."""
    if write is None:
        assert then is not None  # noqa: S101  nothing is planned of what is not there
        return _as_it_was(then, before)
    if then is None or isinstance(write, Create):
        return write.draft
    values = {name: getattr(write.draft, name) for f in write.fields for name in _NAMES[f]}
    return replace(_as_it_was(then, before), mark=write.mark, **values)


def _as_it_was(own: OwnEvent, snapshot: Snapshot) -> Draft:
    event, role = own.event, snapshot.roles.of(own.wish)
    return Draft(
        calendar=event.ref.calendar, mark=own.mark, when=event.when, zone=snapshot.zone.key, title=event.summary,
        text=event.description, show_as=event.show_as, reminder=event.reminder, colour=event.colour,
        focus=role is Role.FOCUS, visible=role is Role.HABIT and not event.private,
    )  # fmt: skip


def _based(draft: Draft, generation: int) -> Draft:
    """Every field of it is ours."""
    local = local_time(draft.when, ZoneInfo(draft.zone))
    mark = replace(draft.mark, generation=generation, base=fingerprints_of(draft), zone=draft.zone, local=local)
    return replace(draft, mark=mark)


def _update(now: OwnEvent, draft: Draft, fields: frozenset[Field], reason: str) -> Update:
    mark = beside(now.mark, _based(draft, now.mark.generation).mark, fields)
    return Update(before=now, draft=replace(draft, mark=mark), fields=fields, reason=reason, cause=Cause.REDONE)
