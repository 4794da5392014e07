"""`explain`: what keeps a block away, and that the change which it names brings one there.

Changes are made as a user makes them: in the config file and in the calendar.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from msgspec import Struct, field
from msgspec.structs import replace

from daemon import cycle
from daemon import undo as undoing
from daemon.cli import main
from daemon.cli.show import show_explanation
from daemon.explain.explanation import Explanation, explain
from daemon.explain.remedies import TOP, Obstacle, Remedy, RemedyPart, RemedyParts
from daemon.explain.search import smallest
from daemon.model.errors import ConfigError
from daemon.model.options import DAY_NAMES, Minutes, PolicyOptions
from daemon.model.owner import Field
from daemon.model.plan import Create, Delete, Update
from daemon.model.proposal import BlockLimits, Blocks, Content, Level, Option, Role, Want
from daemon.model.protocols import Explain, PolicyKind
from daemon.model.snapshot import Snapshot
from daemon.model.text import asked as asked_in
from daemon.model.times import TimeRange, Week, minus
from living import GUESTS, ONLY_FOCUS, Life, said
from making import ZONE, moment
from policies import POLICIES

NINE_TO_FIVE = {day: ["09:00-17:30"] for day in DAY_NAMES[:5]}


class Settings(Struct, frozen=True, kw_only=True, dict=True):
    """A config: `focus` is the section of that policy, `top` stands above all sections, `others` are the others."""

    focus: Mapping[str, object] = field(default_factory=dict)
    top: Mapping[str, object] = field(default_factory=dict)
    away: tuple[date, ...] = ()
    others: str = ONLY_FOCUS

    def write(self, life: Life) -> None:
        top = [f"{key} = {toml(value)}" for key, value in self.top.items()]
        top += [f"[[away]]\nfrom = {day}\nto = {day}" for day in self.away]
        shown = {"show_as": "busy"}  # a light week has one block a day, which has a test of its own
        focus = [f"{key} = {toml(value)}" for key, value in (shown | dict(self.focus)).items()]
        life.configure("\n".join([self.others, "[policies.focus]", *focus]), "\n".join(top))

    def after(self, remedy: Remedy) -> Settings:
        """As the remedy says."""
        settings = dict(remedy.settings)
        top = {key: settings.pop(key) for key in TOP if key in settings}
        if remedy.work:
            top["working_hours"] = wider(remedy.work)
        away = tuple(day for day in self.away if day != remedy.present)
        return replace(self, focus={**self.focus, **settings}, top={**self.top, **top}, away=away)


def toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if type(value) in (int, float) else f'"{value}"'


def wider(work: TimeRange) -> dict[str, list[str]]:
    """Nine to half past five, and that time on its day of the week."""
    start, end = work.start.astimezone(ZONE), work.end.astimezone(ZONE)
    day = DAY_NAMES[start.weekday()]
    more = f"{start:%H:%M}-{end:%H:%M}".replace("-00:00", "-24:00")
    return NINE_TO_FIVE | {day: sorted([*NINE_TO_FIVE.get(day, []), more])}


def make(life: Life, settings: Settings, remedy: Remedy) -> None:
    """The change, as the user makes it."""
    settings.after(remedy).write(life)
    for ref in remedy.drop:
        path = life.folder / f"{ref.uid}.ics"
        if ref.recurrence_id:
            path.write_text(path.read_text().replace("END:VEVENT", f"EXDATE:{ref.recurrence_id}\nEND:VEVENT"))
        else:
            path.unlink()


def why(life: Life, when: str | datetime) -> Explanation:
    with life.runtime() as runtime:
        return explain(runtime, cycle.plan(runtime, life.now), moment(when) if isinstance(when, str) else when)


def blocks(life: Life) -> list[TimeRange]:
    """The focus blocks that stand after the next run."""
    with life.runtime() as runtime:
        planned = cycle.plan(runtime, life.now)
    standing = {o.mark.uid: o.event.span for o in planned.observation.snapshot.own("focus")}
    for change in planned.plan.changes:
        if change.wish.policy == "focus" and isinstance(change, Delete):
            del standing[change.uid]
        elif change.wish.policy == "focus" and isinstance(change.when, TimeRange):
            standing[change.uid] = change.when if moves(change) else standing[change.uid]
    return list(standing.values())


def moves(change: Create | Update) -> bool:
    return isinstance(change, Create) or Field.WHEN in change.fields


# -- each thing that can be in the way --------------------------------------------------------------------------------

OUT = "X-MICROSOFT-CDO-BUSYSTATUS:OOF\n"
BETTER = "what is owed is placed at better times of week 2026-W49"
MORE = "other times of the week are worth more"


class Case(Struct, frozen=True, kw_only=True, dict=True):
    """A moment, a calendar and a config; and what is in the way, with the change for each."""

    at: str
    found: list[tuple[str, str]]
    settings: Settings = Settings()
    meetings: Mapping[str, str] = field(default_factory=dict)
    more: str = GUESTS
    applied: bool = False


CASES = {
    "the goal is met elsewhere": Case(
        at="Fri 10:00", applied=True, found=[(BETTER, "raise `weekly_goal` to 10h")],
    ),
    "other times are preferred": Case(
        at="Mon 14:00", settings=Settings(focus={"weekly_goal": "2h"}),
        found=[(MORE, "set `prefer` to 14:00-16:00")],
    ),
    "both": Case(
        at="Fri 14:00", settings=Settings(focus={"weekly_goal": "4h", "per_day": "2h"}),
        found=[(BETTER, "raise `weekly_goal` to 10h"), (MORE, "set `prefer` to 14:00-16:00")],
    ),
    "the gap is too short": Case(
        at="Tue 14:15", settings=Settings(focus={"weekly_goal": "40h", "per_day": "8h"}, top={"fill": 1.0}),
        meetings={"Tue 09:00-14:00": "Staff", "Tue 14:45-17:30": "Board"},
        found=[
            ("a block takes 2 h, and no more than 45 min would be free here", "lower `block.min` to 45m"),
        ],
    ),
    "a meeting leaves no room": Case(
        at="Tue 14:05", settings=Settings(focus={"weekly_goal": "20h"}),
        meetings={"Tue 09:00-14:00": "Staff", "Tue 14:10-15:00": "Vendor call"},
        found=[("‘Vendor call’ is on Tue 1 Dec 14:10–15:00", "drop or move it")],
    ),
    "a meeting is too near": Case(
        at="Tue 14:10", settings=Settings(focus={"weekly_goal": "20h", "buffer": "15m"}),
        meetings={"Tue 09:00-14:00": "Staff", "Tue 16:00-17:30": "Board"},
        found=[("‘Staff’ is nearer than 15 min (`buffer`)", "lower `buffer` to 0m")],
    ),
    "it is noon": Case(
        at="Tue 12:30", settings=Settings(focus={"weekly_goal": "20h"}),
        meetings={"Tue 09:00-11:00": "Staff", "Tue 15:00-17:30": "Board"},
        found=[("Tue 1 Dec 12:00–13:00 is kept free for lunch", "set `lunch = false`")],
    ),
    "it is the last time for lunch": Case(
        at="Tue 14:00", settings=Settings(focus={"weekly_goal": "20h"}),
        meetings={"Tue 09:00-13:00": "Staff", "Tue 15:00-17:30": "Board"},
        found=[("a block here would take the last 30 min for lunch", "set `lunch = false`")],
    ),
    "it is no working day": Case(
        at="Sat 10:00",
        found=[
            ("Sat 5 Dec 09:00–11:00 is outside your working hours", "widen `working_hours` to it"),
            (BETTER, "raise `weekly_goal` to 12h"),
        ],
    ),
    "it is after hours": Case(
        at="Tue 18:00",
        found=[
            ("Tue 1 Dec 18:00–20:00 is outside your working hours", "widen `working_hours` to it"),
            (MORE, "set `prefer` to 09:00-12:00,18:00-20:00"),
        ],
    ),
    "the calendar says away": Case(
        at="Thu 10:00", meetings={"Thu 00:00-23:59": "Holiday"}, more=OUT,
        found=[("you are away, ‘Holiday’ is on Thu 3 Dec 00:00–23:59", "drop or move it")],
    ),
    "the config says away": Case(
        at="Thu 10:00", settings=Settings(away=tuple(date(2026, 11, 30) + timedelta(days=n) for n in range(7))),
        found=[
            ("you are away on Thu 3 Dec", "take that day out of `[[away]]`"),
            ("nothing more is owed in week 2026-W49", "raise `weekly_goal` to 10h"),
        ],
    ),
    "the day has its share": Case(
        at="Tue 14:00", applied=True, settings=Settings(focus={"weekly_goal": "10h", "per_day": "2h"}),
        found=[
            (BETTER, "raise `weekly_goal` to 14h"),
            ("focus time on one day is limited to 2 h", "raise `per_day` to 4h"),
        ],
    ),
    "the week keeps its white space": Case(
        at="Tue 09:00", applied=True, settings=Settings(top={"fill": 0.04}),
        found=[("unbusy takes no more than 4 % of a week's free time", "raise `fill` to 0.1")],
    ),
    "the day has enough events": Case(
        at="Mon 14:00", settings=Settings(focus={"weekly_goal": "20h"}, top={"max_per_day": 1}),
        found=[
            ("events of unbusy on one day are limited to 1", "raise `max_per_day` to 2"),
        ],
    ),
    "the week has enough events": Case(
        at="Tue 09:00", settings=Settings(focus={"weekly_goal": "20h"}, top={"max_per_week": 2}),
        found=[("events of unbusy in one week are limited to 2", "raise `max_per_week` to 3")],
    ),
    "the policy is off": Case(
        at="Tue 09:00", settings=Settings(focus={"enabled": False}),
        found=[("the policy focus is switched off", "set `enabled = true` in [policies.focus]")],
    ),
    "the policy is off, and more": Case(
        at="Tue 14:00", settings=Settings(focus={"enabled": False}),
        found=[
            ("the policy focus is switched off", "set `enabled = true` in [policies.focus]"),
            (MORE, "set `prefer` to 09:00-12:00,14:00-16:00"),
        ],
    ),
    "time is not scarce": Case(
        at="Tue 09:00", settings=Settings(focus={"mode": "scarce"}),
        found=[("focus acts only in a week that fills up, and week 2026-W49 has not", "set `mode` to goal")],
    ),
    "nothing is owed any more": Case(
        at="Fri 09:00", meetings={"Thu 09:00-17:00": "Focus: my own"}, more="",
        found=[("nothing more is owed in week 2026-W49", "raise `weekly_goal` to 16h")],
    ),
}  # fmt: skip


def life_of(case: Case, base: Path) -> Life:
    life = Life(base)
    case.settings.write(life)
    for when, title in case.meetings.items():
        life.meet(when, title, more=case.more)
    if case.applied:
        life.apply()
    return life


def test_right_beside_one_of_ours_comes_no_other(tmp_path: Path) -> None:
    """To delete it would not help: hours in which a block was deleted get no other."""
    life = Life(tmp_path, policies=f"{ONLY_FOCUS}[policies.focus]\nshow_as = 'busy'\n")
    life.apply()
    found = why(life, "Tue 11:00").absences["focus"]
    assert found.obstacles[0].because == "‘Focus’ is on Tue 1 Dec 09:00–11:00"
    assert found.remedy
    make(life, Settings(), found.remedy)
    assert any(moment("Tue 11:00") in r for r in blocks(life))


def test_a_block_that_was_moved_once_is_not_planned_away(tmp_path: Path) -> None:
    """It stays where it is, so what would come beside it needs room of its own."""
    life = Life(tmp_path, policies=f"{ONLY_FOCUS}[policies.focus]\nshow_as = 'busy'\n")
    for day in ("Mon", "Tue", "Thu", "Fri"):
        life.meet(f"{day} 11:00-17:30")
    life.meet("Fri 09:00-11:00")
    life.apply()
    life.meet("Wed 09:00-13:30")
    assert "update 2026-W49/3 Wed 14:00-16:00" in [said(c) for c in life.apply().changes]
    found = why(life, "Wed 16:30").absences["focus"]
    assert found.obstacles[0].because == "a block takes 2 h, and no more than 30 min would be free here"
    assert found.remedy
    make(life, Settings(), found.remedy)
    life.apply(force=True)
    assert any(moment("Wed 16:30") in o.event.span for o in life.ours().values())


def test_hours_in_which_a_block_was_deleted_get_no_other(tmp_path: Path) -> None:
    life = Life(tmp_path)
    life.apply()
    life.delete("2026-W49/2")
    life.apply()
    found = why(life, "Tue 10:00").absences["focus"]
    assert [o.because for o in found.obstacles] == ["you deleted one here, so no other comes here"]
    assert why(life, "Tue 14:00").absences["focus"].remedy, "another one may come on that day"


def test_a_light_week_has_one_block_a_day(tmp_path: Path) -> None:
    life = Life(tmp_path, top="horizon = '1d'", policies=f"{ONLY_FOCUS}[policies.focus]\nweekly_goal = '12h'\n")
    life.apply()
    found = why(life, "Tue 14:00").absences["focus"]
    assert "week 2026-W49 has room enough, and in such a week a day gets one block" in [
        o.because for o in found.obstacles
    ]


def test_what_was_taken_back_is_said_with_its_day(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    life = Life(tmp_path)
    life.apply()
    with life.runtime() as runtime:
        undoing.undo(runtime, undoing.plan_undo(runtime, None, life.now), life.now)
    for moment_of_week in ("Tue 09:30", "Fri 14:00"):
        found = why(life, moment_of_week)
        show_explanation(found, ZONE)
        assert "1. what stood in this week was taken back on 30 Nov: `unbusy apply --again`" in capsys.readouterr().out


def test_a_time_that_was_put_back_is_not_said_to_be_the_users(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    life = Life(tmp_path)
    life.apply()
    life.meet("Thu 08:00-12:00", uid="board")
    life.apply()
    with life.runtime() as runtime:
        undoing.undo(runtime, undoing.plan_undo(runtime, None, life.now), life.now)
    show_explanation(why(life, "Thu 09:30"), ZONE)
    said = capsys.readouterr().out
    assert "As it was before, taken back on 30 Nov: text, when." in said
    assert "Yours since" not in said


def test_where_questions_were_left_out_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before the event is there, while it stands, and where it is not made because it could ask nothing."""

    def life_with(most: int) -> Life:
        top = f"attention = {{ questions_per_day = {most} }}"
        return Life(tmp_path / str(most), now="Tue 07:00", policies="[policies.overload]\nenabled = false\n", top=top)

    def said(life: Life, at: TimeRange) -> str:
        show_explanation(why(life, at.start), ZONE)
        return " ".join(capsys.readouterr().out.split())

    plenty, one, none = map(life_with, (4, 1, 0))
    plenty.apply()
    slot = plenty.ours()["day/2026-12-01"].event
    asked = asked_in(slot.description)
    assert asked > 1
    assert "questions" not in said(plenty, slot.span)
    fewer = f"‘{slot.summary}’ on Tue 1 Dec asks 1 of {asked} questions: no more than 1 questions a day"
    assert fewer in said(one, slot.span)
    one.apply()
    assert "nothing more is asked on Tue 1 Dec: no more than 1 questions a day" in said(one, slot.span), "it stands"
    assert f"‘{slot.summary}’ on Tue 1 Dec asks no question: no more than 0" in said(none, slot.span)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_what_is_in_the_way_is_named_and_the_change_brings_a_block(case: Case, tmp_path: Path) -> None:
    life = life_of(case, tmp_path)
    found = why(life, case.at).absences["focus"]
    assert [(o.because, o.change) for o in found.obstacles] == case.found
    assert found.remedy
    assert not any(moment(case.at) in block for block in blocks(life))
    make(life, case.settings, found.remedy)
    life.apply(force=True)
    assert any(moment(case.at) in o.event.span for o in life.ours().values())


