"""What the user noted before the last 1:1 with somebody, where they want to see it again."""

from __future__ import annotations

from collections.abc import Iterator

from daemon.model.owner import Subject
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.text import words
from daemon.model.times import local_day
from daemon.model.user.entry import Entry
from daemon.model.words import cited, day
from policies.advisors.options import POLICY, AdvisorsOptions

LINE = "– "
"""How the line of a person begins."""


def noted(snapshot: Snapshot, options: AdvisorsOptions, who: Subject) -> str:
    """'On Tue 24 Nov you noted: “She wants the migration.”'; '' for nothing, or what stands in another calendar."""
    here = snapshot.calendar_of(options)
    for own in reversed([*snapshot.own(POLICY)]):
        on = local_day(own.event.span.start, snapshot.zone)
        if on < snapshot.today and own.event.ref.calendar == here and who.id in {s.id for s in own.mark.about}:
            said = "\n".join(
                line for entry in snapshot.entries if entry.wish == own.wish for line in _of(who, own, entry)
            )
            if note := cited(said):
                return f"On {day(on)} you noted: {note}"
    return ""


def _of(who: Subject, own: OwnEvent, entry: Entry) -> Iterator[str]:
    """Of a slot before one meeting all of it; of several, what answers the request to this person, or names them."""
    people = sum(row.startswith(LINE) for row in words(own.event.description).reason.split("\n"))
    asked = bool(entry.question_id) and own.mark.about[0].id == who.id
    called = who.name.casefold().split()[:1]
    for line in entry.text.split("\n"):
        if people == 1 or asked or line.casefold().replace(":", " ").split()[:1] == called:
            yield line
