"""What changes say of themselves, and the facts behind them."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from daemon.model.event import CountsAs, ShowAs
from daemon.model.owner import UNBUSY, Field, Mark, OwnState, Wish
from daemon.model.plan import Action, Annotate, Cause, Change, Create, Delete, Draft, Update
from daemon.model.proposal import Content, Fixed, Want, text_of
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.user.gesture import Gesture
from daemon.planning.diff import Terms, diff, in_order
from daemon.planning.orders import user_deletions
from daemon.planning.placement.levels import Placed, Placement
from making import CALENDAR, ME, event, meeting, own, snapshot, span

STANDS = own("Wed 09:00-11:00", title="Focus", text=text_of(Content(title="Focus", reason="")))
COMMAND = event("Tue 12:00-12:30", "unbusy: why", show_as=ShowAs.FREE)
DRAFT = Draft(
    calendar="work/Deep", mark=STANDS.mark, when=span("Thu 09:00-11:00"), zone="Europe/Warsaw", title="Think", text="",
    show_as=ShowAs.BUSY, reminder=None, colour="",
)  # fmt: skip


def update(*fields: Field) -> Update:
    return Update(before=STANDS, draft=DRAFT, fields=frozenset(fields), reason="", cause=Cause.CONTENT)


@pytest.mark.parametrize("when", ["Tue 09:00-11:00", "Wed 09:00-11:00", "Thu 09:00-11:00"])
def test_what_moves_to_another_calendar_leaves_the_old_one_first(when: str) -> None:
    """Else a run that ends between the two leaves it in both."""
    gone, made = Delete(before=STANDS, reason=""), Create(draft=replace(DRAFT, when=span(when)), reason="")
    assert in_order([made, gone]) == (gone, made)


@pytest.mark.parametrize(
    ("change", "action", "said"),
    [
        pytest.param(
            Create(draft=DRAFT, reason=""), Action.CREATE, ("work/Deep", "Thu 09:00-11:00", "Think", "busy"),
            id="a new one is as it is wanted",
        ),
        pytest.param(
            update(Field.WHEN, Field.TITLE, Field.SHOW_AS), Action.UPDATE,
            (CALENDAR, "Thu 09:00-11:00", "Think", "busy"), id="what is written is as it is wanted",
        ),
        pytest.param(
            update(Field.TEXT), Action.UPDATE, (CALENDAR, "Thu 09:00-11:00", "Focus", "free"),
            id="what is not written stays",
        ),
        pytest.param(
            Delete(before=STANDS, reason=""), Action.DELETE, (CALENDAR, "Wed 09:00-11:00", "Focus", "free"),
            id="one that goes is as it stands",
        ),
    ],
)  # fmt: skip
def test_which_event_of_ours_a_change_is_about(
    change: Create | Update | Delete, action: Action, said: tuple[str, str, str, str]
) -> None:
    calendar, when, title, show_as = said
    assert (change.action, change.wish, change.uid) == (action, ("focus", "2026-W49/1"), STANDS.event.ref.uid)
    assert (change.calendar, change.when, change.title, change.show_as) == (calendar, span(when), title, show_as)


def test_an_answer_is_about_the_command_and_is_wished_by_unbusy() -> None:
    change: Change = Annotate(before=COMMAND, key="command/a", text="", answer="", reason="")
    assert (change.action, change.wish) == (Action.ANNOTATE, Wish(UNBUSY, "command/a"))
    assert (change.uid, change.title, change.when) == (COMMAND.ref.uid, "unbusy: why", COMMAND.span)
    assert (change.calendar, change.show_as, change.fields) == (CALENDAR, "free", frozenset())


def test_a_wish_is_a_pair_and_a_name() -> None:
    assert Wish("focus", "2026-W49/2") == ("focus", "2026-W49/2")
    assert f"{Wish('focus', '2026-W49/2')}" == "focus 2026-W49/2"
    assert Wish("focus", "command/a/b/2").want == ("focus", "command/a/b")


# -- causes -----------------------------------------------------------------------------------------------------------


OVER, FREE = meeting("Wed 10:00-10:30", "Vendor"), event("Wed 10:00-10:30", counts_as=CountsAs.FREE)
HERE, ELSEWHERE = "Wed 09:00-11:00", "Thu 09:00-11:00"
ONE = snapshot(ours=[STANDS])


@pytest.mark.parametrize(
    ("at", "place", "content", "causes"),
    [
        pytest.param(snapshot(), HERE, {}, [("create", "wanted")], id="wanted"),
        pytest.param(ONE, HERE, {}, [], id="nothing is to change"),
        pytest.param(snapshot(OVER, ours=[STANDS]), ELSEWHERE, {}, [("update", "booked over")], id="booked over"),
        pytest.param(
            snapshot(FREE, ours=[STANDS]), ELSEWHERE, {}, [("update", "better place")],
            id="what takes no time books nothing over",
        ),
        pytest.param(ONE, ELSEWHERE, {}, [("update", "better place")], id="a better place"),
        pytest.param(
            snapshot(OVER, ours=[STANDS]), ELSEWHERE, {"title": "Think", "show_as": ShowAs.BUSY},
            [("update", "booked over")], id="of several the weightiest",
        ),
        pytest.param(ONE, HERE, {"title": "Think", "show_as": ShowAs.BUSY}, [("update", "hardened")], id="hardened"),
        pytest.param(
            ONE, HERE, {"title": "A room was booked over there"}, [("update", "renamed")], id="renamed, whatever to"
        ),
        pytest.param(ONE, HERE, {"reminder": 5}, [("update", "content")], id="its content"),
        pytest.param(ONE, "", {}, [("delete", "unwanted")], id="not wanted"),
        pytest.param(
            snapshot(OVER, ours=[STANDS]), "", {}, [("delete", "booked over")], id="booked over, not needed elsewhere"
        ),
    ],
)  # fmt: skip
def test_every_change_knows_its_cause(
    at: Snapshot, place: str, content: dict[str, object], causes: list[tuple[str, str]]
) -> None:
    assert [(c.action, c.cause) for c in to(at, place, CALENDAR, content)] == causes


def test_one_that_moves_to_another_calendar_is_deleted_here_and_created_there() -> None:
    changes = to(ONE, HERE, "work/Deep", {})
    assert [(c.action, c.cause) for c in changes] == [("delete", "moved calendar"), ("create", "moved calendar")]


ASKED = replace(STANDS, mark=replace(STANDS.mark, questions=("resume",), moves=1))
ASKS = {"questions": ("What is next?",), "question_ids": ("what-next",)}


@pytest.mark.parametrize(
    ("at", "place", "questions", "moves"),
    [
        pytest.param(snapshot(), HERE, ("what-next",), 0, id="new: those that it asks"),
        pytest.param(snapshot(ours=[ASKED]), ELSEWHERE, ("resume",), 2, id="moved: its words stay, and their ids"),
        pytest.param(
            snapshot(ours=[ASKED], now="Wed 07:30"), HERE, ("what-next",), 1,
            id="other words in the morning of its day: those that it asks now, where it was",
        ),
    ],
)  # fmt: skip
def test_the_mark_names_the_questions_of_the_text_and_counts_our_moves(
    at: Snapshot, place: str, questions: tuple[str, ...], moves: int
) -> None:
    (change,) = to(at, place, CALENDAR, ASKS)
    assert (change.mark.questions, change.mark.moves) == (questions, moves)  # type: ignore[union-attr]  # no answer


def to(at: Snapshot, place: str, calendar: str, content: dict[str, object]) -> tuple[Change, ...]:
    """The changes that lead to one block there, '' for none; the standing one is as it was wanted."""
    wanted = Content(**{"title": "Focus", "reason": "", **content})  # type: ignore[arg-type]  # keyword arguments
    want = Want(policy="focus", key="2026-W49", content=wanted, when=Fixed(span(HERE)), calendar=calendar)
    placed = (Placed(want=want, key="2026-W49/1", when=span(place)),) if place else ()
    return diff(at, Placement(placed=placed, stands={}, unplaced=()), Terms(main=CALENDAR))


def saying(gesture: Gesture, key: str) -> OwnEvent:
    return replace(own("Tue 13:00-13:30", "breaks", key, edited=[Field.TITLE]), gestures=frozenset({gesture}))


@pytest.mark.parametrize(
    ("at", "cause"),
    [
        pytest.param(replace(snapshot(), skipped=(saying(Gesture.SKIP, "a"),)), Cause.SKIPPED, id="#skip"),
        pytest.param(
            snapshot(ours=[saying(Gesture.REST, "a"), own("Wed 12:00-13:00", "breaks", "b")]), Cause.SKIPPED_WEEK,
            id="#skip-week",
        ),
        pytest.param(snapshot(ours=[STANDS], away=[span("Wed 00:00-23:00")]), Cause.AWAY, id="away"),
    ],
)  # fmt: skip
def test_what_the_user_orders_to_go_is_counted_by_no_limit(at: Snapshot, cause: Cause) -> None:
    (gone,) = user_deletions(at)
    assert (gone.cause, gone.cause.ordered) == (cause, True)
    assert (gone.becomes is OwnState.SKIPPED) == (cause is Cause.SKIPPED)


def test_only_what_the_user_turned_down_is_skipped_for_good() -> None:
    becomes = {cause: Delete(before=STANDS, reason="", cause=cause).becomes for cause in Cause}
    assert {c for c in Cause if becomes[c] is OwnState.SKIPPED} == {Cause.SKIPPED}
    assert {c for c in Cause if becomes[c] is OwnState.SPENT} == {Cause.BOOKED_OVER_AGAIN}
    assert {Cause.UNDONE, Cause.REDONE} <= {c for c in Cause if c.ordered}
    assert not {Cause.UNWANTED, Cause.BOOKED_OVER, Cause.BETTER_PLACE} & {c for c in Cause if c.ordered}


def test_a_mark_names_its_wish() -> None:
    assert Mark(ME, "focus", "2026-W49/1", 0, {}).wish == STANDS.wish