def test_of_a_series_one_meeting_is_enough(tmp_path: Path) -> None:
    case = CASES["a meeting leaves no room"]
    life = life_of(case, tmp_path)
    life.cancel("Vendor-call-Tue-1410-1500")
    life.meet("Tue-1 14:10-15:00", "Vendor call", uid="series", more=f"RRULE:FREQ=WEEKLY\n{GUESTS}")
    found = why(life, case.at).absences["focus"]
    assert found.remedy
    assert [ref.recurrence_id for ref in found.remedy.drop] == ["20261201T131000Z"]
    make(life, case.settings, found.remedy)
    assert any(moment(case.at) in block for block in blocks(life))
    assert "series.ics" in life.names()


@pytest.mark.parametrize("at", ["Mon-1 10:00", "Mon 06:30", "Mon 07:59"])
def test_what_has_begun_or_is_about_to_cannot_be_planned(at: str, tmp_path: Path) -> None:
    found = why(Life(tmp_path, now="Mon 07:00"), at).absences["focus"]
    assert [o.because for o in found.obstacles] == ["new events begin at least an hour ahead"]
    assert found.remedy is None


def test_a_block_that_the_next_run_makes_needs_no_change(tmp_path: Path) -> None:
    found = why(Life(tmp_path), "Tue 09:00").absences["focus"]
    assert (found.obstacles, found.remedy) == ((), Remedy())


