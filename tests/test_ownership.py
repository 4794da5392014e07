"""Who owns what: the worked examples of docs/architecture.md, on real files, with the ledger and without it.

Week 2026-W49, goal 8 h; Monday 07:00.  Four blocks of two hours stand on Monday to Thursday, 09:00 to 11:00.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from daemon import cycle
from daemon.journal import pages as journal
from daemon.ledger.sqlite.mirror import SqliteMirror
from daemon.ledger.sqlite.runs import SqliteRuns
from daemon.model.errors import UnbusyError
from daemon.model.ours.mark_line import write_mark
from daemon.model.owner import Field, Mark
from daemon.model.plan import Draft, Plan
from living import ONLY_FOCUS, Life, local, said
from making import ME, moment
from shelves import LOCAL, Store

ALARM = "BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:Soon\nTRIGGER:-PT15M\nEND:VALARM"

FIRST = [
    "create 2026-W49/1 Mon 09:00-11:00",
    "create 2026-W49/2 Tue 09:00-11:00",
    "create 2026-W49/3 Wed 09:00-11:00",
    "create 2026-W49/4 Thu 09:00-11:00",
]


@pytest.fixture
def life(tmp_path: Path, store: Store) -> Life:
    """The four blocks stand."""
    life = Life(tmp_path, top="horizon = '1d'", store=store)
    assert life.changes() == FIRST
    life.apply()
    return life


@pytest.fixture(params=["with the ledger", "without it"])
def forget(request: pytest.FixtureRequest) -> Callable[[Life], None]:
    """What happens to the ledger before the plan that is looked at."""
    return Life.lose_ledger if request.param == "without it" else lambda _: None


def settled(life: Life, forget: Callable[[Life], None]) -> Plan:
    """The plan after a run has seen what happened; a second one must want nothing more."""
    forget(life)
    plan = life.plan()
    life.apply()
    forget(life)
    assert life.changes() == []
    return plan


def test_nothing_happens(life: Life, forget: Callable[[Life], None]) -> None:
    assert settled(life, forget).changes == ()


def test_the_user_moves_a_block_within_the_week(life: Life, forget: Callable[[Life], None]) -> None:
    life.move("2026-W49/2", "Wed 14:00-16:00")
    assert settled(life, forget).changes == ()
    block = life.ours()["2026-W49/2"]
    assert block.edited == {Field.WHEN}
    assert local(block.event.when) == "Wed 14:00-16:00"


def test_the_user_moves_a_block_into_the_next_week(
    tmp_path: Path, store: Store, forget: Callable[[Life], None]
) -> None:
    life = Life(tmp_path, top="horizon = '7d'", store=store)
    life.apply()
    assert sum(k.startswith("2026-W50/") for k in life.ours()) == 4
    life.move("2026-W49/2", "Wed+1 14:00-16:00")
    settled(life, forget)
    standing = life.ours()
    assert local(standing["2026-W49/2"].event.when) == "Wed+1 14:00-16:00"
    assert sum(o.event.span.minutes for k, o in standing.items() if k.startswith("2026-W49/")) == 480
    assert sum(o.event.span.minutes for k, o in standing.items() if k.startswith("2026-W50/")) == 360


def test_the_user_deletes_a_block(life: Life, forget: Callable[[Life], None]) -> None:
    life.delete("2026-W49/2")
    assert life.apply().changes == ()
    forget(life)
    assert life.changes() == []
    assert "2026-W49/2" not in life.ours()


def test_what_has_its_day_as_its_key_does_not_come_back_either(tmp_path: Path) -> None:
    life = Life(tmp_path, top="horizon = '1d'", policies="[policies.overload]\nenabled = false\n", store="memory")
    life.now = moment("Wed 07:30")
    life.apply()
    life.delete("day/2026-12-02")
    life.apply()
    assert "day/2026-12-02" not in life.ours()


def test_hours_in_which_the_user_deleted_a_block_get_no_other(tmp_path: Path, store: Store) -> None:
    """A new one in the same hours would be the old one again; its day may have one in others."""
    life = Life(
        tmp_path, top="horizon = '1d'", store=store, policies=f"{ONLY_FOCUS}[policies.focus]\nshow_as = 'busy'\n"
    )
    for day in ("Mon", "Wed", "Thu", "Fri"):
        life.meet(f"{day} 09:00-17:30", title="Offsite")
    assert {local(c.when) for c in life.apply().changes} == {"Tue 09:00-11:00", "Tue 13:00-15:00"}
    for key in sorted(life.ours()):
        life.delete(key)
    assert [local(c.when) for c in life.apply().changes] == ["Tue 15:00-17:30"]
    life.delete("2026-W49/3")
    for _ in range(3):
        assert life.apply().changes == ()


def test_a_meeting_is_booked_over_a_block(life: Life, forget: Callable[[Life], None]) -> None:
    before = life.ours()["2026-W49/3"].event.ref.uid
    life.meet("Wed 08:30-12:00")
    forget(life)
    assert life.changes() == ["update 2026-W49/3 Fri 09:00-11:00"]
    assert "‘Meeting’ was booked over Wed 2 Dec 09:00–11:00" in life.plan().changes[0].reason
    settled(life, forget)
    assert life.ours()["2026-W49/3"].event.ref.uid == before


def test_a_block_that_was_booked_over_and_fits_nowhere_stays(life: Life, forget: Callable[[Life], None]) -> None:
    life.configure(ONLY_FOCUS + "[policies.focus]\nshow_as = 'free'\n", "horizon = '1d'")
    for day in ("Mon", "Tue", "Wed", "Thu", "Fri"):
        life.meet(f"{day} 11:00-17:30", title="Offsite")
    life.meet("Fri 09:00-11:00", title="Offsite")
    life.meet("Wed 09:00-11:00", title="Board")
    life.apply()
    plan = settled(life, forget)
    assert plan.changes == ()
    assert ("2026-W49/3", "Wed 2 Dec 09:00–11:00 is taken by ‘Board’") in [(u.key, u.reason) for u in plan.unplaced]
    assert local(life.ours()["2026-W49/3"].event.when) == "Wed 09:00-11:00"


def test_a_meeting_is_booked_over_a_block_that_the_user_had_moved(life: Life, forget: Callable[[Life], None]) -> None:
    """It stays where the user put it; the hour that is missing makes another block longer, and none of an hour."""
    life.move("2026-W49/2", "Tue 13:00-15:00")
    life.meet("Tue 13:00-14:00")
    forget(life)
    assert life.changes() == ["update 2026-W49/4 Thu 09:00-12:00"]
    settled(life, forget)
    assert local(life.ours()["2026-W49/2"].event.when) == "Tue 13:00-15:00"


def test_a_short_meeting_at_its_end_moves_a_block_whole(life: Life, forget: Callable[[Life], None]) -> None:
    life.meet("Wed 10:30-11:00")
    forget(life)
    assert life.changes() == ["update 2026-W49/3 Fri 09:00-11:00"]
    settled(life, forget)


def test_a_block_that_the_user_resized_is_left_alone(life: Life, forget: Callable[[Life], None]) -> None:
    life.move("2026-W49/3", "Wed 09:00-11:15")
    life.meet("Wed 10:30-11:00")
    assert settled(life, forget).changes == ()


def test_a_smaller_goal_and_back(life: Life) -> None:
    life.configure(ONLY_FOCUS + "[policies.focus]\nweekly_goal = '4h'\n", "horizon = '1d'")
    assert life.changes() == ["delete 2026-W49/3", "delete 2026-W49/4"]
    life.apply()
    life.configure(top="horizon = '1d'")
    assert life.changes() == ["create 2026-W49/5 Wed 09:00-11:00", "create 2026-W49/6 Thu 09:00-11:00"]
    life.apply()
    assert life.changes() == []


def test_nothing_in_the_freeze_is_taken_away(life: Life) -> None:
    life.configure(ONLY_FOCUS + "[policies.focus]\nenabled = false\n", "horizon = '1d'")
    assert life.changes() == ["delete 2026-W49/3", "delete 2026-W49/4"]


def test_the_user_swaps_two_blocks(life: Life, forget: Callable[[Life], None]) -> None:
    life.move("2026-W49/2", "Wed 09:00-11:00")
    life.move("2026-W49/3", "Tue 09:00-11:00")
    assert settled(life, forget).changes == ()


def test_the_user_copies_a_block(life: Life, forget: Callable[[Life], None]) -> None:
    """The copy carries our mark under another UID: it is a focus block made by hand, and counts."""
    name = life.name("2026-W49/3")
    text = life.get(name).decode().replace(f"UID:{name.removesuffix('.ics')}", "UID:copy-of-a-block")
    at_two = text.replace("T090000", "T140000").replace("T110000", "T160000").encode()
    assert at_two != text.encode()
    life.put("copy.ics", at_two)
    plan = settled(life, forget)
    assert [type(c).__name__ for c in plan.changes] == ["Delete"]  # eight hours are reached without one of ours
    assert life.get("copy.ics") == at_two


def test_the_week_rolls_over(life: Life, forget: Callable[[Life], None]) -> None:
    life.now = life.now.replace(day=7, month=12)
    forget(life)
    assert life.changes() == [f"create 2026-W50/{n} {day}+1 09:00-11:00" for n, day in
                              enumerate(("Mon", "Tue", "Wed", "Thu"), 1)]  # fmt: skip
    settled(life, forget)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param(("SUMMARY", "Write the strategy"), Field.TITLE, id="retitled"),
        pytest.param(("TRANSP", "OPAQUE"), Field.SHOW_AS, id="blocked"),
        pytest.param(("COLOR", "red"), Field.COLOUR, id="recoloured"),
        pytest.param(("DESCRIPTION", "Stopped at chapter two"), Field.TEXT, id="typed into"),
        pytest.param(("X-NOTE", f"1\n{ALARM}"), Field.REMINDER, id="given a reminder"),
    ],
)
def test_what_the_user_edits_is_the_users(
    life: Life, forget: Callable[[Life], None], change: tuple[str, str], field: Field
) -> None:
    life.edit("2026-W49/4", change)
    before = life.get(life.name("2026-W49/4"))
    assert settled(life, forget).changes == ()
    assert life.ours()["2026-W49/4"].edited == {field}
    life.configure(ONLY_FOCUS + "[policies.focus]\nenabled = false\n", "horizon = '1d'")
    assert "delete 2026-W49/4" not in life.changes()
    assert life.get(life.name("2026-W49/4")) == before


def test_other_fields_are_still_written_beside_one_that_is_the_users(
    life: Life, forget: Callable[[Life], None]
) -> None:
    life.edit("2026-W49/3", ("SUMMARY", "Write the strategy"))
    life.meet("Wed 08:30-12:00")
    forget(life)
    assert life.changes() == ["update 2026-W49/3 Fri 09:00-11:00"]
    settled(life, forget)
    assert life.ours()["2026-W49/3"].event.summary == "Write the strategy"


@pytest.mark.parametrize(
    "rewrite",
    [
        pytest.param(lambda text: text.replace("\r\n", "\n"), id="line ends"),
        pytest.param(lambda text: text.replace("SEQUENCE:0", "SEQUENCE:7"), id="SEQUENCE"),
        pytest.param(
            lambda text: "\r\n".join(_reordered(text.replace("\r\n ", "").split("\r\n"))), id="order and folds"
        ),
        pytest.param(lambda text: text.replace("SUMMARY:Focus", "SUMMARY:Focus "), id="trailing space"),
        pytest.param(lambda text: text.replace("DTSTAMP:2", "DTSTAMP:3"), id="DTSTAMP"),
        pytest.param(
            lambda text: text.replace("END:VEVENT", "CATEGORIES:a\r\nCATEGORIES:b,c\r\nEND:VEVENT"), id="CATEGORIES"
        ),
        pytest.param(
            lambda text: text.replace("\r\n ", "").replace("\\n", "<br>").replace("& ", "&amp\\; "),
            id="HTML made of the description",
        ),
        pytest.param(
            lambda text: (
                text.replace("\r\n ", "").replace("DESCRIPTION:", "DESCRIPTION:<html><body>").replace("\\n", "<br/>\\n")
            ),
            id="HTML around the description",
        ),
    ],
)
def test_what_other_clients_rewrite_is_no_edit(
    life: Life, forget: Callable[[Life], None], rewrite: Callable[[str], str]
) -> None:
    name = life.name("2026-W49/3")
    text = life.get(name).decode()
    assert rewrite(text) != text
    life.put(name, rewrite(text).encode())
    assert settled(life, forget).changes == ()
    assert life.ours()["2026-W49/3"].edited == set()


def _reordered(lines: list[str]) -> list[str]:
    start, end = lines.index("BEGIN:VEVENT") + 1, lines.index("END:VEVENT")
    return [*lines[:start], *sorted(lines[start:end], reverse=True), *lines[end:]]


def mark_line(life: Life, key: str) -> str:
    text = life.get(life.name(key)).decode().replace("\r\n ", "")
    return next(line for line in text.split("\r\n") if line.startswith("X-UNBUSY"))


def test_a_mark_that_was_forged_is_foreign(life: Life) -> None:
    """Somebody else's event with our mark under its own UID is not touched, whatever the policies want."""
    uid = life.meet("Fri 09:00-11:00", title="Forged", more=f"{mark_line(life, '2026-W49/4')}\n")
    before = life.get(f"{uid}.ics")
    life.configure(ONLY_FOCUS + "[policies.focus]\nenabled = false\n", "horizon = '1d'")
    life.apply()
    assert life.get(f"{uid}.ics") == before


