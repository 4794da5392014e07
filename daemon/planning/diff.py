"""Three-way: what is wanted, what was last asked for (the base in each mark), what stands.

Each field of each event is ours or the user's, and only ours are ever written:

- it stands as last asked for: ours; written if something else is wanted now
- it stands otherwise: the user's; left alone, also while other fields are written
- an event that is not wanted any more goes only if every field of it is ours
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date

from msgspec import Struct, field
from msgspec.structs import replace

from daemon.model.event import CalendarId
from daemon.model.ours.clock import local_time
from daemon.model.ours.mark_line import MOST_QUESTIONS
from daemon.model.owner import Field, Mark, Wish, fingerprints
from daemon.model.plan import Action, Cause, Change, Create, Delete, Draft, Update
from daemon.model.proposal import Blocks, Role, text_of
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.times import When, local_day
from daemon.model.words import clock, hours, names, quoted, title
from daemon.planning.fates import booked_over, fate_of, reason_for, said, show_as_of
from daemon.planning.placement.levels import Placed, Placement
from daemon.planning.placement.minutes import to_span


class Terms(Struct, frozen=True, kw_only=True):
    """What the diff goes by, beside snapshot and placement.

    `main`: the calendar that wants go to by default.  `withdrawn`: the generation in which unbusy itself last took
    a wish back.  `text_written`: the day on which a UID's text was last changed.  `held`: policies that could not
    be asked.  `unseen`: wishes whose event is there but unreadable or outside the window: not created again.
    `stale`: calendars that could not be read: nothing in them is written.  `kept`: wishes that hang on one of them:
    they stay as they are.
    """

    main: CalendarId
    prefix: str = ""
    withdrawn: Mapping[Wish, int] = field(default_factory=dict)
    text_written: Mapping[str, date] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    unseen: frozenset[Wish] = frozenset()
    stale: frozenset[CalendarId] = frozenset()
    kept: frozenset[Wish] = frozenset()


def diff(snapshot: Snapshot, placement: Placement, terms: Terms) -> tuple[Create | Update | Delete, ...]:
    """The changes that lead from what stands to what is wanted."""
    standing = {o.wish: o for o in snapshot.ours}
    skipped = {s.wish for s in snapshot.skips}
    changes: list[Create | Update | Delete] = []
    for p in (*placement.placed, *placement.lost):
        own = standing.get(p.wish)
        if own is None:
            if p.wish not in skipped | terms.unseen:
                draft = _draft(p, snapshot, terms, terms.withdrawn.get(p.wish, -1) + 1)
                changes.append(Create(draft=draft, reason=p.why or p.want.content.reason))
        elif not snapshot.begun(own.event):
            changes += _change(p, own, snapshot, terms, over_lunch=p.wish in placement.over_lunch)
    kept = placement.stands.keys() | terms.kept | {p.wish for p in placement.placed}
    gone = [o for wish, o in standing.items() if wish not in kept and _may_go(o, snapshot, terms)]
    changes += [_gone(o, snapshot, placement) for o in gone]
    highest = _highest(snapshot, {*skipped, *terms.unseen, *terms.withdrawn, *(p.wish for p in placement.placed)})
    blocks = {p.wish for p in placement.placed if isinstance(p.want.when, Blocks)}
    return tuple(
        _numbered(c, highest[c.wish.want]) if c.wish in blocks else c for c in changes if c.calendar not in terms.stale
    )


def _highest(snapshot: Snapshot, wishes: Iterable[Wish]) -> dict[Wish, int]:
    """The highest ordinal that each week's blocks have had so far: by what stands, its marks, and these wishes."""
    highest: dict[Wish, int] = {}
    for wish, marked in [*((wish, 0) for wish in wishes), *((o.wish, o.mark.highest) for o in snapshot.ours)]:
        ordinal = wish.key.rpartition("/")[2]
        if ordinal.isdecimal():
            highest[wish.want] = max(int(ordinal), marked, highest.get(wish.want, 0))
    return highest


def _numbered(change: Create | Update | Delete, highest: int) -> Create | Update | Delete:
    """A block with the highest ordinal of its week in its mark; that is never a reason to write it.

    One that 0.1 placed is known by having none, until it is moved.
    """
    if isinstance(change, Delete) or (isinstance(change, Update) and change.before.old and not change.mark.local):
        return change
    mark = replace(change.mark, highest=max(highest, change.mark.highest))
    return replace(change, draft=replace(change.draft, mark=mark))


