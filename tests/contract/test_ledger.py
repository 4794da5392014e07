"""What every ledger must be able to do, whatever it keeps its things in (`daemon.ledger.ports`).

That of one user in a file, that of a company's leaders in PostgreSQL, and one in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from clusters import Kept
from daemon.ledger import Ledger, OwnRow, open_ledger
from daemon.model.owner import Field, Mark, OwnState
from daemon.model.protocols import CalendarInfo, Changes, Peek
from daemon.model.snapshot import Skip
from daemon.model.user.taken_back import Noted, TakenBack
from recording import CHANGE, FAR, HOME, LATER, MARK, NOW, ROW, TODAY, WORK, everything, found, known, state, store
from remembering import InMemory

Opening = Callable[[], Ledger]
"""Opens the same ledger, as another process does."""


@pytest.fixture(params=["in a file", "in PostgreSQL", "in memory"])
def opening(request: pytest.FixtureRequest, tmp_path: Path) -> Opening:
    if request.param == "in PostgreSQL":
        leader: Kept = request.getfixturevalue("leader")
        return leader.ledger
    memory = InMemory()
    return (lambda: open_ledger(tmp_path, wait=0)) if request.param == "in a file" else lambda: memory


@pytest.fixture
def ledger(opening: Opening) -> Iterator[Ledger]:
    with closing(opening()) as ledger:
        yield ledger


# -- the mirror -------------------------------------------------------------------------------------------------------


def test_what_was_read_is_kept(ledger: Ledger) -> None:
    store(ledger, found("a.ics", "1"), found("b.ics", "7"), state="token 1")
    store(ledger, found("a.ics", calendar=HOME), calendar=HOME)
    assert (known(ledger), state(ledger)) == ({"a.ics": "1", "b.ics": "7"}, "token 1")
    assert list(ledger.mirror.resources(WORK, TODAY, TODAY)) == [found("a.ics", "1"), found("b.ics", "7")]
    assert ledger.mirror.resource(found("b.ics", "7").ref) == found("b.ics", "7")
    assert ledger.mirror.read_at(WORK) == NOW
    assert ledger.mirror.calendars("work") == (CalendarInfo(id=HOME, name="Home"), CalendarInfo(id=WORK, name="Work"))


def test_of_what_was_never_read_nothing_is_known(ledger: Ledger) -> None:
    store(ledger, found("a.ics"))
    assert (known(ledger, "work/Other"), state(ledger, "work/Other")) == ({}, "")
    assert ledger.mirror.read_at("work/Other") is None
    assert list(ledger.mirror.resources("work/Other", TODAY, TODAY)) == []
    assert ledger.mirror.calendars("wor") == ledger.mirror.calendars("%") == ledger.mirror.calendars("w_rk") == ()


def test_only_what_is_present_stays(ledger: Ledger) -> None:
    store(ledger, found("a.ics"), found("b.ics"), found("c.ics"))
    store(ledger, found("a.ics", calendar=HOME), calendar=HOME)
    store(ledger, found("b.ics", "2"), found("d.ics"), present=["c.ics"])
    assert known(ledger) == {"b.ics": "2", "c.ics": "1", "d.ics": "1"}
    assert known(ledger, HOME) == {"a.ics": "1"}
    store(ledger)
    assert known(ledger) == {}


OLD, NEW = TODAY - 30, TODAY + 30


@pytest.mark.parametrize(
    ("peek", "kept"),
    [
        pytest.param(Peek(first=OLD, last=TODAY - 1), False, id="ended the day before"),
        pytest.param(Peek(first=OLD, last=TODAY), True, id="ends on that day"),
        pytest.param(Peek(first=NEW, last=NEW), True, id="lies ahead"),
        pytest.param(Peek(first=OLD, last=None), True, id="end unknown"),
        pytest.param(Peek(), True, id="nothing known"),
        pytest.param(Peek(first=OLD, last=OLD, name=MARK.digits, mark=MARK), True, id="ours, however old"),
    ],
)
def test_a_payload_that_ended_before_the_window_is_not_kept(ledger: Ledger, peek: Peek, kept: bool) -> None:
    store(ledger, found("a.ics"), peeks=[peek], since=TODAY)
    assert known(ledger) == {"a.ics": "1"}
    assert (ledger.mirror.resource(found("a.ics").ref) is not None) is kept
    assert bool(list(ledger.mirror.resources(WORK, OLD, NEW))) is kept


@pytest.mark.parametrize(
    ("since", "there"),
    [
        pytest.param(TODAY, {"old.ics", "new.ics"}, id="the same window"),
        pytest.param(NEW, {"old.ics", "new.ics"}, id="a later window"),
        pytest.param(OLD + 1, {"old.ics", "new.ics"}, id="from the day after its end"),
        pytest.param(OLD, {"new.ics"}, id="from its last day"),
    ],
)
def test_what_an_earlier_window_needs_is_read_again(ledger: Ledger, since: int, there: set[str]) -> None:
    peeks = [Peek(first=OLD, last=OLD), Peek(first=NEW, last=NEW)]
    store(ledger, found("old.ics"), found("new.ics"), peeks=peeks, since=TODAY, state="token")
    assert known(ledger, WORK, since) == dict.fromkeys(there, "1")
    assert state(ledger, WORK, since) == ("token" if since >= TODAY else "")


@pytest.mark.parametrize(
    ("peek", "seen"),
    [
        pytest.param(Peek(first=10, last=19), False, id="before"),
        pytest.param(Peek(first=10, last=20), True, id="reaches into the first day"),
        pytest.param(Peek(first=30, last=40), True, id="begins on the last day"),
        pytest.param(Peek(first=31, last=40), False, id="after"),
        pytest.param(Peek(first=10, last=40), True, id="all over it"),
        pytest.param(Peek(first=None, last=19), False, id="ended, beginning unknown"),
        pytest.param(Peek(first=10, last=None), True, id="begun, end unknown"),
        pytest.param(Peek(first=31, last=None), False, id="begins later, end unknown"),
        pytest.param(Peek(), True, id="nothing known"),
    ],
)
def test_the_resources_of_a_window(ledger: Ledger, peek: Peek, seen: bool) -> None:
    store(ledger, found("a.ics"), peeks=[peek])
    assert bool(list(ledger.mirror.resources(WORK, 20, 30))) is seen


def test_many_resources_come_once_and_in_order(ledger: Ledger) -> None:
    many = [found(f"{n:05}.ics", version=str(n % 7), payload=str(n).encode()) for n in range(1_203)]
    store(ledger, *reversed(many))
    assert list(ledger.mirror.resources(WORK, TODAY, TODAY)) == many


def test_others_may_write_while_resources_are_looked_at(ledger: Ledger, opening: Opening) -> None:
    store(ledger, found("a.ics"), found("b.ics"))
    some = ledger.mirror.resources(WORK, TODAY, TODAY)
    next(some)
    with closing(opening()) as other:
        store(other, found("c.ics"))
    assert known(ledger) == {"c.ics": "1"}


@pytest.mark.parametrize("size", [10, 2**21], ids=["little comes", "so much comes that some of it is written"])
def test_others_may_write_while_a_calendar_is_read(ledger: Ledger, opening: Opening, size: int) -> None:
    """A slow server holds nobody up."""
    store(ledger, found("a.ics"), found("b.ics"), state="token")
    intake = ledger.mirror.intake(WORK, 0)
    assert intake.versions() == {"a.ics": "1", "b.ics": "1"}
    for n in range(3):
        with closing(opening()) as other:
            other.drawer.put("a", str(n))
            other.mirror.put_resource(found(f"unbusy-{n}.ics"), Peek(mark=MARK))
        intake.put(found(f"{n}.ics", payload=b"x" * size), Peek())
    present = frozenset({"a.ics", "0.ics", "1.ics", "2.ics", "unbusy-2.ics"})
    intake.commit("Work", Changes(changed=(), present=present), "token 2", LATER)
    assert (known(ledger).keys(), state(ledger)) == (present, "token 2")
    assert ledger.drawer.get("a") == "2"


def test_a_reading_that_ends_in_the_middle_is_begun_anew(ledger: Ledger) -> None:
    """Whether some of it was written or not: what is there is as it was read, and no state says that it is all."""
    store(ledger, found("a.ics"), found("b.ics"), state="token")
    intake = ledger.mirror.intake(WORK, 0)
    for n in range(3):
        intake.put(found(f"{n}.ics", payload=b"x" * 2**21), Peek())
    written = known(ledger).keys() - {"a.ics", "b.ics"}
    assert state(ledger) == ("" if written else "token")
    assert {"a.ics": "1", "b.ics": "1"}.items() <= known(ledger).items()
    assert ledger.mirror.read_at(WORK) == NOW


def test_a_resource_in_another_version_is_not_the_one_that_was_asked_for(ledger: Ledger) -> None:
    store(ledger, found("a.ics", "2"))
    assert ledger.mirror.resource(found("a.ics", "1").ref) is None


def test_our_own_writes_are_mirrored(ledger: Ledger) -> None:
    store(ledger, found("a.ics"), state="token")
    ledger.mirror.put_resource(found("unbusy-1.ics", "2"), Peek(first=OLD, last=OLD, name=MARK.digits, mark=MARK))
    assert ledger.mirror.marked([WORK, HOME], [ADA]) == [(("focus", "2026-W49/1"), found("unbusy-1.ics", "2"))]
    ledger.mirror.drop_resource(found("unbusy-1.ics", "3").ref)
    assert (known(ledger), state(ledger)) == ({"a.ics": "1"}, "token")


ADA = MARK.owner


def test_ours_are_found_in_the_calendars_that_are_asked_for(ledger: Ledger) -> None:
    other = Peek(mark=Mark(ADA, "lunch", "day/2026-12-01", 0, {}))
    store(ledger, found("b.ics"), found("a.ics"), found("c.ics"), peeks=[Peek(mark=MARK), other, Peek()])
    store(ledger, found("d.ics", calendar=HOME), peeks=[Peek(mark=MARK)], calendar=HOME)
    in_work = [(("focus", "2026-W49/1"), found("b.ics")), (("lunch", "day/2026-12-01"), found("a.ics"))]
    in_home = [(("focus", "2026-W49/1"), found("d.ics", calendar=HOME))]
    assert ledger.mirror.marked([WORK], [ADA]) == in_work
    assert ledger.mirror.marked([], [ADA]) == []
    assert ledger.mirror.marked([WORK, HOME], [ADA]) == [*in_home, *in_work]


def test_ours_are_those_of_the_owners_that_are_asked_for(ledger: Ledger) -> None:
    marks = [Mark(owner, *MARK.wish, 0, {}) for owner in (ADA, "bob@example.com", "ada@old.example.com")]
    store(ledger, found("a.ics"), found("b.ics"), found("c.ics"), peeks=[Peek(name="0", mark=m) for m in marks])
    wish = ("focus", "2026-W49/1")
    assert ledger.mirror.marked([WORK], [ADA]) == [(wish, found("a.ics"))]
    assert ledger.mirror.marked([WORK], [ADA, marks[2].owner]) == [(wish, found("a.ics")), (wish, found("c.ics"))]
    assert ledger.mirror.marked([WORK], []) == []


def test_what_is_named_as_ours_are_and_has_no_mark_is_found_however_old(ledger: Ledger) -> None:
    peeks = [Peek(first=OLD, last=OLD, name="0v"), Peek(first=OLD, last=OLD), Peek(name=MARK.digits, mark=MARK)]
    store(ledger, found("b.ics"), found("a.ics"), found("c.ics"), peeks=peeks, since=TODAY)
    assert ledger.mirror.unmarked([WORK]) == [("0v", found("b.ics"))]
    assert ledger.mirror.unmarked([HOME]) == []


def test_a_reading_without_news(ledger: Ledger) -> None:
    store(ledger, found("a.ics"), state="token")
    store(ledger, present=["a.ics"], state="token", now=LATER)
    assert ledger.mirror.read_at(WORK) == LATER
    assert (known(ledger), state(ledger)) == ({"a.ics": "1"}, "token")


def test_a_reading_in_which_nothing_at_all_has_changed(ledger: Ledger) -> None:
    store(ledger, found("a.ics"), state="token")
    before = everything(ledger)
    ledger.mirror.intake(WORK, 0).commit("Work", Changes(changed=(), present=None), "token", NOW)
    assert everything(ledger) == before


def test_a_calendar_that_was_read_in_part_was_not_read_in_full(ledger: Ledger) -> None:
    """What was put is there, and nothing is said of the rest but that it has to be fetched."""
    present = frozenset({"a.ics", "b.ics"})

    def part() -> None:
        intake = ledger.mirror.intake(WORK, 0)
        intake.put(found("a.ics"), Peek())
        intake.commit("Work", Changes(changed=(), present=present), "", None)

    part()
    assert (known(ledger), ledger.mirror.read_at(WORK)) == ({"a.ics": "1"}, None)
    assert [c.id for c in ledger.mirror.calendars("work")] == [WORK]
    assert list(ledger.mirror.resources(WORK, 0, FAR)) == [found("a.ics")]
    store(ledger, found("b.ics"), present=["a.ics", "b.ics"], state="token")
    assert (known(ledger), ledger.mirror.read_at(WORK)) == ({"a.ics": "1", "b.ics": "1"}, NOW)
    part()
    assert (state(ledger), ledger.mirror.read_at(WORK)) == ("", NOW)


def test_what_another_put_in_meanwhile_goes_with_the_end_of_the_reading(ledger: Ledger, opening: Opening) -> None:
    store(ledger, found("a.ics"))
    intake = ledger.mirror.intake(WORK, 0)
    assert intake.versions() == {"a.ics": "1"}
    with closing(opening()) as other:
        other.mirror.put_resource(found("b.ics"), Peek())
    intake.commit("Work", Changes(changed=(), present=frozenset({"a.ics"})), "", LATER)
    assert known(ledger) == {"a.ics": "1"}


def test_a_calendar_that_is_gone_for_good_is_forgotten(ledger: Ledger) -> None:
    store(ledger, found("a.ics", calendar=HOME), calendar=HOME)
    before = everything(ledger)
    store(ledger, found("a.ics"), state="token")
    ledger.mirror.forget(WORK)
    assert everything(ledger) == before


def test_a_reading_that_fails_half_way_changes_nothing(ledger: Ledger) -> None:
    store(ledger, found("a.ics"), state="token")
    before = everything(ledger)
    with pytest.raises(ValueError, match="shorter"):
        store(ledger, found("a.ics", "2"), found("b.ics"), peeks=[Peek()], state="token 2")
    assert everything(ledger) == before


def test_ten_thousand_resources(ledger: Ledger) -> None:
    many = [found(f"{n:05}.ics", payload=b"x" * 1_000) for n in range(10_000)]
    peeks = [Peek(first=n, last=n) for n in range(10_000)]
    store(ledger, *many, peeks=peeks)
    assert len(known(ledger)) == 10_000
    assert sum(1 for _ in ledger.mirror.resources(WORK, 0, 500)) == 501


# -- ours -------------------------------------------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SEEN = (OwnState.EDITED, OwnState.PINNED, OwnState.BOOKED_OVER, OwnState.UNSEEN)
"""What only the calendar says."""
backs = st.builds(
    TakenBack, on=st.dates(), digest=texts, run=st.integers(0, 99),
    fields=st.dictionaries(st.sampled_from(Field), texts),
)  # fmt: skip
rows = st.builds(
    OwnRow,
    policy=texts,
    key=texts,
    generation=st.integers(0, 99),
    status=st.sampled_from([s for s in OwnState if s not in SEEN]),
    calendar=texts,
    title=texts,
    day=st.dates(),
    minutes=st.integers(0, 10_080),
    text_day=st.none() | st.dates(),
    read_back=st.none() | st.dictionaries(st.sampled_from(Field), texts, min_size=1),
    taken_back=st.none() | backs,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(known=st.lists(rows, max_size=5, unique_by=lambda r: (r.policy, r.key)))
def test_what_is_known_of_our_wishes_comes_back_as_it_was(ledger: Ledger, known: list[OwnRow]) -> None:
    ledger.own.remember(known)
    came_back = ledger.own.rows()
    for row in known:
        assert came_back[row.policy, row.key] == row


def test_one_row_for_each_wish(ledger: Ledger) -> None:
    ledger.own.remember([ROW, replace(ROW, key="2026-W49/2")])
    ledger.own.remember([replace(ROW, status=OwnState.WITHDRAWN)])
    ledger.own.remember([])
    assert [(r.key, r.status) for r in ledger.own.rows().values()] == [
        ("2026-W49/1", OwnState.WITHDRAWN),
        ("2026-W49/2", OwnState.STANDING),
    ]


def test_a_ledger_is_new_until_the_skips_are_taken_up(opening: Opening) -> None:
    skip = Skip("focus", "2026-W49/1", date(2026, 12, 1), 120)
    with closing(opening()) as ledger:
        assert ledger.own.fresh
    with closing(opening()) as ledger:
        assert ledger.own.fresh
        ledger.own.take_up([skip])
        row = ledger.own.rows()["focus", "2026-W49/1"]
        assert (row.status, row.day, row.minutes) == (OwnState.SKIPPED, skip.day, skip.minutes)
    with closing(opening()) as ledger:
        assert not ledger.own.fresh


def test_what_was_taken_back_is_taken_up_and_a_skip_counts_for_more(ledger: Ledger) -> None:
    whole = TakenBack(on=date(2026, 11, 30), digest="0a")
    part = TakenBack(on=date(2026, 11, 30), digest="0a", fields={Field.WHEN: "x"})
    noted = {"a": whole, "b": part, "c": None, "d": whole, "e": part}
    day = date(2026, 12, 1)
    ledger.own.take_up(
        [Skip("focus", key, day, 60) for key in "de"],
        [
            Noted(policy="focus", key=key, generation=3, day=day, minutes=60, taken_back=back)
            for key, back in noted.items()
        ],
    )
    own = ledger.own.rows()
    assert {key: (own["focus", key].status, own["focus", key].taken_back) for key in noted} == {
        "a": (OwnState.TAKEN_BACK, whole),
        "b": (OwnState.WITHDRAWN, part),
        "c": (OwnState.WITHDRAWN, None),
        "d": (OwnState.SKIPPED, None),
        "e": (OwnState.SKIPPED, part),
    }
    assert {row.generation for row in own.values()} == {3}


def test_no_skips_are_taken_up_too(ledger: Ledger) -> None:
    ledger.own.take_up([])
    assert not ledger.own.fresh


# -- runs -------------------------------------------------------------------------------------------------------------


def test_a_run_with_its_changes(ledger: Ledger) -> None:
    ledger.own.remember([ROW])
    run = ledger.runs.begin("undo 7", NOW, undoes=7)
    ledger.runs.intend(run, 0, CHANGE, replace(ROW, status=OwnState.INTENDED))
    assert ledger.own.rows()["focus", "2026-W49/1"].status == OwnState.INTENDED
    ledger.runs.conclude(run, 0, "done", replace(ROW, title="Denken"))
    assert ledger.own.rows()["focus", "2026-W49/1"] == replace(ROW, title="Denken")
    ledger.runs.intend(run, 1, replace(CHANGE, action="delete", key="2026-W49/2"), None)
    ledger.runs.finish(run, "stopped half-way")
    (last,) = ledger.runs.latest(5)
    assert (last.id, last.at, last.command, last.outcome) == (run, NOW, "undo 7", "stopped half-way")
    assert last.undoes == 7
    done, begun = last.changes
    assert done == replace(CHANGE, outcome="done")
    assert (begun.action, begun.key, begun.outcome) == ("delete", "2026-W49/2", "")


def test_the_newest_runs_come_first(ledger: Ledger) -> None:
    for command in ("one", "two", "three"):
        run = ledger.runs.begin(command, NOW)
        ledger.runs.intend(run, 0, CHANGE, None)
        ledger.runs.finish(run, "done")
    assert [r.command for r in ledger.runs.latest(2)] == ["three", "two"]


@pytest.mark.parametrize("before", [None, ROW], ids=["nothing stood before", "a row stood before"])
def test_a_retracted_intent_leaves_no_trace(ledger: Ledger, before: OwnRow | None) -> None:
    run = ledger.runs.begin("apply", NOW)
    ledger.runs.intend(run, 0, CHANGE, replace(ROW, key="2026-W49/9"))
    if before:
        ledger.own.remember([before])
    trace = everything(ledger)
    ledger.runs.intend(run, 1, CHANGE, replace(ROW, status=OwnState.INTENDED, title="Denken"))
    assert everything(ledger) != trace
    ledger.runs.retract(run, 1, before, (ROW.policy, ROW.key))
    assert everything(ledger) == trace


def test_what_was_done_since(ledger: Ledger) -> None:
    changes = [("done", CHANGE), ("lost race", CHANGE), ("done", replace(CHANGE, policy="overload"))]
    for at in (NOW - timedelta(days=2), NOW, NOW + timedelta(hours=1)):
        run = ledger.runs.begin("apply", at)
        for seq, (outcome, change) in enumerate(changes):
            ledger.runs.intend(run, seq, change, None)
            ledger.runs.conclude(run, seq, outcome, None)
    ledger.runs.intend(run, 3, CHANGE, None)  # a crash leaves it open
    other = replace(CHANGE, policy="overload", outcome="done")
    done, later = replace(CHANGE, outcome="done"), NOW + timedelta(hours=1)
    assert ledger.runs.done_since(NOW) == [(NOW, done), (NOW, other), (later, done), (later, other), (later, CHANGE)]


def test_what_is_old_is_forgotten_but_for_the_newest_runs(ledger: Ledger) -> None:
    for days in (400, 300, 200, 100, 0):
        run = ledger.runs.begin(f"{days} days ago", NOW - timedelta(days=days))
        ledger.runs.intend(run, 0, CHANGE, None)
        ledger.runs.conclude(run, 0, "done", None)
        ledger.runs.finish(run, "done")
    ledger.runs.thin(NOW - timedelta(days=250), 1)
    assert [r.command for r in ledger.runs.latest(9)] == ["0 days ago", "100 days ago", "200 days ago"]
    assert len(ledger.runs.done_since(NOW - timedelta(days=1000))) == 3
    ledger.runs.thin(NOW + timedelta(days=1), 2)
    assert [r.command for r in ledger.runs.latest(9)] == ["0 days ago", "100 days ago"]


def test_a_run_without_changes_leaves_no_trace(ledger: Ledger) -> None:
    trace = everything(ledger)
    run = ledger.runs.begin("run", NOW)
    ledger.runs.intend(run, 0, CHANGE, ROW)
    ledger.runs.retract(run, 0, None, (ROW.policy, ROW.key))
    ledger.runs.finish(run, "done")
    assert everything(ledger) == trace


def test_a_run_that_died_before_its_first_write_is_no_run_that_wrote(ledger: Ledger) -> None:
    ledger.runs.begin("run", NOW)
    assert ledger.runs.latest(5) == ()


# -- what else is remembered ------------------------------------------------------------------------------------------


def test_a_remembered_value(ledger: Ledger) -> None:
    assert ledger.drawer.get("health") == ""
    ledger.drawer.put("health", "fine")
    ledger.drawer.put("health", "ill")
    assert ledger.drawer.get("health") == "ill"


def test_a_value_that_is_taken_out_again(ledger: Ledger) -> None:
    ledger.drawer.put("health", "fine")
    ledger.drawer.put("health", "")
    assert ledger.drawer.get("health") == ""


def test_what_is_there_is_there_for_the_next(ledger: Ledger, opening: Opening) -> None:
    store(ledger, found("a.ics"), found("unbusy-1.ics"), peeks=[Peek(), Peek(mark=MARK)], state="token")
    ledger.own.take_up([])
    run = ledger.runs.begin("apply", NOW)
    ledger.runs.intend(run, 0, CHANGE, ROW)
    ledger.runs.conclude(run, 0, "done", None)
    ledger.runs.finish(run, "done")
    ledger.drawer.put("a", "b")
    with closing(opening()) as other:
        assert everything(other) == everything(ledger)