def test_a_calendar_that_cannot_be_read_is_in_the_way_of_all(tmp_path: Path) -> None:
    life = Life(tmp_path)
    life.apply()
    life.root.rename(life.base / "unmounted")
    found = why(life, "Fri 10:00").absences["focus"]
    assert [o.because for o in found.obstacles] == ["the calendar work/Work cannot be read"]
    assert found.remedy is None


def test_a_policy_that_fails_says_why(tmp_path: Path) -> None:
    life = Life(tmp_path)
    Settings(focus={"calendar": "Nowhere"}).write(life)
    found = why(life, "Fri 10:00").absences["focus"]
    assert "there is no calendar 'Nowhere'" in found.obstacles[0].because
    assert found.remedy is None


# -- the smallest change ----------------------------------------------------------------------------------------------


def test_where_two_settings_are_needed_no_one_of_them_is_enough(tmp_path: Path) -> None:
    case = CASES["the day has its share"]
    life = life_of(case, tmp_path)
    alone: list[tuple[str, object]] = [
        *(("weekly_goal", Minutes(goal)) for goal in range(660, 1441, 60)),
        *(("per_day", Minutes(cap)) for cap in range(150, 511, 30)),
        *(("prefer", times) for times in ("14:00-15:00", "14:00-16:00", "09:00-12:00,14:00-16:00")),
        *(("fill", share) for share in (0.9, 1.0)),
    ]
    for setting in alone:
        case.settings.after(Remedy(settings=(setting,))).write(life)
        assert not any(moment(case.at) in block for block in blocks(life)), setting


