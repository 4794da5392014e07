"""Two accounts of one user, on real folders: what home holds is held at work, what the user wishes each week comes.

Week 2026-W49; Monday 07:00.  unbusy writes to the calendar Work, and reads the calendar Home of another account.
"""

from __future__ import annotations

import re
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from daemon import cycle
from daemon.model.event import CountsAs
from daemon.model.owner import Field
from daemon.undo import plan_undo, undo
from living import EVENT, GUESTS, ONLY_FOCUS, Life, local
from making import ZONE, moment, span
from shelves import LOCAL

NO_FOCUS = f"{ONLY_FOCUS}[policies.focus]\nenabled = false\n"
MIRROR = '[policies.mirror]\nfrom = ["home"]\n'
HABITS = """\
[[policies.habits.items]]
preset = "walk"

[[policies.habits.items]]
preset = "office-hours"
"""
DOCTOR = "Oncology, Dr. Weiß"


class Home(Life):
    """A life with a second account, in a folder of its own."""

    def configure(self, policies: str = NO_FOCUS + MIRROR, top: str = "horizon = '1d'") -> None:
        (self.base / "private" / "Home").mkdir(parents=True, exist_ok=True)
        table = f'[accounts.home]\ntype = "vdir"\npath = "{self.base}/private"\n'
        super().configure(policies + table, top)

    def at_home(self, when: str, title: str = DOCTOR, *, uid: str = "x@clinic", more: str = "") -> None:
        at = span(when)
        text = EVENT.format(uid=uid, start=at.start, end=at.end, title=title, more=f"LOCATION:{title}\n{more}")
        (self.base / "private" / "Home" / f"{uid}.ics").write_text(text)

    def held(self) -> list[str]:
        """When the holds stand."""
        rows = [o.event.span for o in self.ours().values() if o.mark.policy == "mirror"]
        return ["{:%a %H:%M}-{:%H:%M}".format(*r.ends(ZONE)) for r in sorted(rows)]


@pytest.fixture(params=LOCAL)
def life(tmp_path: Path, request: pytest.FixtureRequest) -> Home:
    return Home(tmp_path, store=request.param, policies=NO_FOCUS + MIRROR, top="horizon = '1d'")


def test_a_private_appointment_is_held_and_not_a_word_of_it_crosses(life: Home) -> None:
    life.at_home("Tue 16:00-16:30")
    life.at_home("Tue 16:30-17:00", "Pharmacy", uid="y")
    life.at_home("Tue 19:00-20:00", "Choir", uid="z")
    life.apply()
    assert life.held() == ["Tue 16:00-17:00"]
    [name] = life.names()
    stored = life.get(name).decode()
    for line in ("SUMMARY:Busy", "CLASS:PRIVATE", "TRANSP:OPAQUE"):
        assert re.search(rf"^{line}\r?$", stored, re.MULTILINE)
    assert not re.search("DESCRIPTION|ATTENDEE|LOCATION|Oncology|Pharmacy|clinic|home|Home", stored)
    assert life.apply().changes == ()


@pytest.mark.parametrize("title", ["Gym", ""], ids=["of one title", "of several"])
def test_what_holds_stand_for_is_no_copy_of_them(life: Home, title: str) -> None:
    """Three and more, none of which says when it was made: as many as a mirror tool would have copied."""
    for n, day in enumerate(("Tue", "Wed", "Thu", "Fri")):
        life.at_home(f"{day} 16:00-17:00", title or f"Course {n}", uid=f"c{n}")
    life.apply()
    assert len(life.held()) == 4
    for _ in range(2):
        assert life.apply().changes == ()
    [first] = (k for k, o in life.ours().items() if local(o.event.when) == "Tue 16:00-17:00")
    life.move(first, "Tue 09:00-10:00")
    for _ in range(2):
        assert life.apply().changes == ()
    life.configure(NO_FOCUS)
    life.apply(force=True)
    with life.runtime() as runtime:
        events = cycle.plan(runtime, life.now).observation.snapshot.events
    assert {e.counts_as for e in events if e.ref.uid.startswith("c")} == {CountsAs.BUSY}, "nor once they are gone"


def test_it_follows_its_source_and_goes_with_it(life: Home) -> None:
    life.at_home("Tue 16:00-16:30")
    life.apply()
    life.at_home("Wed 10:00-11:00")
    life.apply()
    assert life.held() == ["Wed 10:00-11:00"]
    life.at_home("Wed 10:00-11:00", more="TRANSP:TRANSPARENT\n")
    life.apply()
    assert life.held() == []
    life.at_home("Wed 10:00-11:00")
    life.apply()
    assert life.held() == ["Wed 10:00-11:00"], "wanted again, in a new generation"