def test_the_number_of_a_block_that_has_guests_now_is_not_given_again(
    life: Life, forget: Callable[[Life], None]
) -> None:  # fmt: skip
    """It is no longer ours, but its UID is taken: another block comes under another number."""
    life.edit("2026-W49/3", ("ORGANIZER", f"mailto:{ME}"), ("ATTENDEE", "mailto:p1@example.com"), ("TRANSP", "OPAQUE"))
    forget(life)
    assert [said(c).split()[:2] for c in life.plan().changes] == [["create", "2026-W49/5"]]
    settled(life, forget)
    assert {f"2026-W49/{n}" for n in (1, 2, 4, 5)} == life.ours().keys()


def test_a_colleagues_unbusy_is_foreign(life: Life) -> None:
    """Another owner's event in our calendar, in every way as it would be written, is nobody's business."""
    other = Mark("ben@example.com", "focus", "2026-W49/9", 0, life.ours()["2026-W49/4"].mark.base)
    life.meet("Fri 09:00-11:00", title="Focus", uid=other.uid, more=f"X-UNBUSY:{write_mark(other)}\n")
    before = life.get(f"{other.uid}.ics")
    life.configure(ONLY_FOCUS + "[policies.focus]\nenabled = false\n", "horizon = '1d'")
    life.apply()
    assert life.get(f"{other.uid}.ics") == before
    assert "2026-W49/9" not in life.ours()