def lever(name: str, steps: int) -> RemedyParts:
    """Ten minutes a step."""
    return tuple(RemedyPart(Remedy(settings=((name, n),)), 10 * n, Obstacle(name, str(n))) for n in range(1, steps + 1))


@pytest.mark.parametrize(
    ("least", "found"),
    [
        pytest.param([{}], {}, id="nothing is needed"),
        pytest.param([{"a": 9}, {"b": 4, "c": 1}], {"a": 9}, id="one thing is less than two smaller ones"),
        pytest.param([{"a": 9}, {"b": 8}, {"c": 10}], {"b": 8}, id="of single ones the smallest"),
        pytest.param([{"a": 9, "b": 1}, {"a": 4, "c": 5}], {"a": 4, "c": 5}, id="of pairs the smallest in all"),
        pytest.param([{"a": 15, "b": 15, "c": 15}], {"a": 15, "b": 15, "c": 15}, id="so many that not all are tried"),
        pytest.param([{"a": 15, "b": 15, "d": 1}], {"a": 15, "b": 15, "d": 1}, id="and one of them left out"),
        pytest.param([], None, id="nothing helps"),
    ],
)
def test_the_smallest_change_has_the_fewest_things_and_then_the_least(
    least: list[dict[str, int]], found: dict[str, int] | None
) -> None:
    """`least`: sets of settings that work from these values on."""

    def works(steps: RemedyParts) -> bool:
        have = {key: int(str(value)) for step in steps for key, value in step.part.settings}
        return any(all(have.get(key, 0) >= value for key, value in needed.items()) for needed in least)

    steps = smallest([()], [lever("a", 20), lever("b", 20), lever("c", 20), lever("d", 1)], works)
    assert (None if steps is None else dict(setting for step in steps for setting in step.part.settings)) == found


