"""What the user has ordered to go: what they turned down, and what lies in time in which nothing is to be proposed.

Orders come before placement: what goes by them takes no place, no freeze keeps it, and no limit counts it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from daemon.model.plan import Cause, Delete
from daemon.model.proposal import Blocks, Fixed, Role, Want
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.times import When, minus
from daemon.model.user.gesture import Gesture


def user_deletions(snapshot: Snapshot) -> tuple[Delete, ...]:
    """The events that go because the user said so."""
    skipped = (o for o in snapshot.skipped if Gesture.SKIP in o.gestures and not snapshot.begun(o.event))
    untouched = (o for o in snapshot.ours if not o.edited and not snapshot.begun(o.event))
    return (
        *(Delete(before=o, reason="it says #skip", cause=Cause.SKIPPED) for o in skipped),
        *(d for o in untouched for d in _outside(o, snapshot)),
    )


def minus_deletions(snapshot: Snapshot, gone: Iterable[Delete]) -> Snapshot:
    """The calendar after them."""
    refs = {d.before.event.ref for d in gone}
    return replace(snapshot, ours=tuple(o for o in snapshot.ours if o.event.ref not in refs))


def outside_pauses(snapshot: Snapshot, wants: Iterable[Want]) -> Iterator[Want]:
    """The wants without those for time in which nothing is to be proposed."""
    for want in wants:
        weeks = {week for policy, week in snapshot.skipped_weeks if policy == want.policy}
        match want.when:
            case Blocks():
                if want.when.week not in weeks:
                    yield want
            case Fixed():
                if snapshot.week_of(want.when.when) not in weeks and not _away(
                    snapshot.roles.of(want.wish), want.when.when, snapshot
                ):
                    yield want
            case spec if weeks:
                rest = [week.span(snapshot.zone) for week in weeks]
                if left := minus(spec.windows, rest):
                    yield replace(want, when=replace(spec, windows=left))
            case _:
                yield want


def _outside(own: OwnEvent, snapshot: Snapshot) -> Iterator[Delete]:
    """The deletion of an event in such time; nothing for any other."""
    policy, when = own.mark.policy, own.event.when
    week = snapshot.week_of(when)
    if (policy, week) in snapshot.skipped_weeks:
        reason = f"{policy} rests in week {week.key}: an event of it says #skip-week"
        yield Delete(before=own, reason=reason, cause=Cause.SKIPPED_WEEK)
    elif _away(snapshot.role(own), when, snapshot):
        reason = "nothing is proposed in this time: you are away, or have paused unbusy"
        yield Delete(before=own, reason=reason, cause=Cause.AWAY)


def _away(role: Role, when: When, snapshot: Snapshot) -> bool:
    """Whether it lies in such a time: days with all of their time, anything else with some of it."""
    if role is Role.NOTICE:
        return False
    span = when.span(snapshot.zone)
    return not minus([span], snapshot.away) if when.all_day else any(span.overlaps(away) for away in snapshot.away)
