"""What the user has said of a week: its objective, whether it landed, the next step.

All is read off our events and the journal.  An answer counts as it stands on its event, else as it was filed.  What
leaves the calendar in which it was typed is the first line of an objective, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from daemon.model.event import CalendarId
from daemon.model.owner import Field, Wish
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.text import reason_of, typed
from daemon.model.times import DAY, Week, local_day, week_of
from daemon.model.user.command import Verb
from daemon.model.user.gesture import without_orders
from daemon.model.words import ANSWER, one_line
from policies.objectives.options import POLICY, ObjectivesOptions

NEXT = ("objective-next", "objective-next-seen", "objective-next-kept")
NOW = ("objective-now", "objective-now-kept")
LANDED, STUCK = "objective-landed", "objective-stuck"
REVIEWS = "reflection"

_YES = "yes y yep yeah done landed ja erledigt fertig geschafft oui fait fini sí si hecho listo tak zrobione gotowe"
YES = frozenset(_YES.split())
"""First words that say that it landed, in the languages that questions may have."""
NO = re.compile(
    r"(?:not (?:yet|quite|really)|noch nicht|pas encore|todavía no|aún no|jeszcze nie|no|nope|not|nein|non|nie)"
    r"\b[\s.,;:!–-]*",
    re.IGNORECASE,
)
_MARKS = re.compile(r"^[-*•–]\s+")


class Answer(Struct, frozen=True):
    """What was typed under one question.  `why`: our own words above it."""

    wish: Wish
    week: Week
    text: str
    calendar: CalendarId
    why: str = ""

    @property
    def line(self) -> str:
        """Its first line, without orders: all of it that may stand elsewhere."""
        lines = (one_line(without_orders(part), ANSWER) for part in self.text.split("\n"))
        return next((_MARKS.sub("", line) for line in lines if line), "")


def is_on(snapshot: Snapshot) -> ObjectivesOptions | None:
    """Its options, while it is on; it rides on the reviews."""
    return snapshot.options_of(POLICY, ObjectivesOptions) if REVIEWS in snapshot.policies else None


def objective(snapshot: Snapshot, week: Week) -> str:
    """What the user set out to do in a week, in one line; '' for nothing.

    The last command of the week counts, else what was answered in it, else in the review before it.
    """
    if not is_on(snapshot):
        return ""
    return _commanded(snapshot, week) or _now(snapshot, week) or _next(snapshot, week)


def _commanded(snapshot: Snapshot, week: Week) -> str:
    mine = [c for c in snapshot.commands if c.verb is Verb.OBJECTIVE and c.week == week]
    last = max(mine, key=lambda c: (c.event.span.start, c.event.ref), default=None)
    return one_line(last.what, ANSWER) if last else ""


def _now(snapshot: Snapshot, week: Week) -> str:
    given = (a for a in answers(snapshot, NOW) if a.wish.key.startswith(f"{week.key}/"))
    return next((a.line for a in reversed([*given]) if a.line), "")


def _next(snapshot: Snapshot, week: Week) -> str:
    before = Week(week.first - 7 * DAY)
    given = (a for a in answers(snapshot, NEXT) if a.week == before)
    return next((a.line for a in reversed([*given]) if a.line), "")


def landed(snapshot: Snapshot, week: Week) -> bool | None:
    """Whether the user says that it landed; None while they say nothing, and nothing is concluded from that."""
    if any(own.done for own in snapshot.own(REVIEWS) if _reviews(snapshot, own) == week):
        return True
    said = [a for a in answers(snapshot, (LANDED,)) if a.week == week and a.line]
    return _is_yes(said[-1]) if said else None


def _is_yes(answer: Answer) -> bool:
    first = re.findall(r"[^\W_]+", answer.line.casefold())
    return bool(first) and first[0] in YES


def step(snapshot: Snapshot, week: Week, here: CalendarId) -> str:
    """The next step that the user wrote where the objective of a week did not land; '' for none.

    Its words do not leave their calendar.
    """
    for answer in reversed(answers(snapshot, (LANDED,))):
        if answer.week == week and answer.line:
            lines = [NO.sub("", answer.line, count=1), *answer.text.split("\n")[1:]]
            away = _is_yes(answer) or not here or answer.calendar != here
            return "" if away else next((s for line in lines if (s := one_line(without_orders(line), ANSWER))), "")
    return ""


def stuck(snapshot: Snapshot, week: Week) -> bool:
    """Whether the objective of the two weeks before was the same and did not land, and nothing was asked about that."""
    before = [Week(week.first - n * 7 * DAY) for n in (1, 2)]
    same = {_plain(objective(snapshot, w)) for w in before}
    failed = all(landed(snapshot, w) is False for w in before)
    return failed and len(same) == 1 and same != {""} and not _was_asked(snapshot)


def alike(one: str, other: str) -> bool:
    """Whether two objectives are the same words."""
    return _plain(one) == _plain(other)


def _plain(words: str) -> str:
    return " ".join(re.findall(r"\w+", words.casefold()))


def _was_asked(snapshot: Snapshot) -> bool:
    """On an event of ours that has begun, or that was answered."""
    ours = (o for o in (*snapshot.ours, *snapshot.skipped) if snapshot.begun(o.event))
    return any(STUCK in o.mark.questions for o in ours) or any(e.question_id == STUCK for e in snapshot.entries)


# -- wins -------------------------------------------------------------------------------------------------------------

SET_OUT = "You set out to: "
_SET_OUT = re.compile(rf"{SET_OUT}‘([^‘’\n]*)’\.")


def wins(snapshot: Snapshot, weeks: Iterable[Week]) -> tuple[str, ...]:
    """The objectives of these weeks that landed, each once, the oldest first, as their reviews name them."""
    these = set(weeks)
    rows = [(a.week, a.why) for a in answers(snapshot, (LANDED,)) if a.week in these and _is_yes(a)]
    for own in snapshot.own(REVIEWS):
        week = _reviews(snapshot, own)
        if own.done and week in these:
            rows.append((week, _above(own)))
    found = {week: said[1] for week, why in rows if (said := _SET_OUT.search(why))}
    return tuple(dict.fromkeys(found[week] for week in sorted(found)))


# -- answers ----------------------------------------------------------------------------------------------------------


def answers(snapshot: Snapshot, ids: Iterable[str]) -> tuple[Answer, ...]:
    """What was typed under questions with these ids, the oldest first."""
    wanted = frozenset(ids)
    here = [a for own in (*snapshot.ours, *snapshot.skipped) for a in _typed(snapshot, own, wanted)]
    known = {a.wish for a in here}
    return tuple(sorted([*here, *_filed(snapshot, wanted, known)], key=lambda a: (a.week, a.wish)))


def _typed(snapshot: Snapshot, own: OwnEvent, ids: frozenset[str]) -> Iterator[Answer]:
    if Field.TEXT not in own.yours or ids.isdisjoint(own.mark.questions):
        return
    for said in typed(own.event.description, own.mark.base[Field.TEXT], own.mark.questions):
        if said.id in ids and without_orders(said.text):
            yield Answer(own.wish, _reviews(snapshot, own), said.text, own.event.ref.calendar, _above(own))


def _filed(snapshot: Snapshot, ids: frozenset[str], known: set[Wish]) -> Iterator[Answer]:
    for entry in snapshot.entries:
        if entry.question_id in ids and entry.wish not in known:
            week = week_of(entry.day, snapshot.profile.week_starts)
            yield Answer(entry.wish, _named(entry.key, week), entry.text, entry.calendar, entry.evidence)


def _reviews(snapshot: Snapshot, own: OwnEvent) -> Week:
    """The week that a review looks back at, also where it was moved."""
    day = local_day(own.asked.span(snapshot.zone).start, snapshot.zone)
    return _named(own.mark.key, week_of(day, snapshot.profile.week_starts))


def _named(key: str, lies: Week) -> Week:
    """The week that a key names, near the one in which its event lies; else that."""
    name = key.removeprefix("week/")
    near = (Week(lies.first + n * 7 * DAY) for n in range(-6, 3))
    return next((week for week in near if week.key == name), lies)


def _above(own: OwnEvent) -> str:
    return reason_of(own.event.description, own.mark.base[Field.TEXT])
