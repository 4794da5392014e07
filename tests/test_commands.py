"""Commands: the user's own events titled `unbusy: …`, on real stores, with the ledger and without it.

Week 2026-W49, goal 8 h; Monday 07:00.  Four blocks of two hours stand on Monday to Thursday, 09:00 to 11:00.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from daemon import cycle
from daemon import undo as undoing
from daemon.cli.json_rows import plan_json
from daemon.commands.answers import BEGIN, END, HELP, PAUSE, answered
from daemon.model.owner import Field
from daemon.model.plan import Annotate
from daemon.model.protocols import Resource
from daemon.stages.runtime import Runtime
from living import EVENT, GUESTS, ONLY_FOCUS, Life, local, said
from making import ME, ZONE, moment, span
from memory import Memory
from shelves import LOCAL, InMemory, Store
from test_ownership import settled

WED = "2026-W49/3"
DAYS_OFF = {"DTSTART": "20261130", "DTEND": "20261205"}


@pytest.fixture
def life(tmp_path: Path, store: Store) -> Life:
    """The four blocks stand, shown as free whatever comes."""
    policies = ONLY_FOCUS + "[policies.focus]\nshow_as = 'free'\n"
    life = Life(tmp_path, top="horizon = '1d'", policies=policies, store=store)
    life.apply()
    return life


@pytest.fixture(params=["with the ledger", "without it"])
def forget(request: pytest.FixtureRequest) -> Callable[[Life], None]:
    return Life.lose_ledger if request.param == "without it" else lambda _: None


def command(life: Life, when: str, title: str, more: str = "") -> str:
    return life.meet(when, f"unbusy: {title}", uid="command", more=more)


def description(life: Life) -> str:
    """What stands under the command."""
    with life.runtime() as runtime:
        events = cycle.plan(runtime, life.now).observation.events
    return next(e.description for e in events if e.ref.uid == "command")


def answer(life: Life) -> str:
    return answered(description(life))


def write_under(life: Life, text: str) -> None:
    """The user sets the command's description."""
    content = life.get("command.ics").decode().replace("\r\n ", "").replace("\n ", "")
    lines = [line for line in content.splitlines() if not line.startswith("DESCRIPTION")]
    escaped = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
    life.put("command.ics", "\n".join([*lines[:-2], f"DESCRIPTION:{escaped}", *lines[-2:], ""]).encode())


# -- pause ------------------------------------------------------------------------------------------------------------


def test_pause_clears_its_time_and_keeps_it_clear(life: Life, forget: Callable[[Life], None]) -> None:
    command(life, "Wed 08:00-18:00", "pause")
    forget(life)
    plan = life.plan()
    assert f"delete {WED}" in map(said, plan.changes)
    assert plan.stopped == ""
    settled(life, forget)
    assert [local(o.event.when) for o in life.ours().values() if "Wed" in local(o.event.when)] == []
    assert answer(life) == PAUSE


def test_what_has_room_beside_a_pause_moves_there(tmp_path: Path) -> None:
    """In the same run, as one change: it does not go and come back."""
    life = Life(tmp_path, now="Tue 07:00", top="horizon = '1d'", policies="[policies.overload]\nenabled = false\n")
    life.apply()
    assert local(life.ours()["day/2026-12-01"].event.when) == "Tue 17:20-17:30"
    command(life, "Tue 16:30-23:00", "pause")
    life.apply()
    assert local(life.ours()["day/2026-12-01"].event.when) == "Tue 16:20-16:30"
    assert life.ours()["day/2026-12-01"].mark.generation == 0
    assert life.changes() == []


def test_pause_takes_what_is_frozen_and_leaves_what_was_touched(life: Life, forget: Callable[[Life], None]) -> None:
    life.edit("2026-W49/2", ("SUMMARY", "Mine"))
    life.meet("Mon 08:00-18:00", "unbusy: PAUSE!", uid="a", more="")
    life.meet("Tue 08:00-18:00", "Unbusy:pause for the dentist", uid="b", more="")
    settled(life, forget)
    assert {"2026-W49/1", "2026-W49/2"} & set(life.ours()) == {"2026-W49/2"}