def in_order(changes: Iterable[Change]) -> tuple[Change, ...]:
    """By start; what is made anew in another calendar leaves the old one first, also where that was at a later time."""
    changes = tuple(changes)
    anew: dict[Wish, Change] = {c.wish: c for c in changes if isinstance(c, Create)}
    return tuple(sorted(changes, key=lambda c: (_order(anew.get(c.wish) or c), list(Action).index(c.action))))


def _may_go(own: OwnEvent, snapshot: Snapshot, terms: Terms) -> bool:
    return not own.edited and not snapshot.begun(own.event) and own.mark.policy not in terms.held


def _gone(own: OwnEvent, snapshot: Snapshot, placement: Placement) -> Delete:
    over = booked_over(own, snapshot)
    taken = _was_taken(own, snapshot)
    if own.wish in placement.spent:
        why = taken if over else _took_lunch(own, snapshot)
        left = f"it was moved before, so it goes, and its {hours(own.event.when.minutes)} are not owed again"
        return Delete(before=own, reason=f"{why}; {left}", cause=Cause.BOOKED_OVER_AGAIN)
    if over:
        why = "its week has no other place" if own.wish in placement.no_room else "it is not needed elsewhere"
        return Delete(before=own, reason=f"{taken}, and {why}", cause=Cause.BOOKED_OVER)
    if own.wish in placement.over_lunch:
        return Delete(before=own, reason=_took_lunch(own, snapshot), cause=Cause.LUNCH)
    return Delete(before=own, reason="it is not wanted any more")


def _was_taken(own: OwnEvent, snapshot: Snapshot) -> str:
    return f"{clock(own.event.when, snapshot.zone)} was booked for {names(booked_over(own, snapshot), snapshot.zone)}"


def _took_lunch(own: OwnEvent, snapshot: Snapshot) -> str:
    length = snapshot.profile.lunch.minutes if snapshot.profile.lunch else 0
    return f"{clock(own.event.when, snapshot.zone)} had come to take the last {hours(length)} for lunch"


def _change(
    placed: Placed, own: OwnEvent, snapshot: Snapshot, terms: Terms, *, over_lunch: bool
) -> list[Create | Update | Delete]:
    """Nothing, one update, or (another calendar) a move."""
    draft = _draft(placed, snapshot, terms, own.mark.generation, own)
    fields = frozenset(f for f in Field if draft.mark.base[f] != own.mark.base[f] and f not in own.edited)
    fate_stays = fate_of(placed, own, snapshot) == said(own)[1]
    if not placed.want.content.revised and fate_stays and _words_stay(own, draft.when, snapshot, terms):
        fields -= {Field.TEXT, Field.TITLE} if snapshot.role(own) is Role.FLAG else {Field.TEXT}
    if not fields:
        return []
    if Field.WHEN in fields and draft.calendar != own.event.ref.calendar:
        reason = f"moves to the calendar {draft.calendar}"
        cause = Cause.MOVED_CALENDAR
        return [Delete(before=own, reason=reason, cause=cause), Create(draft=draft, reason=reason, cause=cause)]
    mark = beside(own.mark, draft.mark, fields)
    draft = replace(draft, mark=replace(mark, shows=mark.shows + (Field.SHOW_AS in fields)))
    if placed.lost:
        reason = f"{_was_taken(own, snapshot)}, and its week has no other place"
        return [Update(before=own, draft=draft, fields=fields, cause=Cause.NO_ROOM, reason=reason)]
    why = dict(_why(own, draft, fields, snapshot, over_lunch=over_lunch, cut_for=placed.cut_for))
    return [Update(before=own, draft=draft, fields=fields, cause=next(iter(why)), reason="; ".join(why.values()))]


def beside(old: Mark, new: Mark, fields: frozenset[Field]) -> Mark:
    """The mark of an event of which only these fields are written: all else in it is as it was last asked for."""
    clock, asks = (new if f in fields else old for f in (Field.WHEN, Field.TEXT))
    base = {f: new.base[f] if f in fields else old.base[f] for f in Field}
    return replace(
        old,
        base=base,
        zone=clock.zone,
        local=clock.local,
        moves=clock.moves,
        questions=asks.questions,
        about=asks.about,
    )


