"""What `undo` took back, as the ledger and the journal know it, and whether it still stays back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache, partial

from msgspec.structs import replace

from daemon.config import digest
from daemon.ledger import OwnRow
from daemon.model.owner import EXTRA, UNDONE, Field, OwnState, Wish
from daemon.model.plan import Cause, Change, Create, Delete, Update
from daemon.model.times import local_day
from daemon.model.user.taken_back import Noted, TakenBack
from daemon.planning.diff import fingerprints_of
from daemon.stages.runtime import Runtime

APPLY = "apply"
"""How the commands begin by which the user has a plan carried out."""

MOST = 100_000  # runs that are looked through


def of(change: Change, runtime: Runtime, now: datetime, run: int) -> TakenBack | None:
    """What is to be remembered of a change that takes another one back; None where there is nothing, and for others."""
    fields = _put_back(change) if change.cause is Cause.UNDONE else {}
    if change.cause is not Cause.UNDONE or not (fields or isinstance(change, Delete)):
        return None
    on = local_day(now, runtime.profile.zone)
    return TakenBack(on=on, digest=digest(runtime.config, change.wish.policy), run=run, fields=fields)


def _put_back(change: Change) -> Mapping[Field, str]:
    """The fields that `undo` fixes; of an event that it makes anew, not those that the user had changed before."""
    match change:
        case Update():
            return {f: v for f, v in fingerprints_of(change.draft).items() if f in change.fields}
        case Create():
            base = change.mark.base
            found = fingerprints_of(change.draft).items()
            return {f: v for f, v in found if base[f] in (f"{UNDONE}{v}", f"{EXTRA}{v}")}
        case _:
            return {}


def merged(before: TakenBack | None, back: TakenBack | None) -> TakenBack | None:
    """The newer one, with the fields of both."""
    if before is None or back is None:
        return back or before
    return replace(back, fields={**before.fields, **back.fields})


def beside(before: TakenBack | None, written: frozenset[Field]) -> TakenBack | None:
    """What is left of it once these fields are written."""
    left = {f: v for f, v in before.fields.items() if f not in written} if before else {}
    return replace(before, fields=left) if before and left else None


# -- how long it stays back -------------------------------------------------------------------------------------------


def wanted_again(runtime: Runtime, own: Mapping[Wish, OwnRow], *, again: bool) -> tuple[OwnRow, ...]:
    """The rows of what was taken back and no longer is, as they are from now on.

    The config has changed where it matters, or (`again`) the user wants what the undos since the last apply took back.
    """
    today = cache(partial(digest, runtime.config))
    held = [(row, back) for row in own.values() if (back := _held(row))]
    since = undone_since(runtime, (back.run for _, back in held)) if again else None
    return tuple(
        _lifted(row, back)
        for row, back in held
        if back.digest != today(row.policy) or (since is not None and back.run >= since)
    )


def undone_since(runtime: Runtime, undos: Iterable[int]) -> int:
    """From which run on undos are meant: those since the last apply; if there were none, all of these (`undos`)."""
    applied = last_applied(runtime)
    return applied if any(run > applied for run in undos) else 0


def last_applied(runtime: Runtime) -> int:
    """The last run by which the user had a plan carried out, 0 if there was none."""
    return max((run.id for run in runtime.ledger.runs.latest(MOST) if run.command.startswith(APPLY)), default=0)


def _held(row: OwnRow) -> TakenBack | None:
    back = row.taken_back
    return back if back and back.holds and row.status is not OwnState.SKIPPED else None


def _lifted(row: OwnRow, back: TakenBack) -> OwnRow:
    if row.status is OwnState.TAKEN_BACK:
        return replace(row, status=OwnState.WITHDRAWN, taken_back=None)
    return replace(row, taken_back=replace(back, digest=""))


# -- in the journal ---------------------------------------------------------------------------------------------------


def going(changes: Iterable[Change], runtime: Runtime, now: datetime) -> list[tuple[Noted, str]]:
    """What the journal is to know of the events that go, each with its title."""
    backs = [(c, back) for c in changes if isinstance(c, Delete) and (back := of(c, runtime, now, 0))]
    return [
        (
            Noted(
                policy=c.wish.policy, key=c.wish.key, generation=c.mark.generation,
                day=c.when.first_day(runtime.profile.zone), minutes=c.when.minutes, taken_back=back,
            ),
            c.title,
        )
        for c, back in backs
    ]  # fmt: skip


def put_back_since(before: Mapping[Wish, OwnRow], runtime: Runtime) -> list[tuple[Noted, str]]:
    """The same of what was put back and is known to stand so."""
    now = runtime.ledger.own.rows().values()
    new = (r for r in now if r.in_part and r.status is not OwnState.INTENDED)
    return [as_known(r) for r in new if r.wish not in before or r.in_part != before[r.wish].in_part]


def as_known(row: OwnRow) -> tuple[Noted, str]:
    """What it is to know of a wish as the ledger has it: put back in part, or wanted again."""
    back = replace(row.taken_back, run=0) if row.taken_back else None  # numbers of runs go with a ledger
    what = Noted(
        policy=row.policy, key=row.key, generation=row.generation, day=row.day, minutes=row.minutes, taken_back=back
    )  # fmt: skip
    return what, row.title or row.policy