def test_it_comes_back_when_the_pause_goes(tmp_path: Path) -> None:
    """In a new generation: it was unbusy that took it away."""
    life = Life(tmp_path, top="horizon = '1d'", policies="[policies.overload]\nenabled = false\n")
    life.now = moment("Wed 07:30")
    life.apply()
    before = life.ours()["day/2026-12-02"]
    uid = command(life, "Wed 08:00-18:00", "pause")
    life.apply()
    assert "day/2026-12-02" not in life.ours()
    life.cancel(uid)
    life.apply()
    after = life.ours()["day/2026-12-02"]
    assert (before.mark.generation, after.mark.generation) == (0, 1)
    assert life.changes() == []


def test_a_pause_may_be_a_series_or_a_free_day(life: Life, forget: Callable[[Life], None]) -> None:
    command(life, "Wed 08:00-18:00", "pause", more="RRULE:FREQ=DAILY;COUNT=2\nTRANSP:TRANSPARENT\n")
    settled(life, forget)
    days = {local(o.event.when)[:3] for o in life.ours().values()}
    assert days.isdisjoint({"Wed", "Thu"})
    assert answer(life) == PAUSE


def test_a_pause_of_many_is_no_matter_for_the_limits(life: Life) -> None:
    life.configure(ONLY_FOCUS, "horizon = '1d'\nmax_changes = 0")
    command(life, "Mon 08:00-23:00", "pause", more="RRULE:FREQ=DAILY\n")
    assert life.plan().stopped == ""
    life.apply()
    assert life.ours() == {}


@pytest.mark.parametrize("away", ["X-MICROSOFT-CDO-BUSYSTATUS:OOF\nTRANSP:OPAQUE\n", "TRANSP:OPAQUE\n"])
def test_time_away_pauses_in_the_same_way(life: Life, forget: Callable[[Life], None], away: str) -> None:
    life.configure(ONLY_FOCUS + "[policies.focus]\nshow_as = 'free'\n", "horizon = '1d'\nmax_changes = 0")
    at = span("Mon 00:00-23:00")
    timed = EVENT.format(uid="away", start=at.start, end=at.end, title="Holidays", more=away)
    days = re.sub(r"(DTSTART|DTEND):\w+", lambda m: f"{m[1]};VALUE=DATE:{DAYS_OFF[m[1]]}", timed)
    life.put("away.ics", days.encode())
    assert len(settled(life, forget).changes) == 4
    assert life.ours() == {}


# -- focus ------------------------------------------------------------------------------------------------------------


def named(life: Life) -> dict[str, str]:
    """The blocks that have the name of a command, by key, and where they lie."""
    ours = life.ours().items()
    return {k: local(o.event.when) for k, o in ours if o.event.summary != "Focus"}


def test_named_focus_time_takes_the_first_blocks_that_stand(life: Life, forget: Callable[[Life], None]) -> None:
    before = {k: o.event.ref for k, o in life.ours().items()}
    command(life, "Mon 07:30-07:35", "focus 4h write the strategy by friday")
    assert sorted(life.changes()) == [
        "annotate command/command", "update 2026-W49/1 title", "update 2026-W49/2 title",
    ]  # fmt: skip
    settled(life, forget)
    ours = life.ours()
    assert {k: o.event.ref for k, o in ours.items()} == before, "in place, and none is made or goes"
    assert {ours[k].event.summary for k in named(life)} == {"Focus: write the strategy"}
    assert answer(life) == (
        "4 h of focus for ‘write the strategy’ by Friday 4 December: Mon 30 Nov 09:00–11:00, Tue 1 Dec 09:00–11:00."
    )  # fmt: skip


def test_blocks_that_the_same_run_makes_are_called_by_it_at_once(tmp_path: Path) -> None:
    """The last day of the command lies behind the weeks that are planned, so none is made for it alone."""
    life = Life(tmp_path, top="horizon = '1d'", store="memory")
    command(life, "Sun 18:00-18:05", "focus 4h write the strategy by friday")
    life.apply()
    assert named(life) == {"2026-W49/1": "Mon 09:00-11:00", "2026-W49/2": "Tue 09:00-11:00"}
    assert life.changes() == []