def _words_stay(own: OwnEvent, when: When, snapshot: Snapshot, terms: Terms) -> bool:
    """Whether its text stays as it is: words are written once, and once more in the morning of the day that it is on.

    So what was advised stays readable, and a calendar does not flicker.  Days begin with the work of the first, and
    were written when they were made; the title of a flag is part of what it says.
    """
    day = when.first_day(snapshot.zone)
    written = terms.text_written.get(own.event.ref.uid) == snapshot.today
    if own.event.all_day:
        made = own.event.created
        written |= snapshot.now >= snapshot.begins(day) or bool(made and local_day(made, snapshot.zone) == day)
    return written or day != snapshot.today or snapshot.now < snapshot.morning(day)


def _why(
    own: OwnEvent, draft: Draft, fields: frozenset[Field], snapshot: Snapshot, *, over_lunch: bool, cut_for: str
) -> Iterator[tuple[Cause, str]]:
    """Every cause of an update, the weightiest first, each with its sentence."""
    if Field.WHEN in fields:
        if over := booked_over(own, snapshot):
            took, was = names(over, snapshot.zone), "were" if len({title(e) for e in over}) > 1 else "was"
            yield Cause.BOOKED_OVER, f"{took} {was} booked over {clock(own.event.when, snapshot.zone)}"
        elif over_lunch:
            yield Cause.LUNCH, _took_lunch(own, snapshot)
        elif cut_for:
            yield Cause.MAKES_ROOM, f"it ends earlier, so that {quoted(cut_for)} has a place on its day"
        else:
            yield Cause.BETTER_PLACE, f"{clock(draft.when, snapshot.zone)} is a better place"
    if Field.SHOW_AS in fields:
        yield Cause.HARDENED, f"shown as {draft.show_as} from now on"
    if Field.TITLE in fields:
        yield Cause.RENAMED, "its title has changed"
    if fields & {Field.TEXT, Field.REMINDER, Field.COLOUR}:
        yield Cause.CONTENT, "its content follows the calendar and the config"


def _draft(placed: Placed, snapshot: Snapshot, terms: Terms, generation: int, own: OwnEvent | None = None) -> Draft:
    """The event as it is wanted, with the base that goes with it; one that the user touched stays in its calendar."""
    content = placed.want.content
    draft = Draft(
        calendar=own.event.ref.calendar if own and own.edited else placed.want.calendar or terms.main,
        mark=_mark(placed, snapshot, generation, own),
        when=placed.when,
        zone=snapshot.zone.key,
        title=f"{terms.prefix}{content.titles.get(placed.key, content.title)}",
        text=text_of(replace(content, reason=reason_for(placed, snapshot, own))),
        show_as=show_as_of(placed, snapshot, own),
        reminder=content.reminder,
        colour=content.colour,
        focus=content.focus,
        visible=content.visible,
    )
    return replace(draft, mark=replace(draft.mark, base=fingerprints_of(draft)))


def _mark(placed: Placed, snapshot: Snapshot, generation: int, own: OwnEvent | None) -> Mark:
    """All of it but the base; another time than the one at which it stands is a move by us."""
    moves = own.mark.moves + (own.event.when != placed.when) if own else 0
    return Mark(
        snapshot.profile.owner, placed.want.policy, placed.key, generation, {},
        zone=snapshot.zone.key, local=local_time(placed.when, snapshot.zone), moves=moves,
        shows=own.mark.shows if own else 0, highest=own.mark.highest if own else 0,
        questions=placed.want.content.question_ids[:MOST_QUESTIONS], about=placed.want.about,
    )  # fmt: skip


def fingerprints_of(draft: Draft) -> dict[Field, str]:
    """The fingerprints of what a draft asks for."""
    return fingerprints(
        when=draft.when, calendar=draft.calendar, title=draft.title, show_as=draft.show_as, reminder=draft.reminder,
        colour=draft.colour, text=draft.text,
    )  # fmt: skip


def _order(change: Change) -> tuple[date, int, str, str]:
    when = change.when
    minute = 0 if when.all_day else to_span(when.span(UTC))[0]
    return when.first_day(UTC), minute, *change.wish
