"""The end of a spell: when the look back comes, its record, the rule that it leads to, and what weekly reviews say."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from daemon.model.event import Event
from daemon.model.owner import Field
from daemon.model.proposal import Flexible, Level
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.text import composed
from daemon.model.times import TimeRange
from making import ZONE, meeting, moment, own, snapshot
from policies.overload.look_back import CAUSES, RULES, spell_lines
from policies.overload.options import POLICY, OverloadOptions
from policies.overload.policy import propose
from policies.questions.prompts import library

RULE = next(p.text for p in library() if p.id == "busy-prevent")
CLOCKS = ("09:00-10:00", "10:10-11:10", "11:20-12:20", "13:30-14:30", "14:40-15:40", "15:50-16:50")
HOURS = OverloadOptions(week_long_blocks=0, week_share=0)


def loaded(week: int, hours: int, **more: object) -> list[Event]:
    """So many hours in the week that lies so many after this one, in pieces of one hour with breaks."""
    places = [f"{name}{week:+d} {clock}" for clock in CLOCKS for name in ("Mon", "Tue", "Wed", "Thu", "Fri")]
    return [meeting(place, f"M{n}", **more) for n, place in enumerate(places[:hours])]


def seen(at: Snapshot, weeks: int = 6) -> Snapshot:
    """With as many weeks behind it."""
    return replace(at, window=TimeRange(moment(f"Mon-{weeks} 00:00"), at.window.end))


def weeks(*hours: int, **more: object) -> list[Event]:
    """Those before this one, the last one first."""
    return [e for n, count in enumerate(hours, 1) for e in loaded(-n, count, **more)]


def looked_back(*events: Event, now: str = "Wed 07:00", options: OverloadOptions = HOURS, **more: object) -> list[str]:
    """Key, and first moment of its window."""
    return [
        f"{want.key} {want.when.windows[0].start.astimezone(ZONE):%a %H:%M}"
        for want in propose(snapshot(*events, now=now, **more), options)  # type: ignore[arg-type]  # as snapshot
        if isinstance(want.when, Flexible)
    ]


W48, W47 = "after/2026-W48 Wed 12:00", "after/2026-W47 Wed 12:00"
STANDS = [own("Wed 15:00-15:15", POLICY, "after/2026-W48", title="After the busy weeks")]
HAD = [own("Wed-1 15:00-15:15", POLICY, "after/2026-W47", title="After the busy weeks")]
WHEN = {
    # the weeks before (the last one first), this one, now, ours; what comes
    "on the Wednesday of the first calm week": ((20, 20, 10), 10, "Wed 07:00", [], [W48]),
    "not before its morning": ((20, 20, 10), 10, "Wed 06:59", [], []),
    "nor on the days before": ((20, 20, 10), 10, "Tue 12:00", [], []),
    "on its day as long as it fits": ((20, 20, 10), 10, "Wed 17:15", [], [W48]),
    "not later": ((20, 20, 10), 10, "Wed 17:16", [], []),
    "nor on the days after": ((20, 20, 10), 10, "Thu 07:00", [], []),
    "a week is calm under 80 % in hours": ((20, 20, 10), 15, "Wed 07:00", [], [W48]),
    "not at it": ((20, 20, 10), 16, "Wed 07:00", [], []),
    "then it waits for the next": ((16, 20, 20), 15, "Wed 07:00", [], [W47]),
    "for three weeks": ((16, 16, 20), 15, "Wed 07:00", [], ["after/2026-W46 Wed 12:00"]),
    "while the spell lasts there is none": ((18, 20, 20), 18, "Wed 07:00", [], []),
    "this week is busy, too": ((20, 20, 20), 20, "Wed 07:00", [], []),
    "no spell": ((19, 19, 19), 10, "Wed 07:00", [], []),
    "what stands stays": ((20, 20, 10), 17, "Wed 12:00", STANDS, [W48]),
    "each spell has one": ((10, 20, 20), 10, "Wed 07:00", HAD, []),
}


@pytest.mark.parametrize(("before", "this", "now", "ours", "expected"), WHEN.values(), ids=WHEN)
def test_when_it_comes(
    before: tuple[int, ...], this: int, now: str, ours: list[OwnEvent], expected: list[str]
) -> None:  # fmt: skip
    assert looked_back(*weeks(*before), *loaded(0, this), now=now, ours=ours) == expected


def test_more_than_three_weeks_after_a_spell_there_is_none() -> None:
    at = seen(snapshot(*weeks(16, 16, 16, 20), now="Wed 07:00"))
    assert [want.key for want in propose(at, HOURS)] == []
    at = seen(snapshot(*weeks(16, 16, 20), now="Wed 07:00"))
    assert [want.key for want in propose(at, HOURS)] == ["after/2026-W46"]


def test_who_is_away_on_wednesday_has_it_on_the_next_day() -> None:
    away = [TimeRange(moment("Wed 00:00"), moment("Thu 14:00"))]
    busy = [*weeks(20, 20), *loaded(0, 5)]
    assert looked_back(*busy, now="Wed 08:00", away=away) == []
    assert looked_back(*busy, now="Thu 08:00", away=away) == ["after/2026-W48 Thu 14:00"]


def test_the_same_standing_series_are_no_spell_to_look_back_at() -> None:
    def evenings(week: int, *, series: bool) -> Iterable[Event]:
        return (meeting(f"{d}{week:+d} 18:00-19:00", "Call", uid=d, series=series) for d in ("Tue", "Thu"))

    calls, single = ([e for n in (-3, -2, -1) for e in evenings(n, series=series)] for series in (True, False))
    usual = weeks(10, 10, 10)
    assert looked_back(*usual, *calls) == []
    assert looked_back(*usual, *single) == [W48]


def test_it_is_an_option() -> None:
    busy = weeks(20, 20)
    assert looked_back(*busy, options=OverloadOptions(look_back=0)) == []  # type: ignore[arg-type]  # as the config says it
    (want,) = propose(snapshot(*busy, now="Wed 07:00"), OverloadOptions(look_back_title="Why?", look_back=20))  # type: ignore[arg-type]  # as above
    assert isinstance(want.when, Flexible)
    assert (want.content.title, want.when.minutes, want.level) == ("Why?", 20, Level.REVIEW)


# -- its record ----------------------------------------------------------------------------------------------------


def record(*events: Event, weeks: int = 6) -> list[str]:
    (want,) = propose(seen(snapshot(*events, now="Wed 07:00"), weeks), HOURS)
    return want.content.reason.splitlines()


def test_its_record_by_notice_series_and_organizer() -> None:
    usual = [e for n in range(-6, 0) for e in loaded(n, 13, series=True, uid="usual", created=moment("Mon-6 00:00"))]
    planning = [f"{d}-2 {c}" for d in ("Mon", "Tue", "Wed") for c in ("17:00-18:00", "19:00-20:00")]
    new = [
        *(meeting(when, "Quarter planning", uid="qp", series=True) for when in planning),
        meeting("Thu-2 17:00-19:00", "Escalation", created=moment("Wed-2 12:00")),
        meeting("Fri-1 17:00-20:00", "Rescue", created=moment("Thu-1 09:00"), mine=True),
        meeting("Thu-1 17:00-20:00", "Plan", created=moment("Mon-2 09:00"), mine=True),
        meeting("Wed-1 17:00-18:00", "Early", created=moment("Wed-1 17:00") - timedelta(hours=48)),
    ]  # fmt: skip
    assert record(*usual, *new) == [
        "Weeks 47–48: 21 h and 20 h; your median is 13 h.",
        (
            "Of 15 h that the 4 weeks before did not have, 5 h were booked less than 48 h ahead, "
            "6 h came from one series, ‘Quarter planning’, and 6 h you called yourself."
        ),
    ]


def test_without_weeks_before_it_tells_what_they_came_to() -> None:
    assert record(*weeks(20, 22, 20), weeks=3) == ["Weeks 46–48: 20 h, 22 h and 20 h."]


def test_of_one_week() -> None:
    assert record(*weeks(20, 10))[0] == "Week 48: 20 h; your median is 0 min."


def test_it_asks_for_the_cause_and_for_the_rule() -> None:
    (want,) = propose(snapshot(*weeks(20, 20), now="Wed 07:00"), HOURS)
    cause, rule = want.content.question_ids
    assert (cause in CAUSES, rule in RULES) == (True, True)
    texts = {p.id: p.text for p in library()}
    assert want.content.questions == (texts[cause], texts[rule])
    for count in (0, 1):
        (want,) = propose(snapshot(*weeks(20, 20), now="Wed 07:00"), OverloadOptions(questions=count))
        assert len(want.content.questions) == count


# -- the rule ------------------------------------------------------------------------------------------------------


def answered(rule: str, cause: str = "", when: str = "Wed-1 15:00-15:15") -> OwnEvent:
    """A look back in which the user has typed."""
    asked = composed("Weeks 46–46: 20 h.", ["What made it so?", RULE])
    lines = asked.split("\n")
    for question, answer in (("What made it so?", cause), (RULE, rule)):
        at = next(n for n, line in enumerate(lines) if question in line)
        lines[at + 1 : at + 1] = [answer] * bool(answer)
    plain = own(when, POLICY, "after/2026-W46", title="After the busy weeks", text=asked)

    event = replace(plain.event, description="\n".join(lines))
    mark = replace(plain.mark, questions=("busy-made", "busy-prevent"))
    return replace(plain, event=event, mark=mark, edited=frozenset({Field.TEXT}))


def told(*events: Event, ours: Iterable[OwnEvent]) -> list[str]:
    at = snapshot(*events, ours=ours)
    return [w.key for w in propose(at, HOURS) if "you wrote:" in w.content.reason]


def test_the_rule_is_quoted_once_on_the_next_flag() -> None:
    ours = [answered("No meeting on Fridays.", "Planning")]
    at = snapshot(*weeks(10, 10, 20), *loaded(0, 20), *loaded(1, 25), ours=ours)
    reasons = {want.key: want.content.reason for want in propose(at, HOURS)}
    assert "\n\nOn Wed 25 Nov you wrote: “No meeting on Fridays.”" in reasons["week/2026-W49"]
    assert "Planning" not in reasons["week/2026-W49"]
    assert "you wrote" not in reasons["week/2026-W50"]
    assert reasons["week/2026-W49"].startswith("Week 49 has 20 h in meetings (limit 20 h).")


def test_later_it_is_history() -> None:
    early = [answered("No meeting on Fridays.", when="Wed-2 15:00-15:15")]
    assert told(*weeks(10, 10, 10), *loaded(0, 20), ours=early) == ["week/2026-W49"]
    assert told(*weeks(20, 10, 10), *loaded(0, 25), ours=early) == []
    calm_between = [*loaded(-1, 10), *loaded(-2, 10), *loaded(0, 10), *loaded(1, 20)]
    assert told(*calm_between, ours=early) == ["week/2026-W50"]


def test_it_does_not_cross_calendars() -> None:
    at = snapshot(*weeks(10, 10, 20), *loaded(0, 20), ours=[answered("No meeting on Fridays.")])
    for main, quoted in (("", True), ("work/Work", True), ("work/Team", False)):
        (want,) = propose(replace(at, main=main), HOURS)
        assert ("you wrote" in want.content.reason) == quoted


def test_without_a_rule_nothing_is_quoted() -> None:
    assert told(*weeks(10), *loaded(0, 20), ours=[answered("", "Planning")]) == []
    assert told(*weeks(10), *loaded(0, 20), ours=[answered("#done")]) == []


# -- the weekly review ---------------------------------------------------------------------------------------------

LINES = {
    # the weeks before (the last one first), this one; what is said
    "over four weeks": ((22, 21, 24, 20), 27, "Busy for over four weeks: 27 h, your limit is 20 h."),
    "two weeks": ((22, 10, 24, 20), 27, "Busy for 2 weeks: 27 h, your limit is 20 h."),
    "the first": ((10, 10, 10, 10), 21, "A busy week: 21 h, your limit is 20 h."),
    "near the limit, in a spell": ((22, 10, 10, 10), 18, "Busy for 2 weeks: 18 h, your limit is 20 h."),
    "near it, in none": ((10, 10, 10, 10), 18, None),
    "calm again": ((22, 22, 22, 22), 10, None),
}


@pytest.mark.parametrize(("before", "this", "line"), LINES.values(), ids=LINES)
def test_what_a_weekly_review_says_of_it(before: tuple[int, ...], this: int, line: str | None) -> None:
    at = seen(snapshot(*weeks(*before), *loaded(0, this), now="Fri 07:00"), 4)
    assert spell_lines(at, HOURS) == ((line,) if line else ())


def test_it_offers_three_steps_for_the_next_week() -> None:
    ahead = loaded(1, 24, series=True)
    at = seen(snapshot(*weeks(20, 20, 20, 20), *loaded(0, 20), *ahead, now="Fri 07:00"), 4)
    first, *steps = spell_lines(at, HOURS)
    assert first.startswith("Busy for over four weeks")
    assert len(steps) == 3
    assert all(step.startswith("– Skip once: ") and " Dec " in step for step in steps)