def test_where_no_block_stands_yet_it_gets_its_own_and_counts_towards_the_goal(tmp_path: Path) -> None:
    life = Life(tmp_path, top="horizon = '1d'", policies=ONLY_FOCUS + "[policies.focus]\nshow_as = 'free'\n")
    command(life, "Mon 07:30-07:35", "focus 4h write the strategy by friday")
    life.apply()
    assert life.changes() == []
    ours = life.ours()
    mine = {k: o for k, o in ours.items() if k.startswith("command/")}
    assert set(mine) == {"command/command/1", "command/command/2"} == set(named(life))
    assert all("You asked for 4 h of this by Fri 4 Dec." in o.event.description for o in mine.values())
    assert sum(o.event.span.minutes for o in ours.values()) == 480
    life.delete("command/command/1")
    life.apply()
    assert life.changes() == []
    assert sum(o.event.span.minutes for o in life.ours().values()) == 360
    assert set(named(life)) == {"command/command/2"}, "what was skipped of it is not asked for again"


def test_what_the_blocks_that_stand_cannot_give_is_made_and_takes_none_of_them_away(
    life: Life, forget: Callable[[Life], None]
) -> None:  # fmt: skip
    command(life, "Mon 07:30-07:35", "focus 6h write the strategy by tuesday")
    settled(life, forget)
    ours = life.ours()
    assert {"2026-W49/1", "2026-W49/2", "command/command/1"} == set(named(life))
    assert sum(o.event.span.minutes for o in ours.values()) == 480


def test_its_last_day_is_kept_to(life: Life, forget: Callable[[Life], None]) -> None:
    life.delete("2026-W49/1")
    life.delete("2026-W49/2")
    command(life, "Mon 07:30-07:35", "focus 2h slides by tue")
    settled(life, forget)
    ((_, place),) = named(life).items()
    assert place[:3] in ("Mon", "Tue")


def test_what_has_no_room_is_said(life: Life) -> None:
    life.configure(ONLY_FOCUS + "[policies.focus]\nshow_as = 'free'\nper_day = '2h'\n", "horizon = '1d'")
    command(life, "Mon 07:30-07:35", "focus 30h everything by friday")
    life.apply()
    assert "found no place in week 2026-W49" in answer(life)
    assert life.changes() == []


def test_a_day_takes_no_more_focus_than_it_may_by_whatever_name(tmp_path: Path) -> None:
    policies = ONLY_FOCUS + "[policies.focus]\nshow_as = 'free'\nper_day = '2h'\nweekly_goal = '12h'\n"
    life = Life(tmp_path, top="horizon = '1d'", policies=policies)
    command(life, "Mon 07:30-07:35", "focus 4h write the strategy by friday")
    life.apply()
    days = [local(o.event.when)[:3] for o in life.ours().values()]
    assert sorted(days) == sorted(["Mon", "Tue", "Wed", "Thu", "Fri"])
    assert sum(o.event.span.minutes for o in life.ours().values()) == 600


def test_it_ends_with_its_event(life: Life, forget: Callable[[Life], None]) -> None:
    command(life, "Mon 07:30-07:35", "focus 4h write the strategy by friday")
    life.apply()
    life.cancel("command")
    settled(life, forget)
    assert named(life) == {}
    assert sum(o.event.span.minutes for o in life.ours().values()) == 480


def test_what_was_skipped_of_it_is_not_owed_again(life: Life, forget: Callable[[Life], None]) -> None:
    command(life, "Mon 07:30-07:35", "focus 4h write the strategy by friday")
    life.apply()
    life.delete("2026-W49/1")
    life.apply()
    forget(life)
    assert life.changes() == []
    assert sum(o.event.span.minutes for o in life.ours().values()) == 360
    assert set(named(life)) == {"2026-W49/2", "2026-W49/3"}, "the next one serves it"


def test_a_block_that_the_user_has_retitled_serves_none(life: Life, forget: Callable[[Life], None]) -> None:
    life.edit("2026-W49/1", ("SUMMARY", "Board deck"))
    command(life, "Mon 07:30-07:35", "focus 4h write the strategy by friday")
    settled(life, forget)
    assert set(named(life)) == {"2026-W49/1", "2026-W49/2", "2026-W49/3"}
    assert life.ours()["2026-W49/1"].event.summary == "Board deck"


def test_undo_gives_a_block_its_old_title_back(life: Life) -> None:
    command(life, "Mon 07:30-07:35", "focus 4h write the strategy by friday")
    life.apply()
    with life.runtime() as runtime:
        undoing.undo(runtime, undoing.plan_undo(runtime, None, life.now), life.now)
    assert named(life) == {}
    assert [c for c in life.changes() if c != "annotate command/command"] == [], "only its answer follows"