def busy_fortnight(life: Life) -> None:
    """Meetings of all lengths at odd times, one of them each week, and a day away."""
    dice = random.Random(3)  # noqa: S311  nothing secret
    for week in ("", "+1"):
        for day in ("Mon", "Tue", "Wed", "Thu", "Fri"):
            for start in range(9 * 60, 17 * 60, 30):
                if dice.random() < 0.28:
                    end = start + dice.choice([25, 30, 45, 60, 90])
                    life.meet(f"{day}{week} {clock(start)}-{clock(end)}", f"M{start}")
    life.meet("Wed-1 13:00-13:50", "Weekly", uid="weekly", more=f"RRULE:FREQ=WEEKLY;COUNT=9\n{GUESTS}")
    life.meet("Thu+1 08:00-19:00", "Fair", more=OUT)


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def less(remedy: Remedy) -> Iterator[Remedy]:
    """The change with one thing left out, or with a step less of one setting."""
    yield from (replace(remedy, drop=remedy.drop - {ref}) for ref in remedy.drop)
    yield from (replace(remedy, **{part: None}) for part in ("work", "present") if getattr(remedy, part))
    for n, (key, value) in enumerate(remedy.settings):
        others = (*remedy.settings[:n], *remedy.settings[n + 1 :])
        yield replace(remedy, settings=others)
        if key in ("weekly_goal", "per_day"):
            yield replace(remedy, settings=(*others, (key, Minutes(Minutes.parse(str(value)) - 15))))