# -- the remaining rows of the table of cases -------------------------------------------------------------------------


def test_what_is_as_last_asked_for_again_is_ours_again(life: Life, forget: Callable[[Life], None]) -> None:
    life.move("2026-W49/4", "Fri 13:00-15:00")
    life.apply()
    assert life.ours()["2026-W49/4"].pinned
    life.move("2026-W49/4", "Thu 09:00-11:00")
    assert settled(life, forget).changes == ()
    assert life.ours()["2026-W49/4"].edited == set()
    life.meet("Thu 08:30-12:00")
    assert life.changes() == ["update 2026-W49/4 Fri 09:00-11:00"]


def test_the_base_stays_while_other_fields_are_written(life: Life) -> None:
    life.edit("2026-W49/4", ("SUMMARY", "Strategy"))
    before = life.ours()["2026-W49/4"].mark.base[Field.TITLE]
    life.meet("Thu 08:30-12:00")
    life.apply()
    assert life.ours()["2026-W49/4"].mark.base[Field.TITLE] == before


def test_a_deletion_is_noted_with_its_minutes_in_ledger_and_journal(life: Life) -> None:
    life.delete("2026-W49/2")
    life.apply()
    with life.runtime() as runtime:
        row = runtime.ledger.own.rows()["focus", "2026-W49/2"]
        assert (row.status, row.minutes) == ("skipped", 120)
        assert [(s.policy, s.key, s.minutes) for s in journal.read_skips(runtime.journal)] == [
            ("focus", "2026-W49/2", 120)
        ]


