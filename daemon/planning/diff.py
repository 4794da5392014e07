"""Three-way: what is wanted, what was last asked for (the base in each mark), what stands.

Each field of each event is ours or the user's, and only ours are ever written:

- it stands as last asked for: ours; written if something else is wanted now
- it stands otherwise: the user's; left alone, also while other fields are written
- an event that is not wanted any more goes only if every field of it is ours
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from daemon.model.event import CalendarId, ShowAs
from daemon.model.owner import Field, Mark, fingerprints
from daemon.model.plan import Annotate, Change, Create, Delete, Draft, Update
from daemon.model.proposal import Content, text_of
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.times import MINUTE, DateRange, TimeRange, local_day
from daemon.model.words import clock, names
from daemon.planning import notices
from daemon.planning.placement.levels import Placed, Placement, Wish
from daemon.planning.placement.minutes import hits, to_span


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the diff goes by, beside snapshot and placement.

    `main`: the calendar that wants go to by default.  `withdrawn`: the generation in which unbusy itself last took
    a wish back.  `text_written`: the day on which a UID's text was last changed.  `held`: policies that could not
    be asked.  `unseen`: wishes whose event is there but unreadable or outside the window: not created again.
    `frozen`: calendars that could not be read: nothing in them is written.
    """

    main: CalendarId
    prefix: str = ""
    withdrawn: Mapping[Wish, int] = field(default_factory=dict)
    text_written: Mapping[str, date] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    unseen: frozenset[Wish] = frozenset()
    frozen: frozenset[CalendarId] = frozenset()


def diff(snapshot: Snapshot, placement: Placement, terms: Terms) -> tuple[Create | Update | Delete, ...]:
    """The changes that lead from what stands to what is wanted."""
    standing = {(o.mark.policy, o.mark.key): o for o in snapshot.ours}
    skipped = {(s.policy, s.key) for s in snapshot.skips}
    changes: list[Create | Update | Delete] = []
    for p in placement.placed:
        own = standing.get(p.wish)
        if own is None:
            if p.wish not in skipped | terms.unseen:
                draft = _draft(p, snapshot, terms, terms.withdrawn.get(p.wish, -1) + 1)
                changes.append(Create(draft=draft, reason=p.want.content.reason))
        elif not snapshot.begun(own.event):
            changes += _change(p, own, snapshot, terms)
    kept = placement.stands | {p.wish for p in placement.placed}
    gone = [o for wish, o in standing.items() if wish not in kept and _may_go(o, snapshot, terms)]
    changes += [Delete(before=o, reason=_gone(o, snapshot)) for o in gone]
    return tuple(c for c in changes if _calendar(c) not in terms.frozen)


def in_order(changes: Iterable[Change]) -> tuple[Change, ...]:
    """By start."""
    return tuple(sorted(changes, key=_order))


def _may_go(own: OwnEvent, snapshot: Snapshot, terms: Terms) -> bool:
    return not own.edited and not snapshot.begun(own.event) and own.mark.policy not in terms.held


def _gone(own: OwnEvent, snapshot: Snapshot) -> str:
    over = [e for e in snapshot.events if not own.event.all_day and e.span.overlaps(own.event.span)]
    if over and hits(to_span(own.event.span), [to_span(r) for r in snapshot.busy]):
        return f"{clock(own.event.when, snapshot.zone)} was booked for {names(over)}, and it is not needed elsewhere"
    return "it is not wanted any more"


def _change(placed: Placed, own: OwnEvent, snapshot: Snapshot, terms: Terms) -> list[Create | Update | Delete]:
    """Nothing, one update, or (another calendar) a move."""
    draft = _draft(placed, snapshot, terms, own.mark.generation, own)
    fields = frozenset(f for f in Field if draft.mark.base[f] != own.mark.base[f] and f not in own.edited)
    if _words_stay(own, snapshot, terms):
        fields -= {Field.TEXT}
    if not fields:
        return []
    if Field.WHEN in fields and draft.calendar != own.event.ref.calendar:
        reason = f"moves to the calendar {draft.calendar}"
        return [Delete(before=own, reason=reason, ordered=True), Create(draft=draft, reason=reason)]
    base = {f: draft.mark.base[f] if f in fields else own.mark.base[f] for f in Field}
    mark = Mark(own.mark.owner, own.mark.policy, own.mark.key, own.mark.generation, base)
    draft = replace(draft, mark=mark)
    return [Update(before=own, draft=draft, fields=fields, reason=_why(own, draft, fields, snapshot))]