def test_the_user_moves_it_like_any_other(life: Life, forget: Callable[[Life], None]) -> None:
    command(life, "Mon 07:30-07:35", "focus 4h write the strategy by friday")
    life.apply()
    life.move("2026-W49/2", "Fri 15:00-17:00")
    settled(life, forget)
    block = life.ours()["2026-W49/2"]
    assert (local(block.event.when), block.edited) == ("Fri 15:00-17:00", {Field.WHEN})
    assert "Fri 4 Dec 15:00–17:00" in answer(life)


# -- report, why, help ------------------------------------------------------------------------------------------------


def test_report_gives_the_figures_of_the_week(life: Life, forget: Callable[[Life], None]) -> None:
    life.meet("Wed 13:00-15:00", "Staff")
    command(life, "Fri 16:00-16:15", "report")
    settled(life, forget)
    assert answer(life) == (
        "Week 2026-W49: meetings take 2 h, 5 % of its working time.\nFocus from then on: 8 h."
    )  # fmt: skip
    life.now = moment("Mon 09:30")
    life.meet("Mon 10:00-11:00", "Crisis")
    life.now = moment("Tue 07:00")
    settled(life, forget)
    assert "Focus up to Monday: 1 h kept of 2 h." in answer(life)
    assert "Meetings took 1 h; most of all ‘Crisis’." in answer(life)


def test_why_is_told_in_plain_text_whatever_a_client_has_made_of_our_event(
    life: Life, forget: Callable[[Life], None]
) -> None:  # fmt: skip
    command(life, "Wed 09:00-09:15", "why")
    settled(life, forget)
    before = answer(life)
    life.type(WED, style=lambda text: f"<p>{text.replace(chr(10), '<br>')}</p>")
    assert life.changes() == []
    assert settled(life, forget).changes == ()
    assert answer(life) == before


def test_why_explains_its_time(life: Life, forget: Callable[[Life], None]) -> None:
    life.meet("Wed 08:30-12:00", "Staff")
    command(life, "Wed 09:00-09:15", "why")
    settled(life, forget)
    assert "‘Staff’ counts as meeting." in answer(life)
    life.cancel("Staff-Wed-0830-1200")
    settled(life, forget)
    assert answer(life).startswith(("Wed 2 Dec", "No focus block is here"))


@pytest.mark.parametrize("store", ["memory"])
def test_why_of_a_time_counts_what_the_same_run_takes_back_for_good(life: Life) -> None:
    """A block that was moved once and is booked over again goes, and nothing comes for it: not the next run either."""
    life.meet("Wed 08:30-12:00", "Staff")
    command(life, "Wed 09:00-09:15", "why")
    settled(life, lambda _: None)
    life.cancel("Staff-Wed-0830-1200")
    life.meet("Fri 09:00-11:00", "Board")
    plan = settled(life, lambda _: None)
    assert "delete 2026-W49/3" in map(said, plan.changes)
    assert answer(life).startswith("No focus block is here, because")


def test_help_is_the_table(life: Life) -> None:
    command(life, "Mon 12:00-12:05", "help")
    life.apply()
    assert answer(life) == HELP


@pytest.mark.parametrize("store", ["memory"])  # what is answered to a title is no matter of the store
@pytest.mark.parametrize(
    ("title", "says"),
    [
        ("puase", "does not know the command ‘puase’. Did you mean `unbusy: pause`?"),
        ("", "Say what you want: `unbusy: pause`"),
        ("make me a sandwich", "does not know the command ‘make’. There are: `unbusy: pause`"),
        ("focus", "Say how long, from 15m to 40h, and for what, as in `unbusy: focus 4h write"),
        ("focus on the strategy", "Say how long"),
        ("focus 400h sleep", "Say how long"),
        ("focus 4 write", "Say how long"),
    ],
)
def test_a_wrong_command_answers_with_what_would_be_right(life: Life, title: str, says: str) -> None:
    command(life, "Wed 13:00-14:00", title)
    assert [said(c) for c in life.apply().changes] == ["annotate command/command"]
    assert says in answer(life)
    assert life.changes() == []


# -- the answer -------------------------------------------------------------------------------------------------------


