"""An event's fields in words, as the history of runs keeps them: before a change and after it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

from daemon.ledger import ChangeRow
from daemon.model.event import Event, PartStat, ShowAs
from daemon.model.owner import Field, Mark, fingerprints
from daemon.model.plan import Annotate, Change, Create, Delete, Draft, Respond, Update
from daemon.model.snapshot import OwnEvent
from daemon.model.times import DateRange, TimeRange, When

Fields = Mapping[str, object]
NONE: Fields = {}
"""Of what is not there."""


def of_own(own: OwnEvent) -> Fields:
    """As it stands."""
    event = own.event
    return _marked(own.mark) | {
        "calendar": event.ref.calendar, "when": _ends(event.when), "title": event.summary,
        "show_as": event.show_as.value, "reminder": event.reminder, "colour": event.colour, "text": event.description,
        "visible": not event.private,
    }  # fmt: skip


def of_command(event: Event, text: str) -> Fields:
    """A command with this text under it: nothing else of it is ever written."""
    return {"calendar": event.ref.calendar, "when": _ends(event.when), "title": event.summary, "text": text}


def of_invitation(event: Event, reply: PartStat) -> Fields:
    """An invitation with this answer to it."""
    return {
        "calendar": event.ref.calendar, "when": _ends(event.when), "title": event.summary, "reply": reply.value
    }  # fmt: skip


def of_draft(draft: Draft) -> Fields:
    """As it was asked for."""
    return _marked(draft.mark) | {
        "calendar": draft.calendar, "when": _ends(draft.when), "title": draft.title, "show_as": draft.show_as.value,
        "reminder": draft.reminder, "colour": draft.colour, "text": draft.text, "visible": draft.visible,
    }  # fmt: skip


def _marked(mark: Mark) -> dict[str, object]:
    return {"generation": mark.generation, "base": {f.value: v for f, v in mark.base.items()}}


def _ends(when: When) -> list[str]:
    return [end.isoformat() for end in when.ends(UTC)]


def when(fields: Fields) -> When | None:
    """The time in them; None where there is none."""
    pair = fields.get("when")
    start, end = map(str, pair if isinstance(pair, list) else ("", ""))
    if not start:
        return None
    if "T" in start:
        return TimeRange(datetime.fromisoformat(start), datetime.fromisoformat(end))
    return DateRange(date.fromisoformat(start), date.fromisoformat(end))


def draft(fields: Fields, mark: Mark, zone: str, when: When, *, shared: bool = False) -> Draft:
    """An event with these fields, at a time, under a mark; `shared`: it may be of those that are not private."""
    reminder = fields["reminder"]
    return Draft(
        calendar=str(fields["calendar"]), mark=mark, when=when, zone=zone, title=str(fields["title"]),
        text=str(fields["text"]), show_as=ShowAs(str(fields["show_as"])),
        reminder=None if reminder is None else int(str(reminder)), colour=str(fields["colour"]),
        visible=shared and fields.get("visible") is True,
    )  # fmt: skip


def fingerprinted(fields: Fields) -> dict[Field, str]:
    """The fingerprints of the fields themselves, whatever was last asked for."""
    at, reminder = when(fields), fields["reminder"]
    assert at is not None  # noqa: S101  every event has a time
    return fingerprints(
        when=at, calendar=str(fields["calendar"]), title=str(fields["title"]), show_as=str(fields["show_as"]),
        reminder=None if reminder is None else int(str(reminder)), colour=str(fields["colour"]),
        text=str(fields["text"]),
    )  # fmt: skip


def base(fields: Fields) -> dict[Field, str]:
    """The fingerprints in them; {} where there are none."""
    kept = fields.get("base")
    return {f: str(kept[f]) for f in Field if f in kept} if isinstance(kept, dict) else {}


def row_of(change: Change) -> ChangeRow:
    """A change as the history keeps it."""
    match change:
        case Create():
            before, after = NONE, of_draft(change.draft)
        case Update():
            before, after = of_own(change.before), of_draft(change.draft)
        case Delete():
            before, after = of_own(change.before), NONE
        case Annotate():
            command = change.before
            before, after = of_command(command, command.description), of_command(command, change.text)
        case Respond():
            before, after = (of_invitation(change.before, a) for a in (PartStat.NEEDS_ACTION, change.answer))
    return ChangeRow(
        action=change.action.value, policy=change.wish.policy, key=change.wish.key, uid=change.uid, before=before,
        after=after, reason=change.reason, cause=change.cause.value,
    )  # fmt: skip