def test_what_the_user_moves_stays_and_what_they_delete_does_not_come_back(life: Home) -> None:
    life.at_home("Tue 16:00-16:30")
    life.at_home("Thu 10:00-11:00", "Bank", uid="y")
    life.apply()
    first, second = sorted(life.ours(), key=lambda key: life.ours()[key].event.span)
    life.move(first, "Tue 09:00-09:30")
    life.delete(second)
    for _ in range(2):
        assert life.apply().changes == ()
        assert life.held() == ["Tue 09:00-09:30"]
    life.lose_ledger()
    assert life.apply().changes == ()
    life.at_home("Wed 16:00-16:30")
    life.apply()
    assert life.held() == ["Tue 09:00-09:30", "Wed 16:00-16:30"]
    assert life.apply().changes == ()


def test_words_typed_into_a_hold_are_kept_and_skip_turns_it_down(life: Home) -> None:
    life.at_home("Tue 16:00-16:30")
    life.apply()
    [key] = life.ours()
    life.edit(key, ("DESCRIPTION", "call the clinic first"))
    life.apply()
    assert life.ours()[key].edited == {Field.TEXT}
    life.edit(key, ("DESCRIPTION", "call the clinic first #skip"))
    life.apply()
    assert life.held() == []
    assert life.apply().changes == ()
    assert "call the clinic first" in "".join(p.read_text() for p in (life.base / "state").rglob("*.md"))


def test_while_home_cannot_be_read_its_holds_stand(life: Home) -> None:
    life.at_home("Tue 16:00-16:30")
    life.apply()
    shutil.move(life.base / "private", life.base / "gone")
    for hours in (0, 25, 24):
        life.now += timedelta(hours=hours) if hours != 24 else timedelta()
        plan = life.apply()
        assert [c for c in plan.changes if c.wish.policy == "mirror"] == []
        assert plan.problems
    shutil.move(life.base / "gone", life.base / "private")
    life.at_home("Wed 10:00-11:00")
    life.apply()
    assert life.held() == ["Wed 10:00-11:00"]


def test_undo_takes_a_hold_back_and_again_brings_it(life: Home) -> None:
    life.at_home("Tue 16:00-16:30")
    life.apply()
    taken_back(life)
    assert life.held() == []
    assert life.apply().changes == ()
    life.at_home("Tue 16:30-17:00", "Pharmacy", uid="y")
    assert all(c.wish.policy == "mirror" for c in life.apply().changes)


@pytest.mark.parametrize("before", [["Tue 16:00-16:30"], []], ids=["it had followed", "it was new"])
def test_a_hold_is_where_it_was_as_soon_as_it_is_wanted_again(life: Home, before: list[str]) -> None:
    """Over the time that it stands for, which is somebody else's."""
    for when in before:
        life.at_home(when)
        life.apply()
    life.at_home("Wed 10:00-11:00")
    life.apply()
    taken_back(life)
    assert life.held() == before
    with life.runtime() as runtime:
        planned = cycle.plan(runtime, life.now, again=True)
        cycle.carry_out(runtime, planned, life.now, command="apply --again")
    assert life.held() == ["Wed 10:00-11:00"]
    assert life.apply().changes == ()


def taken_back(life: Life) -> None:
    with life.runtime() as runtime:
        undo(runtime, plan_undo(runtime, None, life.now), life.now)


def test_a_meeting_of_work_that_a_tool_copies_home_is_not_held(life: Home) -> None:
    life.meet("Tue 10:00-11:00", "Staff", more=GUESTS)
    for title in ("Staff", "Busy"):
        life.at_home("Tue 10:00-11:00", title)
        assert life.apply().changes == ()


def test_a_tool_that_copies_work_home_and_a_mirror_feed_each_other_nothing(life: Home) -> None:
    life.at_home("Tue 16:00-16:30", more="CREATED:20261101T080000Z\n")
    life.apply()
    for _ in range(5):
        life.now += timedelta(minutes=15)
        for n, hold in enumerate(life.ours().values()):
            start, end = hold.event.span.start, hold.event.span.end
            text = EVENT.format(uid=f"copy{n}", start=start, end=end, title="Busy",
                                more=f"CREATED:{life.now:%Y%m%dT%H%M%SZ}\n")  # fmt: skip
            (life.base / "private" / "Home" / f"copy{n}.ics").write_text(text)
        assert life.apply().changes == ()
    (life.base / "private" / "Home" / "x@clinic.ics").unlink()
    life.apply()
    assert life.held() == [], "what the tool has left there holds nothing up"