def test_a_deleted_event_that_the_user_restores_is_ours_again(life: Life, forget: Callable[[Life], None]) -> None:
    name = life.name("2026-W49/2")
    payload = life.get(name)
    life.delete("2026-W49/2")
    life.apply()
    life.put(name, payload)
    assert settled(life, forget).changes == ()
    assert "2026-W49/2" in life.ours()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param([("DTSTART", "20270301T090000Z"), ("DTEND", "20270301T110000Z")], id="in a later month"),
        pytest.param([("DTSTART", "20260601T090000Z"), ("DTEND", "20260601T110000Z")], id="in an earlier month"),
        pytest.param([("ORGANIZER", f"mailto:{ME}"), ("ATTENDEE", "mailto:p1@example.com")], id="with a guest"),
    ],
)
def test_the_user_deletes_one_of_ours_that_could_not_be_seen(
    tmp_path: Path, store: Store, forget: Callable[[Life], None], change: list[tuple[str, str]]
) -> None:
    """A new ledger has taken note of it all the same: it does not come back on its day."""
    life = Life(tmp_path, top="horizon = '1d'", policies="[policies.overload]\nenabled = false\n", store=store)
    life.now = moment("Wed 07:30")
    life.apply()
    name = life.name("day/2026-12-02")
    life.edit("day/2026-12-02", *change)
    forget(life)
    life.apply()
    life.remove(name)
    assert "day/2026-12-02" not in " ".join(life.changes())
    life.apply()
    forget(life)
    assert "day/2026-12-02" not in " ".join(life.changes())
    assert name not in life.names()