def _words_stay(own: OwnEvent, snapshot: Snapshot, terms: Terms) -> bool:
    """Whether its text stays as it is: words are written once, and once more in the morning of the event's day.

    So what was advised stays readable, and a calendar does not flicker.
    """
    when = own.event.when
    day = when.first if isinstance(when, DateRange) else local_day(when.start, snapshot.zone)
    written = terms.text_written.get(own.event.ref.uid) == snapshot.today
    return written or day != snapshot.today or snapshot.now < snapshot.morning(day)


def _why(own: OwnEvent, draft: Draft, fields: frozenset[Field], snapshot: Snapshot) -> str:
    said = []
    if Field.WHEN in fields:
        over = [e for e in snapshot.events if not own.event.all_day and e.span.overlaps(own.event.span)]
        if over and hits(to_span(own.event.span), [to_span(r) for r in snapshot.busy]):
            said.append(f"{names(over)} was booked over {clock(own.event.when, snapshot.zone)}")
        else:
            said.append(f"{clock(draft.when, snapshot.zone)} is a better place")
    if Field.SHOW_AS in fields:
        said.append(f"shown as {draft.show_as} from now on, since little free time is left or it begins soon")
    if Field.TITLE in fields:
        said.append("its title has changed")
    if fields & {Field.TEXT, Field.REMINDER, Field.COLOUR}:
        said.append("its content follows the calendar and the config")
    return "; ".join(said)


def _draft(placed: Placed, snapshot: Snapshot, terms: Terms, generation: int, own: OwnEvent | None = None) -> Draft:
    """The event as it is wanted, with the base that goes with it; one that the user touched stays in its calendar."""
    content = placed.want.content
    draft = Draft(
        calendar=own.event.ref.calendar if own and own.edited else placed.want.calendar or terms.main,
        mark=Mark(snapshot.profile.owner, placed.want.policy, placed.key, generation, {}),
        when=placed.when,
        zone=snapshot.zone.key,
        title=f"{terms.prefix}{content.title}",
        text=text_of(content),
        show_as=_show_as(content, placed.when, snapshot, own),
        reminder=content.reminder,
        colour=content.colour,
        focus=content.focus,
    )
    return replace(draft, mark=replace(draft.mark, base=fingerprints_of(draft)))


def fingerprints_of(draft: Draft) -> dict[Field, str]:
    """The fingerprints of what a draft asks for."""
    return fingerprints(
        when=draft.when, calendar=draft.calendar, title=draft.title, show_as=draft.show_as, reminder=draft.reminder,
        colour=draft.colour, text=draft.text,
    )  # fmt: skip


def _show_as(content: Content, when: TimeRange | DateRange, snapshot: Snapshot, own: OwnEvent | None) -> ShowAs:
    """Free, tentative, busy: where the policy leaves it to time, it only ever hardens."""
    if content.busy_within is None or isinstance(when, DateRange):
        return content.show_as
    soon = when.start - snapshot.now <= content.busy_within * MINUTE
    asked = [ShowAs(own.mark.base[Field.SHOW_AS])] if own and own.mark.base[Field.SHOW_AS] in set(ShowAs) else []
    return max([content.show_as, *asked, *([ShowAs.BUSY] if soon else [])], key=lambda s: s.strength)


def when_of(change: Change) -> TimeRange | DateRange:
    """The time that a change is about: the new one, or that of the event that goes."""
    match change:
        case Delete():
            return change.before.event.when
        case Annotate():
            return change.before.when
        case _:
            return change.draft.when


def mark_of(change: Change) -> Mark:
    """The mark of the event that a change is about; a command has none, and gets one in name only."""
    match change:
        case Delete():
            return change.before.mark
        case Annotate():
            return Mark("", notices.POLICY, change.key, 0, {})
        case _:
            return change.draft.mark


def change_title(change: Change) -> str:
    """The title of the event that a change is about, as it will stand."""
    if isinstance(change, Annotate):
        return change.before.summary
    if isinstance(change, Delete) or (isinstance(change, Update) and Field.TITLE not in change.fields):
        return change.before.event.summary
    return change.draft.title


def _calendar(change: Create | Update | Delete) -> CalendarId:
    return change.draft.calendar if isinstance(change, Create) else change.before.event.ref.calendar


def _order(change: Change) -> tuple[date, int, str, str, int]:
    when, mark = when_of(change), mark_of(change)
    day = when.first if isinstance(when, DateRange) else when.start.date()
    minute = 0 if isinstance(when, DateRange) else to_span(when)[0]
    kind = (Delete, Update, Create, Annotate).index(type(change))
    return day, minute, mark.policy, mark.key, kind