def test_an_answer_is_shown_before_it_is_written(life: Life) -> None:
    command(life, "Wed 13:00-14:00", "help")
    with life.runtime() as runtime:
        plan = cycle.plan(runtime, life.now).plan
    (row,) = plan_json(plan, ZONE)["changes"]
    assert (row["action"], row["policy"], row["key"], row["uid"]) == (
        "annotate",
        "unbusy",
        "command/command",
        "command",
    )
    assert (row["summary"], row["answer"], row["reason"]) == ("unbusy: help", HELP, "you asked")


def test_it_is_written_once(life: Life, forget: Callable[[Life], None]) -> None:
    command(life, "Wed 13:00-14:00", "help")
    life.apply()
    before = life.get("command.ics")
    forget(life)
    for _ in range(3):
        assert life.apply().changes == ()
    assert life.get("command.ics") == before


@pytest.mark.parametrize("store", LOCAL)  # servers order lines as they like
def test_all_else_in_the_event_stays_to_the_byte(life: Life) -> None:
    command(life, "Wed 13:00-14:00", "help", more='X-ODD;P="a;b":c\\,d\nLOCATION:Here  \n')
    before = life.get("command.ics")
    life.apply()
    after = life.get("command.ics")
    start, end = after.index(b"DESCRIPTION:"), after.index(b"END:VEVENT")
    assert after[:start] + after[end:] == before


def test_the_users_own_words_stay_around_it(life: Life, forget: Callable[[Life], None]) -> None:
    command(life, "Wed 08:00-18:00", "pause", more="DESCRIPTION:At the lake\\, with <b>no</b> signal\n")
    settled(life, forget)
    assert description(life) == f"At the lake, with <b>no</b> signal\n\n{BEGIN}\n{PAUSE}\n{END}"
    write_under(life, f"{description(life)}\nBack on Thursday")
    settled(life, forget)
    assert description(life).endswith(f"{END}\nBack on Thursday")


def test_what_the_user_does_to_an_answer_is_not_undone(life: Life) -> None:
    """It was said; it is said again only when it is another answer."""
    command(life, "Wed 13:00-14:00", "help")
    life.apply()
    write_under(life, "I know")
    for _ in range(2):
        assert life.apply().changes == ()
    assert description(life) == "I know"


def test_an_answer_that_changes_is_written_in_its_place(life: Life, forget: Callable[[Life], None]) -> None:
    command(life, "Fri 16:00-16:15", "report", more="DESCRIPTION:Mine\n")
    life.apply()
    first = answer(life)
    life.meet("Wed 13:00-15:00", "Staff")
    forget(life)
    life.apply()
    assert answer(life) != first
    assert description(life).startswith(f"Mine\n\n{BEGIN}")
    assert description(life).count(BEGIN) == 1
    assert life.changes() == []


def test_html_under_a_command_stays_html(life: Life) -> None:
    command(life, "Fri 16:00-16:15", "report", more="DESCRIPTION:<b>Mine</b><br>&amp; yours\n")
    life.apply()
    assert description(life).startswith(f"<b>Mine</b><br>&amp; yours<br><br>{BEGIN}<br>Week 2026-W49")
    assert life.changes() == []
    life.meet("Wed 13:00-15:00", "Q & A")
    life.apply()
    assert description(life).count(BEGIN) == 1
    assert life.changes() == []


def dying(runtime: Runtime, *, written: bool) -> Runtime:
    """The same, but the process dies before or after the first write under a command."""
    connector = runtime.connectors["work"]

    class Dying:
        def __getattr__(self, name: str) -> object:
            return getattr(connector, name)

        def annotate(self, resource: Resource, text: str, *, private: bool) -> None:
            if written:
                connector.annotate(resource, text, private=private)
            raise KeyboardInterrupt

    return replace(runtime, connectors={"work": Dying()})


@pytest.mark.parametrize("written", [False, True], ids=["before the write", "after the write"])
def test_a_crash_while_it_is_written(life: Life, forget: Callable[[Life], None], *, written: bool) -> None:
    command(life, "Wed 13:00-14:00", "help")
    with life.runtime() as runtime:
        planned = cycle.plan(runtime, life.now)
    with life.runtime() as runtime, pytest.raises(KeyboardInterrupt):
        cycle.carry_out(dying(runtime, written=written), planned, life.now, command="apply")
    forget(life)
    life.apply()
    assert (answer(life), description(life).count(BEGIN)) == (HELP, 1)
    assert life.changes() == []