def test_a_second_unbusy_that_writes_home_and_mirrors_work_comes_to_rest(tmp_path: Path) -> None:
    """Each reads the calendar of the other; each has something of its own."""
    here = Home(tmp_path, policies=NO_FOCUS + MIRROR)
    there = tmp_path / "there.toml"
    there.write_text(
        (tmp_path / "config.toml").read_text()
        .replace(f'state = "{tmp_path}/state"', f'state = "{tmp_path}/state2"\nowner = "other@example.com"')
        .replace('write = "Work"', "").replace("[accounts.home]", '[accounts.home]\nwrite = "Home"')
        .replace('from = ["home"]', 'from = ["work"]')
    )  # fmt: skip
    second = Second(tmp_path, there)
    here.at_home("Tue 16:00-16:30")
    here.meet("Wed 10:00-11:00", "Staff")
    for _ in range(4):
        here.now += timedelta(minutes=15)
        here.apply()
        second.apply(here)
    assert here.held() == ["Tue 16:00-16:30"]
    assert sorted(p.name.startswith("unbusy-") for p in (tmp_path / "private" / "Home").iterdir()) == [False, True]
    assert here.apply().changes == ()
    assert second.apply(here) == 0


class Second:
    """Another installation, with another config and a state of its own."""

    def __init__(self, base: Path, config: Path) -> None:
        self.base, self.config = base, config

    def apply(self, beside: Home) -> int:
        """How much it changed."""
        from daemon.config import load  # noqa: PLC0415  only here
        from daemon.stages.runtime import open_runtime  # noqa: PLC0415  likewise

        with open_runtime(load(self.config), lambda: beside.now) as runtime:
            planned = cycle.plan(runtime, beside.now)
            cycle.confirm(runtime, beside.now)
            cycle.carry_out(runtime, planned, beside.now, command="apply")
            return len(planned.plan.changes)


# -- habits ------------------------------------------------------------------------------------------------------------


@pytest.fixture(params=LOCAL)
def habits(tmp_path: Path, request: pytest.FixtureRequest) -> Life:
    return Life(tmp_path, store=request.param, policies=NO_FOCUS + HABITS)


def test_walks_are_private_and_office_hours_are_not(habits: Life) -> None:
    habits.apply()
    classes = {
        key: re.search(r"^CLASS:(\w+)", habits.get(habits.name(key)).decode(), re.MULTILINE) for key in habits.ours()
    }
    assert {key.partition("/")[0]: found and found[1] for key, found in classes.items()} == {
        "walk": "PRIVATE", "office-hours": "PUBLIC",
    }  # fmt: skip
    text = habits.get(habits.name("office-hours/2026-W49/1")).decode()
    assert "DESCRIPTION:Come by\\, no reason needed.\r\n" in text
    assert habits.apply().changes == ()


def test_undo_and_again_of_habits(habits: Life) -> None:
    habits.apply()
    before = {key: own.event.span for key, own in habits.ours().items()}
    habits.configure(NO_FOCUS)
    habits.apply(force=True)
    taken_back(habits)
    after = habits.ours()
    stays = {key: own.event.private for key, own in after.items()}
    assert {key: own.event.span for key, own in after.items()}.items() <= before.items()
    assert stays
    assert all(private is not key.startswith("office-hours") for key, private in stays.items())


def test_a_walk_that_the_user_moves_or_deletes(habits: Life) -> None:
    habits.apply()
    habits.move("walk/2026-W49/1", "Fri 16:00-16:45")
    habits.delete("walk/2026-W49/2")
    habits.delete("office-hours/2026-W49/1")
    assert habits.apply().changes == ()
    assert habits.ours()["walk/2026-W49/1"].event.span == span("Fri 16:00-16:45")
    habits.lose_ledger()
    assert habits.apply().changes == ()


def test_office_hours_that_the_user_has_made_private_stay_so(habits: Life) -> None:
    habits.apply()
    key = "office-hours/2026-W50/1"
    habits.edit(key, ("CLASS", "PRIVATE"))
    was = habits.ours()[key].event.span
    habits.put("m.ics", EVENT.format(uid="m", start=was.start, end=was.end, title="M", more=GUESTS).encode())
    habits.apply()
    moved = habits.ours()[key]
    assert moved.event.span != was
    assert moved.event.private


def test_a_week_rests(habits: Life) -> None:
    habits.apply()
    habits.edit("walk/2026-W50/1", ("SUMMARY", "Walk #skip-week"))
    habits.apply()
    assert sorted(key for key in habits.ours() if "W50" in key) == ["walk/2026-W50/1"]
    assert habits.apply().changes == ()


def test_the_next_week_comes_with_the_next_week(habits: Life) -> None:
    habits.apply()
    habits.now = moment("Mon+1 07:00")
    made = {c.wish.key for c in habits.apply().changes}
    assert made == {"walk/2026-W51/1", "walk/2026-W51/2", "office-hours/2026-W51/1"}
