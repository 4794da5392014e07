"""What a slot asks: about what is shown, by what was asked lately; and what stays as it was asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from msgspec.structs import replace

from daemon.model.figures.measure import measure_week
from daemon.model.owner import Wish
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.text import words
from daemon.model.times import week_of
from daemon.model.titles.kinds import Kind
from daemon.model.titles.kinds import words as words_of
from policies.questions.choosing import MOST, Asked, Occasion, Past, choose, put_in
from policies.questions.evidence import Signs, alive, is_full, is_heavy, of_days, of_week, unanswered, unfinished
from policies.questions.lately import lately
from policies.questions.prompts import Evidence, Finding, Prompt, Slot
from policies.reflection import echoes, week_aims
from policies.reflection.options import ReflectionOptions
from policies.reflection.periods import POLICY, Period


def asked(
    snapshot: Snapshot, options: ReflectionOptions, period: Period, on: date, until: datetime, *, weekly: bool
) -> tuple[Asked, ...]:
    """The questions of a new slot on a day, the time of which ends with `until`.

    `weekly`: it looks back at a week, by itself or in a larger one: it begins with the objective of that, and ends with
    the next.
    """
    prompts = options.questions.prompts
    known = lately(snapshot, prompts, on, Wish(POLICY, period.key))
    findings = _findings(snapshot, options, period, on, until)
    first, last = (aims(snapshot, on) if weekly else () for aims in (week_aims.before, week_aims.after))
    left = MOST - len(first) - len(last)
    occasion = replace(_occasion(snapshot, options, period.slot, on), most=left)
    return (*first, *(choose(prompts, findings, known, occasion) if left else ()), *last)


def kept(
    snapshot: Snapshot, options: ReflectionOptions, period: Period, on: date, own: OwnEvent
) -> tuple[tuple[Asked, ...], bool]:
    """The questions of a slot that stands, and whether one of them is another one now.

    What asks about a meeting that is cancelled or declined is replaced by a general one, which nothing can take away.
    """
    texts, ids = words(own.event.description).questions, own.mark.questions
    if len(texts) != len(ids):
        return tuple(Asked("", text) for text in texts), False
    prompts = options.questions.prompts
    by_id = {p.id: p for p in prompts}
    rows = [Asked(name, text, day=on) for name, text in zip(ids, texts, strict=True)]
    gone = [row for row in rows if _is_gone(snapshot, by_id.get(row.id), row.text, period.days)]
    if not gone:
        return tuple(rows), False
    left = [row for row in rows if row not in gone]
    known = lately(snapshot, prompts, on, Wish(POLICY, period.key))
    occasion = _occasion(snapshot, options, period.slot, on)
    others = choose(_others(prompts, by_id, left), (), Past((*known.asked, *left)), _all_general(occasion, len(gone)))
    return (*left, *others), True


def _is_gone(snapshot: Snapshot, prompt: Prompt | None, text: str, days: Sequence[date]) -> bool:
    finding = put_in(prompt, text) if prompt else None
    return finding is not None and not alive(snapshot, finding, days)


def _others(prompts: Sequence[Prompt], by_id: dict[str, Prompt], left: Sequence[Asked]) -> list[Prompt]:
    """Those that go with what stays."""
    there = [by_id[row.id] for row in left if row.id in by_id]
    hard, themes = any(p.is_hard for p in there), {p.theme for p in there}
    return [p for p in prompts if p.theme not in themes and not (hard and p.is_hard)]


def _all_general(occasion: Occasion, count: int) -> Occasion:
    return Occasion(
        slot=occasion.slot, day=occasion.day, count=count, general=count, light=occasion.light, gentle=occasion.gentle
    )


# -- what calls a question --------------------------------------------------------------------------------------------


def _occasion(snapshot: Snapshot, options: ReflectionOptions, slot: Slot, on: date) -> Occasion:
    week = week_of(on, snapshot.profile.week_starts)
    light = measure_week(snapshot, week).share <= options.quiet_share
    if slot is not Slot.DAY:
        count = min(options.review_questions, MOST)
        return Occasion(slot=slot, day=on, count=count, well=slot is Slot.WEEK, week=week.days, light=light)
    full, heavy = is_full(snapshot, on, options.overloaded_share), is_heavy(snapshot, on)
    count = 1 if full or heavy else min(options.daily_questions, MOST)
    return Occasion(
        slot=slot, day=on, count=count, general=int(count > 1 or heavy), week=week.days, light=light, gentle=heavy
    )


def _findings(
    snapshot: Snapshot, options: ReflectionOptions, period: Period, on: date, until: datetime
) -> tuple[Finding, ...]:
    signs = signs_of(options)
    match period.slot:
        case Slot.DAY:
            shown = of_days(snapshot, [on], until, signs)
            return (*unfinished(snapshot, on, signs), *shown, *unanswered(snapshot, on))
        case Slot.WEEK:
            week = week_of(on, snapshot.profile.week_starts)
            days = [day for day in week.days if day <= on]
            said = (Finding(Evidence.ANSWERED),) if echoes.of_week(snapshot, options, period) else ()
            shown = of_days(snapshot, days, until, signs)
            return (*shown, *of_week(snapshot, week, on, signs), *unanswered(snapshot, on), *said)
        case Slot.MONTH:
            return echoes.of_month(snapshot, options, on) if options.echo else ()
        case _:
            said = (
                (Finding(Evidence.ANSWERED),) if options.echo and echoes.of_quarter(snapshot, options, period) else ()
            )
            mine = (Finding(Evidence.OWN_SERIES),) if echoes.own_series(snapshot, on) else ()
            return (*mine, *said)


def signs_of(options: ReflectionOptions) -> Signs:
    """By what evidence is known, as the options say."""
    return Signs(
        titles={
            Evidence.TENSE_MEETING: _words(options.tense_titles, Kind.TENSE),
            Evidence.INCIDENT: _words(options.incident_titles, Kind.INCIDENT),
            Evidence.HIGH_STAKES: _words(options.high_stakes_titles, Kind.HIGH_STAKES),
            Evidence.DECISION_MEETING: _words(options.decision_titles, Kind.DECISION),
        },
        overloaded=options.overloaded_share,
        quiet=options.quiet_share,
    )


def _words(own: tuple[str, ...] | None, kind: Kind) -> tuple[str, ...]:
    return words_of(kind) if own is None else own
