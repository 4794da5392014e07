"""What becomes of a block, as its text says it and as it is shown: moved, without a place, there again."""

from __future__ import annotations

from daemon.model.event import Event, ShowAs
from daemon.model.owner import Field
from daemon.model.proposal import Blocks, Showing
from daemon.model.snapshot import TAKING, OwnEvent, Snapshot
from daemon.model.text import reason_of
from daemon.model.times import MINUTE
from daemon.model.words import in_week, names
from daemon.planning.placement.levels import Placed
from daemon.planning.placement.minutes import hits, to_span

MOST_SHOWN = 2
"""So often unbusy changes how a block is shown, in all its life."""


def booked_over(own: OwnEvent, snapshot: Snapshot) -> list[Event]:
    """What lies over it and takes time."""
    over = [e for e in snapshot.events if not own.event.all_day and e.span.overlaps(own.event.span)]
    taking = [e for e in over if e.counts_as in TAKING] or over
    return taking if hits(to_span(own.event.span), [to_span(r) for r in snapshot.busy]) else []


# -- what its text says of its place -----------------------------------------------------------------------------------

MOVED, LOST = "Moved from ", "No other room this week."


def reason_for(placed: Placed, snapshot: Snapshot, own: OwnEvent | None) -> str:
    """What stands above the questions: of a block that was moved, or has lost its place, also that.

    A block that compares itself with its week keeps what it said when it was made; only what opens it comes before.
    """
    if not isinstance(placed.want.when, Blocks):
        return placed.want.content.reason
    opening, _, reason = placed.want.content.reason.rpartition("\n")
    if placed.compares:
        reason = (said(own)[0] if own else placed.why) or reason
    fate = fate_of(placed, own, snapshot) if own else ""
    return "\n".join(filter(None, [opening, reason, fate]))


def fate_of(placed: Placed, own: OwnEvent, snapshot: Snapshot) -> str:
    """What became of a block's place, in one line at the most, since it is moved once."""
    if not isinstance(placed.want.when, Blocks):
        return ""
    if placed.lost:
        return LOST
    over = booked_over(own, snapshot) if own.event.when != placed.when else []
    if over:
        taken = f", which {names(over, snapshot.zone)} took" if not placed.want.content.visible else ""
        return f"{MOVED}{in_week(own.event.span.start, snapshot.zone)}{taken}."
    before = said(own)[1]
    return before if before.startswith(MOVED) else ""


def said(own: OwnEvent) -> tuple[str, str]:
    """The reason of an event as it stands, and that line; '' where there is none of ours."""
    lines = reason_of(own.event.description, own.mark.base[Field.TEXT]).split("\n")
    fate = lines.pop() if lines[-1] == LOST or lines[-1].startswith(MOVED) else ""
    return (lines[-1] if lines else ""), fate


# -- how it is shown ---------------------------------------------------------------------------------------------------


def show_as_of(placed: Placed, snapshot: Snapshot, own: OwnEvent | None) -> ShowAs:
    """Free, tentative, busy: see `Showing`."""
    content, how = placed.want.content, placed.want.content.showing
    asked = [ShowAs(own.mark.base[Field.SHOW_AS])] if own and own.mark.base[Field.SHOW_AS] in set(ShowAs) else []
    if how is None or placed.when.all_day:
        return content.show_as
    if asked and (how.as_made or (how.by_fate and own and own.mark.shows >= MOST_SHOWN)):
        return asked[0]
    if placed.lost:
        return ShowAs.FREE if how.by_fate else max([content.show_as, *asked], key=_strength)
    hard = [ShowAs.BUSY] if _is_hard(placed, how, snapshot, own) else []
    return max([content.show_as, *asked, *hard], key=_strength)


def _is_hard(placed: Placed, how: Showing, snapshot: Snapshot, own: OwnEvent | None) -> bool:
    """Whether it is shown as busy from now on."""
    ahead = placed.when.span(snapshot.zone).start - snapshot.now
    soon = how.busy_within is not None and ahead <= how.busy_within * MINUTE
    ordinal = placed.key.rpartition("/")[2]
    first = ordinal.isdecimal() and int(ordinal) <= how.busy_first
    return soon or first or (how.by_fate and own is not None and _gave_way(placed, own, snapshot))


def _gave_way(placed: Placed, own: OwnEvent, snapshot: Snapshot) -> bool:
    """Whether it is moved because it was booked over, or has its own place back."""
    moved = own.event.when != placed.when and bool(booked_over(own, snapshot))
    return moved or (own.mark.shows > 0 and own.mark.base[Field.SHOW_AS] == ShowAs.FREE)


def _strength(show_as: ShowAs) -> int:
    return show_as.strength