@pytest.mark.parametrize("written", [False, True], ids=["before the write", "after the write"])
def test_a_crash_while_it_is_taken_back(life: Life, forget: Callable[[Life], None], *, written: bool) -> None:
    """Who had it purged has not taken the answer away by hand: the next run answers."""
    command(life, "Wed 13:00-14:00", "help")
    life.apply()
    with life.runtime() as runtime, pytest.raises(KeyboardInterrupt):
        cycle.purge(dying(runtime, written=written), cycle.plan_purge(runtime, life.now), life.now)
    assert bool(answer(life)) is not written
    forget(life)
    life.apply()
    assert (answer(life), description(life).count(BEGIN)) == (HELP, 1)


@pytest.mark.parametrize("store", LOCAL)  # servers refuse such content
def test_one_that_cannot_be_answered_under_stops_nothing_else(life: Life) -> None:
    command(life, "Wed 13:00-14:00", "help")
    life.put("command.ics", life.get("command.ics").replace(b"END:VEVENT", b"X-ODD:caf\xe9\nEND:VEVENT"))
    before = life.get("command.ics")
    life.configure(ONLY_FOCUS + "[policies.focus]\nweekly_goal = '4h'\nshow_as = 'free'\n", "horizon = '1d'")
    life.apply()
    assert len(life.ours()) == 2
    assert life.changes() == []
    assert life.get("command.ics") == before
    with life.runtime() as runtime:
        (run, _) = runtime.ledger.runs.latest(9)
    assert {c.action: c.outcome for c in run.changes} == {"delete": "done", "annotate": "refused"}


@pytest.mark.parametrize("store", LOCAL)  # servers refuse such content
def test_one_that_is_cut_off_is_not_answered_and_stays_as_it_is(life: Life, forget: Callable[[Life], None]) -> None:
    command(life, "Fri 09:00-10:00", "help")
    half = life.get("command.ics").partition(b"END:VEVENT")[0]
    life.put("command.ics", half)
    for _ in range(2):
        forget(life)
        plan = life.apply()
        assert plan.changes == ()
        assert any("cut off" in p.what for p in plan.problems)
        assert life.get("command.ics") == half


def test_undo_leaves_an_answer(life: Life) -> None:
    command(life, "Wed 13:00-14:00", "help")
    life.apply()
    with life.runtime() as runtime:
        found = undoing.plan_undo(runtime, None, life.now)
    assert found.planned.plan.changes == ()
    assert found.kept == ("the answer under ‘unbusy: help’ stays; delete that event to be rid of it",)


def test_the_day_after_nothing_is_answered_any_more(life: Life) -> None:
    command(life, "Mon 08:00-08:15", "report")
    life.apply()
    life.now += timedelta(days=1)
    life.meet("Thu 13:00-15:00", "Staff")
    assert [c for c in life.plan().changes if isinstance(c, Annotate)] == []


# -- who may read an answer -------------------------------------------------------------------------------------------


def private(life: Life) -> bool:
    with life.runtime() as runtime:
        events = cycle.plan(runtime, life.now).observation.events
    return next(e.private for e in events if e.ref.uid == "command")


def keeping_none(life: Life) -> None:
    """From now on the store keeps no CLASS: of what it is given, and of what it has."""
    stand_in = life.shelf.connector
    assert isinstance(stand_in, Memory)
    put = stand_in.put

    def without(calendar: str, href: str, payload: bytes) -> Resource:
        return put(calendar, href, re.sub(rb"CLASS[:;][^\r\n]*\r?\n", b"", payload))

    stand_in.put = without  # type: ignore[method-assign]  # a store of another make


def test_a_command_with_an_answer_is_private_until_it_is_purged(life: Life, forget: Callable[[Life], None]) -> None:
    command(life, "Wed 09:30-10:00", "why")
    before = life.get("command.ics")
    life.apply()
    assert private(life)
    forget(life)
    assert life.changes() == []
    with life.runtime() as runtime:
        cycle.purge(runtime, cycle.plan_purge(runtime, life.now), life.now)
    assert not private(life)
    if isinstance(life.shelf, InMemory):
        assert life.get("command.ics").replace(b"DESCRIPTION:\n", b"") == before