@pytest.mark.parametrize(
    ("applied", "settings"),
    [
        pytest.param(False, Settings(focus={"weekly_goal": "8h", "per_day": "4h"}), id="first run, focus alone"),
        pytest.param(True, Settings(focus={"weekly_goal": "8h", "per_day": "4h"}, others=""), id="all stands"),
    ],
)
def test_at_any_free_moment_the_change_brings_a_block_and_nothing_less_does(
    applied: bool, settings: Settings, tmp_path: Path
) -> None:
    life = Life(tmp_path)
    busy_fortnight(life)
    settings.write(life)
    if applied:
        life.apply()
    files = {path: path.read_bytes() for path in life.folder.iterdir()}
    quarters = [moment("Mon 08:30") + timedelta(days=d, minutes=15 * n) for d in range(14) for n in range(38)]
    remedies = [(at, remedy) for at in sample(quarters) if (remedy := remedy_at(life, at))]
    assert len(remedies) >= 5
    for at, remedy in remedies:
        for tried in (remedy, *less(remedy)):
            make(life, settings, tried)
            assert any(at in block for block in blocks(life)) is (tried == remedy), (at, remedy, tried)
            for path in files.keys() - set(life.folder.iterdir()) | {life.folder / "weekly.ics"}:
                path.write_bytes(files[path])
        settings.write(life)


def sample(moments: list[datetime]) -> list[datetime]:
    return random.Random(7).sample(moments, 15)  # noqa: S311  nothing secret


def remedy_at(life: Life, at: datetime) -> Remedy | None:
    absence = why(life, at).absences.get("focus")
    return absence.remedy if absence else None


# -- what is there ----------------------------------------------------------------------------------------------------


