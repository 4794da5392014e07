"""The way out of a busy day or week: a few changes that can be made in ten minutes, and whether they are enough."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from daemon.model.courtesy.messages import Message, message
from daemon.model.event import Event, EventRef
from daemon.model.figures.measure import DayMinutes
from daemon.model.snapshot import Snapshot
from daemon.model.words import hours, moment, person, title
from policies.overload.bounds import Reached, reached
from policies.overload.options import OverloadOptions
from policies.overload.relief import frees, given_back, parted, relief, reward, without
from policies.overload.spans import Span
from policies.overload.ways import Way, protected, way


class WayOut(Struct, frozen=True, kw_only=True):
    """What is advised, the most rewarding first.

    `clears`: whether it brings the days within their bounds; `takes`: how many changes that takes, None where no set
    of them is enough.  `gives`: minutes of focus time that the advised ones give back together.
    """

    ways: tuple[Way, ...]
    clears: bool
    takes: int | None
    gives: int


def way_out(snapshot: Snapshot, options: OverloadOptions, span: Span) -> WayOut | None:
    """At most so many changes as the options say, each of which lowers a figure that is broken; None for none.

    Protected meetings are left alone unless nothing else helps.
    """
    every = {w.event.ref: w for w in _ways(snapshot, options, span)}
    shown = {ref: w for ref, w in every.items() if not protected(snapshot, options, w.event)}
    lower = {ref: w for ref, w in shown.items() if _helps(span, w)}
    if not lower:
        shown, lower = every, {ref: w for ref, w in every.items() if _helps(span, w)}
    if not lower or not options.suggestions:
        return None
    found = _clearing(snapshot, span, shown) or _clearing(snapshot, span, every)
    fit = found is not None and len(found) <= options.suggestions and all(e.ref in shown for e in found)
    kept = parted(span.days, {ref: w.keeps for ref, w in every.items()})
    best = found if fit and found else _best(snapshot, kept, lower.values())[: options.suggestions]
    return WayOut(
        ways=tuple(every[e.ref] for e in best),
        clears=fit,
        takes=len(found) if found else None,
        gives=given_back(kept, {e.ref for e in best}),
    )


def _ways(snapshot: Snapshot, options: OverloadOptions, span: Span) -> Iterable[Way]:
    """For each meeting that is still ahead, what fits it; nothing for those that nothing fits."""
    ahead = {e.ref: e for grid in span.days for e, _ in grid.meetings if not snapshot.begun(e)}
    return (found for event in ahead.values() if (found := way(snapshot, options, span, event)))


def _helps(span: Span, one: Way) -> bool:
    """Whether it lowers a figure that is broken."""
    before, after = span.figures, _without(span, {one.event.ref: one})
    return any(_better(name, after, before) for name in span.over or span.leave.broken(before))


def _without(span: Span, ways: Mapping[EventRef, Way]) -> Reached:
    return reached(without(parted(span.days, {ref: w.keeps for ref, w in ways.items()}), ways))


def _better(name: str, after: Reached, before: Reached) -> bool:
    gained = getattr(after, name) - getattr(before, name)
    return bool(gained > 0 if name == "long_blocks" else gained < 0)


def _clearing(snapshot: Snapshot, span: Span, ways: Mapping[EventRef, Way]) -> tuple[Event, ...] | None:
    """The fewest of them that are enough, None where all together are not, or where that is not sure."""
    keeps = {ref: w.keeps for ref, w in ways.items()}
    found = relief(snapshot, [grid.day for grid in span.days], span.leave, keeps)
    return found.drop if found.clears and found.exact else None


def _best(snapshot: Snapshot, days: Sequence[DayMinutes], ways: Iterable[Way]) -> tuple[Event, ...]:
    events = [w.event for w in ways]
    return tuple(sorted(events, key=lambda e: (reward(snapshot, days, e), e.span.start, e.ref)))


# -- words -------------------------------------------------------------------------------------------------------


def advice(snapshot: Snapshot, options: OverloadOptions, span: Span) -> str:
    """One sentence, and a line for each change; '' where nothing can be done."""
    found = way_out(snapshot, options, span)
    if found is None:
        return ""
    lines = ((_step(snapshot, span, one), _message(snapshot, options, one)) for one in found.ways)
    return "\n".join([_sentence(found), *(line for pair in lines for line in pair if line)])


def steps(snapshot: Snapshot, options: OverloadOptions, span: Span) -> tuple[str, ...]:
    """The same changes, a line for each, without messages."""
    found = way_out(snapshot, options, span)
    return tuple(_step(snapshot, span, one) for one in found.ways) if found else ()


def _sentence(found: WayOut) -> str:
    count = len(found.ways)
    these = "this one gives" if count == 1 else f"these {count} give"
    back = f"{these} back {hours(found.gives)} for focus" if found.gives else ""
    if found.clears:
        change = "One change clears it" if count == 1 else f"{count} changes clear it"
        return f"{change}:"
    takes = f"Clearing it takes {found.takes} changes" if found.takes else "No set of changes clears it"
    return f"{takes}; {back}:" if back else f"{takes}; what helps most:"


def _step(snapshot: Snapshot, span: Span, one: Way) -> str:
    """'– Skip once: Tue 1 Dec 14:00 ‘Planning’, 1 h, frees 2 h for focus', in local time."""
    event = one.event
    freed = frees(parted(span.days, {event.ref: one.keeps}), event)
    gain = f", frees {hours(freed)} for focus" if freed else ""
    named = f"{moment(event.span.start, snapshot.zone)} {title(event)}, {hours(event.span.minutes)}"
    return f"– {_verb(snapshot, one)}: {named}{gain}"


def _message(snapshot: Snapshot, options: OverloadOptions, one: Way) -> str:
    """What the user may send to the others, ready to copy; unbusy sends nothing."""
    if not options.messages:
        return ""
    return message(
        one.verb, one.event, snapshot.zone, own=snapshot.profile.courtesy, delegate=one.delegate, slot=one.slot
    )


def _verb(snapshot: Snapshot, one: Way) -> str:
    match one.verb:
        case Message.SHORTEN:
            return f"Shorten to {hours(one.keeps)}"
        case Message.MOVE if one.slot:
            return f"Move to {moment(one.slot.start, snapshot.zone)}"
        case Message.HAND_OVER:
            return f"Hand over to {person(one.delegate)}"
        case verb:
            return "Skip once" if verb is Message.SKIP else "Decline"
