"""What the user has ordered to go: what they turned down, and what lies in time in which nothing is to be proposed.

Orders come before placement: what goes by them takes no place, no freeze keeps it, and no limit counts it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from daemon.model.plan import Delete
from daemon.model.proposal import Blocks, Fixed, Want
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.times import DateRange, TimeRange, Week, local_day, minus, week_of
from daemon.model.user.gesture import Gesture
from daemon.planning import notices


def user_deletions(snapshot: Snapshot) -> tuple[Delete, ...]:
    """The events that go because the user said so."""
    skipped = (o for o in snapshot.turned_down if Gesture.SKIP in o.gestures and not snapshot.begun(o.event))
    untouched = (o for o in snapshot.ours if not o.edited and not snapshot.begun(o.event))
    return (
        *(Delete(before=o, reason="it says #skip", ordered=True, skips=True) for o in skipped),
        *(Delete(before=o, reason=why, ordered=True) for o in untouched if (why := _why(o, snapshot))),
    )


def minus_deletions(snapshot: Snapshot, gone: Iterable[Delete]) -> Snapshot:
    """The calendar after them."""
    refs = {d.before.event.ref for d in gone}
    return replace(snapshot, ours=tuple(o for o in snapshot.ours if o.event.ref not in refs))


def outside_pauses(snapshot: Snapshot, wants: Iterable[Want]) -> Iterator[Want]:
    """The wants without those for time in which nothing is to be proposed."""
    for want in wants:
        weeks = {week for policy, week in snapshot.resting if policy == want.policy}
        match want.when:
            case Blocks():
                if want.when.week not in weeks:
                    yield want
            case Fixed():
                if _week(want.when.when, snapshot) not in weeks and not _away(want.policy, want.when.when, snapshot):
                    yield want
            case spec if weeks:
                rest = [week.span(snapshot.zone) for week in weeks]
                if left := minus(spec.windows, rest):
                    yield replace(want, when=replace(spec, windows=left))
            case _:
                yield want


def _why(own: OwnEvent, snapshot: Snapshot) -> str:
    policy, when = own.mark.policy, own.event.when
    if (policy, _week(when, snapshot)) in snapshot.resting:
        return f"{policy} rests in week {_week(when, snapshot).key}: an event of it says #skip-week"
    return "nothing is proposed in this time: you are away, or have paused unbusy" * _away(policy, when, snapshot)


def _away(policy: str, when: TimeRange | DateRange, snapshot: Snapshot) -> bool:
    """Whether it lies in such a time: days with all of their time, anything else with some of it."""
    if policy == notices.POLICY:
        return False
    if isinstance(when, DateRange):
        return not minus([when.span(snapshot.zone)], snapshot.away)
    return any(when.overlaps(span) for span in snapshot.away)


def _week(when: TimeRange | DateRange, snapshot: Snapshot) -> Week:
    day = when.first if isinstance(when, DateRange) else local_day(when.start, snapshot.zone)
    return week_of(day, snapshot.profile.week_starts)