@pytest.mark.parametrize("written", [False, True], ids=["before the write", "after the write"])
def test_a_crash_between_intent_and_outcome(life: Life, forget: Callable[[Life], None], *, written: bool) -> None:
    """The same event again, under the same UID: never a second one, and never a skip.

    Where the ledger is lost besides, a block that was never written cannot be told from one that the user deleted:
    the mark of the one that was written names both.
    """
    life.meet("Thu 08:30-12:00", uid="board")
    life.delete("2026-W49/4")
    life.apply()
    life.configure(ONLY_FOCUS + "[policies.focus]\nweekly_goal = '12h'\n", "horizon = '1d'")
    expected = life.changes()
    assert expected
    with pytest.raises(KeyboardInterrupt):
        crash(life, written=written)
    forget(life)
    life.apply()
    assert life.changes() == []
    names = [n for n in life.names() if n.startswith("unbusy-")]
    lost = 1 if written and forget is Life.lose_ledger else 0
    assert len(names) == len(life.ours()) == 3 + len(expected) - lost


@pytest.mark.parametrize(
    ("part", "effect"), [(SqliteMirror, "drop_resource"), (SqliteRuns, "conclude"), (SqliteRuns, "intend")]
)
def test_a_ledger_that_fails_beside_a_write_makes_no_skip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: type, effect: str
) -> None:
    """What unbusy had deleted itself comes back when it is wanted again."""
    life = Life(tmp_path, top="horizon = '1d'", store="memory")
    life.apply()
    life.configure(ONLY_FOCUS + "[policies.focus]\nweekly_goal = '4h'\n", "horizon = '1d'")

    def fails(*_: object) -> None:
        raise UnbusyError("cannot use the ledger: disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr(part, effect, fails)
        with pytest.raises(UnbusyError, match="disk I/O"):
            life.apply()
    life.apply()
    assert len(life.ours()) == 2
    life.configure(ONLY_FOCUS, "horizon = '1d'")
    life.apply()
    assert len(life.ours()) == 4
    with life.runtime() as runtime:
        assert journal.read_skips(runtime.journal) == ()


def crash(life: Life, *, written: bool) -> None:
    """A run that dies at its first write."""
    with life.runtime() as runtime:
        connector = runtime.connectors["work"]

        class Dying:
            def __getattr__(self, name: str) -> object:
                return getattr(connector, name)

            def create(self, draft: Draft) -> None:
                if written:
                    connector.create(draft)
                raise KeyboardInterrupt

        dying = replace(runtime, connectors={"work": Dying()})
        cycle.carry_out(dying, cycle.plan(runtime, life.now), life.now, command="apply")


def test_two_writers_of_one_event_do_not_fight_for_ever(life: Life) -> None:
    """Another program puts its old copy back, mark and all, each time that we have written."""
    name = life.name("2026-W49/3")
    old = life.get(name)
    life.meet("Wed 08:30-12:00")
    for _ in range(3):
        assert [said(c) for c in life.apply().changes] == ["update 2026-W49/3 Fri 09:00-11:00"]
        life.put(name, old)
    plan = life.apply()
    assert plan.changes == ()
    (problem,) = plan.problems
    assert "has rewritten ‘Focus’ (focus 2026-W49/3) 3 times within a day; it is left as it is" in problem.what
    assert life.get(name) == old
    life.now += timedelta(days=1, hours=1)
    assert "update 2026-W49/3 Fri 09:00-11:00" in life.changes()


def test_one_that_is_restored_each_time_is_left_at_last(life: Life) -> None:
    life.configure(ONLY_FOCUS + "[policies.focus]\nweekly_goal = '6h'\n", "horizon = '1d'")
    name = life.name("2026-W49/4")
    old = life.get(name)
    for _ in range(3):
        assert [said(c) for c in life.apply().changes] == ["delete 2026-W49/4"]
        life.put(name, old)
    assert life.apply().changes == ()
    assert life.get(name) == old


@pytest.mark.parametrize("store", LOCAL)  # servers refuse such content
def test_what_cannot_be_read_is_frozen(life: Life, forget: Callable[[Life], None]) -> None:
    name = life.name("2026-W49/4")
    payload = life.get(name)
    life.put(name, payload[: len(payload) // 2])
    assert [c for c in settled(life, lambda _: None).changes if "W49/4" in said(c)] == []
    life.put(name, payload)
    assert settled(life, forget).changes == ()
    assert "2026-W49/4" in life.ours()