def test_what_stands_is_explained_by_the_sentence_in_the_event(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    life = Life(tmp_path, policies="")
    for day in ("Mon", "Tue", "Wed"):
        life.meet(f"{day} 11:00-16:00", "Vendor escalation")
    made = [c for c in life.apply().changes if isinstance(c, Create)]
    assert {c.draft.mark.policy for c in made} == {"focus", "overload", "reflection"}
    with life.runtime() as runtime:
        texts = {o.mark.uid: o.event.description for o in cycle.plan(runtime, life.now).observation.snapshot.ours}
    for change in made:
        assert texts[change.draft.uid].startswith(change.reason)
        when = change.draft.when
        at = when.start if isinstance(when, TimeRange) else when.span(ZONE).start + timedelta(hours=12)
        command = ["--config", str(life.base / "config.toml"), "--now", "2026-11-30T07:00", "explain"]
        assert main([*command, at.isoformat()]) == 0
        printed = " ".join(capsys.readouterr().out.split())
        assert " ".join(change.reason.partition("\n\n")[0].split()) in printed
        assert f"{change.draft.mark.policy} {change.draft.mark.key}" in printed


def test_what_is_the_users_is_said_to_be(tmp_path: Path) -> None:
    life = Life(tmp_path)
    life.apply()
    life.move("2026-W49/4", "Fri 14:00-15:00")
    found = why(life, "Fri 14:30")
    assert [(o.mark.key, o.edited) for o in found.ours] == [("2026-W49/4", {Field.WHEN})]
    assert not found.absences


@pytest.mark.parametrize(
    ("more", "taken"),
    [
        pytest.param(GUESTS, True, id="a meeting"),
        pytest.param("TRANSP:TRANSPARENT\n", False, id="shown as free"),
        pytest.param(f"STATUS:CANCELLED\n{GUESTS}", False, id="cancelled"),
    ],
)
def test_only_what_takes_time_is_the_whole_answer(more: str, taken: bool, tmp_path: Path) -> None:
    life = Life(tmp_path)
    life.meet("Fri 14:00-15:00", "Review", more=more)
    found = why(life, "Fri 14:30")
    assert [e.summary for e in found.foreign] == ["Review"]
    assert (not found.absences) is taken


def test_the_obstacles_are_printed_each_with_its_change(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    life = Life(tmp_path)
    life.meet("Thu 00:00-23:59", "Holiday\x1b[31m", more=OUT)
    command = ["--config", str(life.base / "config.toml"), "--now", "2026-11-30T07:00", "explain"]
    assert main([*command, "2026-12-03T10:00"]) == 0
    out = capsys.readouterr().out
    assert "No focus block is here, because" in out
    assert "1. you are away, ‘Holiday [31m’ is on Thu 3 Dec 00:00–23:59: drop or move it" in out
    assert "That would bring one here." in out


def test_a_moment_that_is_not_planned_is_refused_with_the_days_that_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        why(Life(tmp_path), "Mon+9 10:00")
    assert refused.value.remedy == "name a moment from 2026-11-02 to 2027-01-04"


# -- policies of others -----------------------------------------------------------------------------------------------


class ReadingOptions(PolicyOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    goal: Minutes = Minutes(60)
    least: Minutes = Minutes(60)
    most: Minutes = Minutes(120)
    apart: Minutes = Minutes(0)


def reading(policy: str, snapshot: Snapshot, options: ReadingOptions) -> Iterator[Want]:
    """So much a week, in blocks."""
    gone = TimeRange(snapshot.window.start, snapshot.now)
    for week in snapshot.weeks:
        windows = minus((r for day in week.days for r in snapshot.present(day)), [gone])
        when = Blocks(
            week=week, total=options.goal, shortest=options.least, ideal=options.least, longest=options.most,
            per_day=options.most, windows=windows, buffer=options.apart,
        )  # fmt: skip
        content = Content(title="Reading", reason="Papers.")
        yield Want(policy=policy, key=week.key, content=content, when=when, level=Level.HABIT)


def reading_limits(_snapshot: Snapshot, options: ReadingOptions, _week: Week) -> BlockLimits:
    return BlockLimits(
        role=Role.HABIT, level=Level.HABIT, owed=options.goal, goal=Option("goal", options.goal),
        goals=lambda: (120, 180),
        shortest=Option("least", options.least), ideal=options.least, per_day=Option("most", options.most),
        buffer=Option("apart", options.apart),
    )  # fmt: skip


def no_limits(_snapshot: Snapshot, _options: ReadingOptions, _week: Week) -> BlockLimits:
    raise KeyError("2026-W49")


def bring(monkeypatch: pytest.MonkeyPatch, name: str, explained: Explain | None, says: str = "") -> None:
    """As an installed package brings it; `says`: the policy that its wants name."""
    kind = PolicyKind(
        options=ReadingOptions, propose=partial(reading, says or name), roles={"": Role.HABIT}, explain=explained,
        keys=lambda snapshot, _: [f"{week.key}/{n}" for week in snapshot.weeks for n in range(1, 9)],
    )  # fmt: skip
    monkeypatch.setitem(POLICIES, name, kind)  # type: ignore[arg-type]  a dict, to which nobody else writes


def explained(life: Life, at: str, capsys: pytest.CaptureFixture[str]) -> str:
    command = ["--config", str(life.base / "config.toml"), "--now", "2026-11-30T07:00", "explain"]
    assert main([*command, moment(at).isoformat()]) == 0
    return capsys.readouterr().out


def nearly_full(folder: Path, policies: str) -> Life:
    """A week without free time but for Thursday 14:30 to 15:15."""
    life = Life(folder, policies=f"{ONLY_FOCUS}{policies}", top="fill = 1.0")
    for day in ("Mon", "Tue", "Wed", "Fri"):
        life.meet(f"{day} 09:00-17:30", "Workshop")
    life.meet("Thu 09:00-14:30", "Workshop")
    life.meet("Thu 15:15-17:30", "Workshop")
    return life


def test_each_policy_that_can_say_why_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bring(monkeypatch, "reading", reading_limits)
    life = nearly_full(tmp_path, "[policies.reading]\n")
    found = why(life, "Thu 14:45").absences
    assert list(found) == ["focus", "reading"]
    assert [o.change for o in found["reading"].obstacles] == ["lower `least` to 45m"]
    assert found["reading"].remedy == Remedy(settings=(("least", 45),))
    told = explained(life, "Thu 14:45", capsys)
    assert told.index("No focus block is here, because") < told.index("No reading block is here, because")
    life.configure(f"{ONLY_FOCUS}[policies.reading]\nleast = '45m'\n", "fill = 1.0")
    assert "No reading block is here yet." in explained(life, "Thu 14:45", capsys)


def test_what_others_want_at_the_same_level_has_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The room goes to the first by name, and the next run makes no block of the other."""
    bring(monkeypatch, "reading", reading_limits)
    life = nearly_full(tmp_path, "[policies.reading]\nleast = '45m'\n")
    assert why(life, "Thu 14:45").absences["reading"].remedy == Remedy()
    bring(monkeypatch, "languages", None)
    life.configure(
        f"{ONLY_FOCUS}[policies.reading]\nleast = '45m'\n[policies.languages]\nleast = '45m'\n", "fill = 1.0"
    )
    assert why(life, "Thu 14:45").absences["reading"].obstacles


def test_a_policy_wants_events_in_its_own_name_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not as `focus`, nor as one that is not there, whose events nobody would know again."""
    bring(monkeypatch, "redaing", None, says="reading")
    life = Life(tmp_path, policies=f"{ONLY_FOCUS}[policies.redaing]\n")
    plan = life.apply()
    assert [(p.where, p.what) for p in plan.problems] == [
        ("policy redaing", "wants an event of policy 'reading'; its own name is 'redaing'")
    ]
    assert {o.mark.policy for o in life.ours().values()} == {"focus"}


def test_a_policy_that_fails_to_say_why_silences_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bring(monkeypatch, "reading", no_limits)
    life = Life(tmp_path, policies=f"{ONLY_FOCUS}[policies.reading]\n")
    told = explained(life, "Tue 09:00", capsys)
    assert "No focus block is here yet." in told
    assert "policy reading cannot say why (KeyError: '2026-W49'): update or remove its package" in told
