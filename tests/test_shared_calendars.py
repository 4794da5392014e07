"""Calendars that hold other people's time, copies, holidays, invitations without an answer: the whole way, on files.

Week 2026-W49, goal 8 h; Monday 07:00.  The calendar that is written is Work; others lie beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from daemon import cycle
from daemon.cli import main
from daemon.model.event import CountsAs, ReadAs
from daemon.model.figures.measure import measure_week
from daemon.model.ours.mark_line import write_mark
from daemon.model.owner import Field, Mark, fingerprints
from daemon.model.plan import Plan
from daemon.model.snapshot import Snapshot
from living import EVENT, GUESTS, ONLY_FOCUS, Life, local
from making import ME, day, span
from shelves import LOCAL, Store

BOB = "ORGANIZER:mailto:bob@example.com\n"
OTHERS = BOB + "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@example.com\nATTENDEE:mailto:cem@example.com\n"
ASKED = f"{BOB}ATTENDEE:mailto:bob@example.com\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:{ME}\n"
WORKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri")
FIRST = {"2026-W49/1": "Mon 09:00-11:00", "2026-W49/2": "Tue 09:00-11:00", "2026-W49/3": "Wed 09:00-11:00",
         "2026-W49/4": "Thu 09:00-11:00"}  # fmt: skip


class Desk(Life):
    """A life with more than one calendar, each a folder."""

    def add(self, calendar: str, when: str, title: str = "Meeting", *, more: str = "", uid: str = "") -> None:
        """An event in a calendar: 'Wed 09:00-10:00', or 'Wed' for the whole day, shown as busy."""
        uid = uid or f"{calendar}-{title}-{when}".replace(" ", "-").replace(":", "")
        first, _, last = when.partition("..")
        at = span(when if " " in when else f"{first} 00:00-01:00")
        text = EVENT.format(uid=uid, start=at.start, end=at.end, title=title, more=more)
        if " " not in when:
            begin, end = day(first), day(last or first)
            text = text.replace(f"DTSTART:{at.start:%Y%m%dT%H%M%SZ}", f"DTSTART;VALUE=DATE:{begin:%Y%m%d}")
            after = end.fromordinal(end.toordinal() + 1)
            text = text.replace(f"DTEND:{at.end:%Y%m%dT%H%M%SZ}", f"DTEND;VALUE=DATE:{after:%Y%m%d}\nTRANSP:OPAQUE")
        folder = self.root / calendar
        folder.mkdir(exist_ok=True)
        (folder / f"{uid}.ics").write_text(text)

    def reads(self, *rows: str, policies: str = ONLY_FOCUS) -> None:
        """A config that names its calendars."""
        self.configure(f"read = [{', '.join(rows)}]\n{policies}", "horizon = '1d'")

    def seen(self) -> Snapshot:
        with self.runtime() as runtime:
            return cycle.plan(runtime, self.now).observation.snapshot

    def kinds(self) -> dict[str, str]:
        return {e.summary: e.counts_as.value for e in self.seen().events}

    def settle(self) -> Plan:
        """The plan, carried out; a second one must want nothing more."""
        plan = self.apply()
        assert self.changes() == []
        return plan

    def blocks(self) -> dict[str, str]:
        return {key: local(o.event.when) for key, o in self.ours().items()}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, top="horizon = '1d'")


Said = Callable[..., str]


@pytest.fixture
def said(desk: Desk, capsys: pytest.CaptureFixture[str]) -> Said:
    """What a command prints."""

    def call(*args: str) -> str:
        main(["--config", str(desk.base / "config.toml"), "--now", desk.now.isoformat(), *args])
        return capsys.readouterr().out

    return call


# -- other people's time ---------------------------------------------------------------------------------------------


def test_a_colleagues_vacation_is_not_mine(desk: Desk) -> None:
    desk.add("Team", "Mon..Fri", "Bob on vacation", more=BOB)
    desk.settle()
    assert (desk.blocks(), desk.kinds()) == (FIRST, {"Bob on vacation": "others"})
    assert desk.seen().away == ()


def test_meetings_of_others_are_not_measured_and_take_no_time(desk: Desk) -> None:
    for name in WORKDAYS:
        desk.add("Team", f"{name} 09:00-16:00", "Bob and Cem", more=OTHERS)
    desk.configure("[policies.reflection]\nenabled = false\n", "horizon = '1d'")
    desk.settle()
    assert desk.blocks() == FIRST, "and no flag"
    seen = desk.seen()
    assert measure_week(seen, seen.this_week).total("meeting") == 0


def test_focus_of_others_does_not_fill_my_goal(desk: Desk) -> None:
    base = fingerprints(when=span("Mon 09:00-13:00"), calendar="x/y", title="Focus", show_as="busy", reminder=None,
                        colour="", text="")  # fmt: skip
    mark = Mark("bob@example.com", "focus", "2026-W49/1", 0, base)
    desk.add("Team", "Mon 09:00-13:00", "Focus time", more=BOB)
    desk.add("Team", "Tue 09:00-13:00", "Focus", uid=mark.uid, more=f"X-UNBUSY:{write_mark(mark)}\n")
    desk.settle()
    assert (desk.blocks(), desk.kinds()) == (FIRST, {"Focus time": "others", "Focus": "others"})


def test_my_own_meetings_in_a_shared_calendar_are_mine(desk: Desk) -> None:
    desk.add("Team", "Mon 09:00-10:00", "Ours", more=GUESTS)
    desk.add("Team", "Mon 10:00-11:00", "Theirs", more=OTHERS)
    desk.add("Team", "Mon 11:00-12:00", "Theirs, too", more=OTHERS)
    assert desk.kinds() == {"Ours": "meeting", "Theirs": "others", "Theirs, too": "others"}


@pytest.mark.parametrize(
    ("read_as", "meeting", "days", "solo", "free"),
    [
        pytest.param("others", "others", "others", "others", True, id="others take no time"),
        pytest.param("busy", "busy", "busy", "busy", False, id="busy takes time and is nothing more"),
        pytest.param("mine", "meeting", "others", "focus", False, id="mine counts without my name"),
    ],
)  # fmt: skip
def test_the_config_says_whose_a_calendar_is(
    desk: Desk, read_as: str, meeting: str, days: str, solo: str, free: bool
) -> None:
    desk.reads('"Work"', f'{{ name = "Team", as = "{read_as}" }}')
    desk.add("Team", "Mon 09:00-11:00", "To a list", more=OTHERS)
    desk.add("Team", "Sat", "Bob away", more=BOB)
    desk.add("Team", "Sun 09:00-10:00", "Focus")
    desk.settle()
    assert desk.kinds() == {"To a list": meeting, "Bob away": days, "Focus": solo}
    assert ("Mon 09:00-11:00" in desk.blocks().values()) is free
    seen = desk.seen()
    assert measure_week(seen, seen.this_week).total("meeting") == (120 if read_as == "mine" else 0)


def test_what_a_calendar_was_read_as_first_is_kept(desk: Desk) -> None:
    desk.add("Private", "Mon 09:00-10:00", "Dentist")
    desk.apply()
    desk.add("Private", "Tue 09:00-10:00", "Club", more=OTHERS)
    assert desk.kinds() == {"Dentist": "busy", "Club": "meeting"}
    desk.reads('"Work"', '{ name = "Private", as = "others" }')
    assert desk.kinds() == {"Dentist": "others", "Club": "others"}, "the config says more"
    desk.reads('"Work"', '"Private"')
    assert desk.kinds() == {"Dentist": "busy", "Club": "meeting"}
    desk.lose_ledger()
    assert desk.kinds() == {"Dentist": "busy", "Club": "others"}, "judged anew"


def test_a_calendar_with_nothing_in_it_is_judged_when_there_is_something(desk: Desk) -> None:
    (desk.root / "Team").mkdir()
    desk.apply()
    desk.add("Team", "Tue 09:00-10:00", "Club", more=OTHERS)
    assert desk.kinds() == {"Club": "others"}


def test_what_one_day_shows_is_not_kept(desk: Desk, said: Said) -> None:
    desk.add("Team", "Tue 09:00-10:00", "Solo")
    desk.add("Team", "Wed 09:00-10:00", "Theirs", more=OTHERS)
    assert "busy" in said("agenda", "--from", "2026-12-01", "--to", "2026-12-01")
    assert desk.kinds() == {"Solo": "busy", "Theirs": "others"}


def test_check_calendars_and_agenda_say_what_is_read_as_what(desk: Desk, said: Said) -> None:
    desk.add("Team", "Tue 09:00-10:00", "Theirs", more=OTHERS)
    desk.add("Feiertage", "Wed", "Some day")
    steps = said("check")
    assert "read work/Team as others\n" in steps
    assert "read work/Feiertage as holidays\n" in steps
    assert "read work/Work\n" in steps
    rows = {line.split()[0]: line.split(maxsplit=2)[2].strip() for line in said("calendars").splitlines()}
    assert rows == {"work/Work": "write", "work/Team": "read as others", "work/Feiertage": "read as holidays"}
    agenda = said("agenda", "--json")
    assert '"counts_as": "others"' in agenda
    assert '"counts_as": "holiday"' in agenda


# -- holidays --------------------------------------------------------------------------------------------------------


def test_public_holidays_are_days_off(desk: Desk) -> None:
    """A fifth of the week, and so of the goal."""
    desk.add("Feiertage", "Tue", "Some day", more="TRANSP:TRANSPARENT\n")
    desk.settle()
    assert sum(o.event.span.minutes for o in desk.ours().values()) == 384 // 15 * 15
    assert all(not when.startswith("Tue") for when in desk.blocks().values())
    assert [e.counts_as for e in desk.seen().events] == [CountsAs.HOLIDAY]


def test_a_calendar_that_is_not_named_but_holds_holidays_is_read(desk: Desk) -> None:
    desk.reads('"Work"')
    desk.add("Holidays in Poland", "Tue", "Some day")
    desk.add("Team", "Wed", "Not read")
    assert desk.kinds() == {"Some day": "holiday"}


# -- copies ----------------------------------------------------------------------------------------------------------


def test_copies_of_meetings_count_once_and_go_once(desk: Desk) -> None:
    desk.configure("[policies.reflection]\nenabled = false\n[policies.focus]\nenabled = false\n", "horizon = '1d'")
    for calendar in ("Work", "Home"):
        desk.add(calendar, "Tue 09:00-12:00", "Budget", more=f"{GUESTS}RRULE:FREQ=WEEKLY;COUNT=2\n")
        desk.add(calendar, "Tue 13:00-16:30", "Audit", more=f"{GUESTS}RRULE:FREQ=WEEKLY;COUNT=2\n")
    plan = desk.settle()
    (flag,) = (c.draft.text for c in plan.changes if "day/2026-12-01" in c.draft.mark.key)  # type: ignore[union-attr]
    assert [flag.count(f"‘{title}’") for title in ("Budget", "Audit")] == [2, 2], "a step and its message"
    assert flag.count("– Skip once: Tue") == 2
    seen = desk.seen()
    assert measure_week(seen, seen.this_week).total("meeting") == 390


# -- days away that nobody called so ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("top", "title", "expected"),
    [
        pytest.param("", "Offsite", "away on 5 days: ‘Offsite’", id="a title that no list has"),
        pytest.param("", "On call", "", id="days at work"),
        pytest.param("", "Vacation", "", id="days away"),
        pytest.param("not_away_titles = ['off*']", "Offsite", "", id="days at work by the config"),
        pytest.param("away_titles = ['off*']", "Offsite", "", id="days away by the config"),
        pytest.param("not_away_titles = []", "On call", "away on 5 days: ‘On call’", id="without the defaults"),
    ],
)
def test_plan_says_for_what_the_user_is_taken_to_be_away(
    desk: Desk, said: Said, top: str, title: str, expected: str
) -> None:
    desk.configure(ONLY_FOCUS, f"horizon = '1d'\n{top}")
    desk.add("Work", "Mon..Sun", title)
    lines = [line for line in said("plan").splitlines() if "away on" in line]
    assert len(lines) == bool(expected)
    assert all(expected in line and "not_away_titles" in line and "away_titles" in line for line in lines)
    assert ("No place for" in said("plan")) is False
    assert bool(desk.plan().notes) is bool(expected)


def test_a_pause_is_said_already(desk: Desk) -> None:
    desk.add("Work", "Tue", "unbusy: pause")
    assert desk.plan().notes == ()


# -- invitations without an answer -----------------------------------------------------------------------------------


def test_an_all_day_invitation_without_an_answer_takes_nothing_away(desk: Desk) -> None:
    desk.apply()
    desk.add("Work", "Mon..Fri", "Offsite", more=ASKED)
    assert desk.changes() == []
    desk.add("Work", "Mon..Fri", "Offsite", more=ASKED.replace("NEEDS-ACTION", "ACCEPTED"))
    assert desk.changes() == [f"delete {key}" for key in FIRST]


@pytest.fixture(params=LOCAL)
def store(request: pytest.FixtureRequest) -> Store:
    return str(request.param)


def test_invitations_without_an_answer_move_a_block_once(tmp_path: Path, store: Store) -> None:
    life = Desk(tmp_path, top="horizon = '1d'", store=store)
    life.apply()
    places = [FIRST["2026-W49/3"]]
    for n in range(8):
        life.meet(places[-1], title=f"Invite {n}", more=ASKED)
        life.apply()
        assert life.changes() == []
        places.append(life.blocks()["2026-W49/3"])
    assert len(set(places)) == 2
    assert len(life.blocks()) == 4, "and it is not made twice"
    life.meet(places[-1], title="Board")
    life.apply()
    assert "2026-W49/3" not in life.blocks(), "what is accepted takes it away: it was moved before"


def test_a_block_that_was_not_moved_gives_way_to_an_invitation(desk: Desk) -> None:
    desk.apply()
    desk.meet("Wed 09:00-11:00", title="Invite", more=ASKED)
    assert desk.changes() == ["update 2026-W49/3 Fri 09:00-11:00"]


def test_an_invitation_cannot_say_ignore(desk: Desk) -> None:
    desk.meet("Mon 09:00-11:00", title="Sales #ignore", more=ASKED)
    desk.meet("Tue 09:00-11:00", title="Mine #ignore", more="")
    assert desk.kinds() == {"Sales #ignore": "meeting", "Mine #ignore": "ignored"}


# -- ours ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(f"ORGANIZER:mailto:{ME}", id="my address"),
        pytest.param("ORGANIZER:mailto:ada+cal@example.com", id="my address with a tag"),
        pytest.param("ORGANIZER;CN=Ada:invalid:nomail", id="nobody"),
        pytest.param("ORGANIZER:mailto:invalid:nomail", id="nobody by mail"),
        pytest.param("ATTENDEE;CUTYPE=ROOM:mailto:r1@example.com", id="a room"),
        pytest.param("ATTENDEE;CUTYPE=RESOURCE;ROLE=NON-PARTICIPANT:mailto:r1@example.com", id="a resource"),
    ],
)
def test_what_a_server_writes_into_one_of_ours_makes_it_nobody_elses(desk: Desk, line: str) -> None:
    desk.apply()
    name, _, value = line.partition(":")
    prop, *params = name.split(";")
    desk.edit("2026-W49/3", (prop, f"{''.join(f';{p}' for p in params)}:{value}"))
    assert desk.changes() == []
    assert desk.blocks() == FIRST
    pinned = Field.WHEN in desk.ours()["2026-W49/3"].edited
    assert pinned is (prop == "ATTENDEE"), "a room was booked for this time"


def test_somebody_elses_event_is_none_of_ours(desk: Desk) -> None:
    desk.apply()
    desk.edit("2026-W49/3", ("ORGANIZER", ":mailto:bob@example.com"))
    assert "2026-W49/3" not in desk.ours()


def test_the_names_of_read_as_are_those_of_the_config() -> None:
    assert [*ReadAs] == ["mine", "others", "busy", "holidays"]
