"""What was promised after a meeting, where it comes back: in the weekly review two weeks later."""

from __future__ import annotations

from collections.abc import Iterable

from daemon.model.times import DAY, Week
from daemon.model.user.entry import Entry
from daemon.model.words import cited, day, one_line
from policies.preparation.options import POLICY
from policies.preparation.policy import PROMISED

LATER = 14 * DAY
SAID = "After "


def promises(entries: Iterable[Entry], week: Week) -> tuple[str, ...]:
    """'On Thu 3 Dec, after ‘Steering’, you wrote: “Hugo gets the numbers.”', for each answer of two weeks before.

    `entries`: those that may be quoted where the review stands.
    """
    days = [d - LATER for d in week.days]
    here = (e for e in entries if e.policy == POLICY and e.question_id == PROMISED.id and e.day in days)
    return tuple(f"On {day(e.day)}, after {_meeting(e)}, you wrote: {words}" for e in here if (words := cited(e.text)))


def _meeting(entry: Entry) -> str:
    """As the reason of its slot names it, without its time."""
    first = one_line(entry.evidence.partition("\n")[0])
    return first.removeprefix(SAID).rpartition(", ")[0] if first.startswith(SAID) else "a meeting"