def test_who_shows_a_command_to_others_reads_no_title_in_its_answer(life: Life) -> None:
    life.meet("Wed 11:00-12:00", "Zebra")
    command(life, "Wed 11:30-12:00", "why")
    life.apply()
    assert "‘Zebra’" in answer(life)
    shown = re.sub(rb"CLASS[:;][^\r\n]*", b"CLASS:PUBLIC", life.get("command.ics"))
    life.put("command.ics", shown)
    assert [said(c) for c in life.apply().changes] == ["annotate command/command"]
    assert "Zebra" not in description(life)
    assert "a private appointment counts as meeting" in answer(life)
    assert not private(life), "it is as the user wants it"
    assert life.changes() == []


@pytest.mark.parametrize("store", ["memory"])  # the servers at hand all keep it
@pytest.mark.parametrize("title", ["why", "report"])
def test_a_store_that_keeps_nothing_private_gets_no_title(life: Life, title: str) -> None:
    keeping_none(life)
    life.meet("Wed 11:00-12:00", "Zebra")
    life.meet("Wed 09:30-10:30", "Zebra")
    life.now += timedelta(days=3)
    command(life, "Fri 11:30-12:00", title)
    command(life, "Wed 11:30-12:00", title) if title == "why" else None
    life.apply()
    assert answer(life)
    assert "Zebra" not in description(life)
    assert life.changes() == []


# -- what is no command -----------------------------------------------------------------------------------------------

NO_COMMAND = {
    "an invitation": GUESTS,
    "an event of somebody else's": "ORGANIZER:mailto:p1@example.com\n",
    "with a guest": f"ORGANIZER:mailto:{ME}\nATTENDEE:mailto:p1@example.com\n",
    "with a room": "ATTENDEE;CUTYPE=ROOM:mailto:room@example.com\n",
    "declined": f"ATTENDEE;PARTSTAT=DECLINED:mailto:{ME}\n",
    "cancelled": "STATUS:CANCELLED\n",
}


@pytest.mark.parametrize("kind", NO_COMMAND)
def test_what_is_not_the_users_alone_is_no_command(life: Life, kind: str) -> None:
    more = NO_COMMAND[kind]
    command(life, "Fri 13:00-14:00", "pause", more=more)
    life.meet("Fri 14:00-15:00", "unbusy: focus 4h strategy", uid="focus", more=more)
    life.meet("Fri 15:00-16:00", "unbusy: help", uid="help", more=more)
    before = life.get("command.ics")
    assert life.apply().changes == ()
    assert life.get("command.ics") == before


def test_nor_is_one_in_another_calendar(tmp_path: Path) -> None:
    life = Life(tmp_path, top="horizon = '1d'")
    life.apply()
    life.folder.with_name("Team").mkdir()
    command(life, "Wed 08:00-18:00", "pause")
    path = life.folder / "command.ics"
    path.rename(life.folder.with_name("Team") / "command.ics")
    assert [c for c in life.plan().changes if isinstance(c, Annotate)] == []
    assert local(life.ours()[WED].event.when) == "Wed 09:00-11:00" or f"delete {WED}" not in life.changes()


def test_one_of_ours_with_such_a_title_is_none(life: Life) -> None:
    life.edit(WED, ("SUMMARY", "unbusy: pause"))
    assert life.apply().changes == ()


def test_while_its_own_block_cannot_be_read_a_command_takes_no_other(tmp_path: Path) -> None:
    """A new ledger knows that block by the name of its file alone."""
    goal = ONLY_FOCUS + "[policies.focus]\nshow_as = 'free'\nweekly_goal = '{}h'\n"
    life = Life(tmp_path, top="horizon = '1d'", policies=goal.format(2))
    command(life, "Mon 08:00-08:15", "focus 4h strategy by friday")
    life.apply()
    assert {key[:7] for key, o in life.ours().items() if o.event.summary == "Focus: strategy"} == {"command"}
    life.configure(goal.format(8), "horizon = '1d'")
    life.apply()
    titles = {key: o.event.summary for key, o in life.ours().items()}
    name = life.name("command/command/1")
    readable = life.get(name)
    life.put(name, b"nothing that can be read")
    life.lose_ledger()
    assert "Focus" in titles.values(), "there are blocks without a name that it could take"
    for _ in range(2):
        life.apply(force=True)
        assert {k: o.event.summary for k, o in life.ours().items()} == {
            k: title for k, title in titles.items() if k != "command/command/1"
        }
    life.put(name, readable)
    life.apply(force=True)
    assert {k: o.event.summary for k, o in life.ours().items()} == titles
