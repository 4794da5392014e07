"""What a policy says of itself: what its events are for, which keys they may have, what they hang on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.model.event import CalendarId
from daemon.model.owner import UNBUSY, Wish
from daemon.model.plan import Action, Change, Create
from daemon.model.proposal import Blocks, Content, Fixed, Flexible, Role, Roles, Want
from daemon.model.snapshot import Skip, Snapshot
from daemon.model.text import composed
from daemon.model.times import DateRange
from daemon.model.user.calendars import CalendarState
from daemon.model.user.command_words import parsed
from daemon.planning.diff import Terms
from daemon.planning.planner import Limits, make_plan
from daemon.planning.restraint import budgets
from making import CALENDAR, DAYS, MONDAY, day, event, meeting, own, profile, snapshot, span, week_of
from policies import POLICIES

TEAM, HOME = "work/Team", "home/Private"
TERMS = Terms(main=CALENDAR)

# -- roles ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "key", "role"),
    [
        ("focus", "2026-W49/1", Role.FOCUS),
        ("focus", "command/abc/1", Role.FOCUS),
        ("overload", "day/2026-11-30", Role.FLAG),
        ("overload", "week/2026-W49", Role.FLAG),
        ("overload", "after/2026-W49", Role.PROMPT),
        ("reflection", "quarter/2026-Q4", Role.PROMPT),
        ("no longer installed", "walk/2026-W49/1", Role.PROMPT),
        (UNBUSY, "stopped/2026-W49", Role.NOTICE),
    ],
)
def test_the_role_of_a_key(policy: str, key: str, role: Role) -> None:
    assert snapshot().roles.of(Wish(policy, key)) is role


def test_a_policy_without_a_word_on_the_rest_of_its_keys_has_prompts() -> None:
    assert Roles({"habits": {"walk": Role.HABIT}}).of(Wish("habits", "desk/1")) is Role.PROMPT


def test_ours_are_found_by_what_they_are_for() -> None:
    block, flag = own("Tue 09:00-11:00"), own("Tue", "overload", "day/2026-12-01")
    at = snapshot(ours=[block, flag], skips=[Skip("focus", "2026-W49/2", day("Mon"), 60)])
    assert (at.in_role(Role.FOCUS), at.in_role(Role.FLAG), at.in_role(Role.HOLD)) == ((block,), (flag,), ())
    assert at.role(at.skips[0]) is Role.FOCUS


# -- keys -------------------------------------------------------------------------------------------------------------

SLOTS = st.tuples(st.sampled_from(DAYS[:5]), st.integers(-2, 2), st.integers(8, 17), st.integers(1, 3))
ASKED = ["unbusy: focus 2h slides by friday", "unbusy: focus 30h everything", "unbusy: why"]


@st.composite
def calendars(draw: st.DrawFn) -> Snapshot:
    """Meetings here and there, commands, and a moment of the week."""
    slots = draw(st.lists(SLOTS, max_size=40))
    events = [meeting(f"{d}{w:+} {h:02}:00-{h + n:02}:00", f"M{i}") for i, (d, w, h, n) in enumerate(slots)]
    rows = [
        event("Wed 07:00-07:15", title, uid=f"c{n}") for n, title in enumerate(draw(st.sets(st.sampled_from(ASKED))))
    ]
    at = snapshot(*events, now=f"{draw(st.sampled_from(DAYS))} {draw(st.integers(6, 19)):02}:00")
    return replace(at, commands=tuple(parsed(row, profile()) for row in rows))


@pytest.mark.parametrize("name", POLICIES)
@given(at=calendars())
def test_every_key_that_is_used_is_listed(name: str, at: Snapshot) -> None:
    kind = POLICIES[name]
    options = kind.options()
    plan = make_plan(at, kind.propose(at, options), TERMS, Limits(events=budgets.of_events(99, 99)))
    used = {c.draft.mark.key for c in plan.changes if isinstance(c, Create)}
    listed = list(kind.keys(at, options))
    assert used <= set(listed)
    assert len(listed) == len(set(listed))
    blank = replace(at, ours=(own("Mon-1 09:00-10:00"),), skips=(Skip(name, "x", MONDAY, 1),))
    assert list(kind.keys(blank, options)) == listed


def test_keys_of_days_gone_by_are_listed() -> None:
    at = snapshot()
    assert "2026-W46/1" in POLICIES["focus"].keys(at, POLICIES["focus"].options())
    assert "after/2026-W46" in POLICIES["overload"].keys(at, POLICIES["overload"].options())
    off = POLICIES["reflection"].options(daily=False)  # type: ignore[call-arg]  # an option of that policy
    assert "day/2026-11-10" in POLICIES["reflection"].keys(at, off)


# -- what hangs on a calendar that cannot be read ---------------------------------------------------------------------


def prepares(when: str, key: str = "p", source: Sequence[CalendarId] = (TEAM,), title: str = "Prepare") -> Want:
    return Want(
        policy="preparation", key=key, content=Content(title=title, reason="For the board."),
        when=Flexible(minutes=30, windows=(span(when),)), source=frozenset(source),
    )  # fmt: skip


def holds(when: str, key: str, source: Sequence[CalendarId]) -> Want:
    return Want(
        policy="mirror", key=key, content=Content(title="Busy", reason="Taken."), when=Fixed(span(when)),
        source=frozenset(source),
    )  # fmt: skip


STANDS = own("Thu 10:00-10:30", "preparation", "p", title="Prepare")
HELD = own("Wed 10:00-11:00", "mirror", "h", title="Busy", text=composed("Taken.", ()))
ROLES = Roles({"preparation": {"": Role.PREPARATION}, "mirror": {"": Role.HOLD}, "focus": {"": Role.FOCUS}})


def planned(
    wants: Sequence[Want], *stale: CalendarId, never: Sequence[CalendarId] = (), meetings: Sequence[str] = ()
) -> tuple[set[str], list[tuple[str, str]]]:
    """What is done ('- p'), and what has no place and why."""
    at = snapshot(*(meeting(when) for when in meetings), ours=[STANDS, HELD], now="Mon 07:00")
    states = [
        CalendarState(id=c, name=c.partition("/")[2], read_at=None if c in never else at.now, stale=c in stale)
        for c in (TEAM, HOME)
    ]
    at = replace(at, calendars=tuple(states), roles=ROLES)
    plan = make_plan(at, wants, replace(TERMS, stale=frozenset(stale)), Limits())
    done = {sign(c) for c in plan.changes}
    return done, [(u.key, u.reason) for u in plan.unplaced]


def sign(change: Change) -> str:
    """'+ key', '~ key', '- key'."""
    signs = {Action.CREATE: "+", Action.UPDATE: "~", Action.DELETE: "-"}
    return f"{signs[change.action]} {change.wish.key}"


OTHER = prepares("Thu 14:00-15:00", title="Prepare the board")
AS_IT_IS = holds("Wed 10:00-11:00", "h", [HOME])
WHY = "it comes from Team, which cannot be read now"


@pytest.mark.parametrize(
    ("wants", "stale", "done", "unplaced"),
    [
        pytest.param([OTHER, AS_IT_IS], [], {"~ p"}, [], id="all can be read: it follows"),
        pytest.param([OTHER, AS_IT_IS], [TEAM], set(), [], id="what it comes from cannot be read: it stays"),
        pytest.param([OTHER, AS_IT_IS], [HOME], {"~ p"}, [], id="another calendar cannot be read: it follows"),
        pytest.param([AS_IT_IS], [TEAM], {"- p"}, [], id="it is not wanted: it goes, whatever else cannot be read"),
        pytest.param(
            [OTHER, AS_IT_IS, prepares("Fri 09:00-10:00", "new")], [TEAM], set(), [("new", WHY)],
            id="nothing new of the kind is made, and that is said",
        ),
        pytest.param(
            [OTHER, holds("Wed 12:00-13:00", "h", [HOME])], [TEAM], {"~ h"}, [], id="and nothing else is frozen"
        ),
        pytest.param(
            [OTHER, AS_IT_IS, prepares("Fri 09:00-10:00", "new", [])], [TEAM], {"+ new"}, [],
            id="what hangs on no calendar is made",
        ),
        pytest.param(
            [replace(OTHER, source=frozenset({TEAM, HOME})), AS_IT_IS], [HOME], set(), [],
            id="of several calendars one is enough",
        ),
    ],
)  # fmt: skip
def test_what_hangs_on_a_stale_calendar_stays_as_it_is(
    wants: list[Want], stale: list[str], done: set[str], unplaced: list[tuple[str, str]]
) -> None:
    assert planned(wants, *stale) == (done, unplaced)


def test_also_when_something_was_booked_over_it() -> None:
    assert planned([OTHER, AS_IT_IS], TEAM, meetings=["Thu 10:00-11:00"])[0] == set()
    assert planned([OTHER, AS_IT_IS], meetings=["Thu 10:00-11:00"])[0] == {"~ p"}


def test_also_a_whole_day() -> None:
    holiday = own("Thu", "mirror", "day", title="Busy")
    at = replace(snapshot(ours=[holiday]), roles=ROLES)
    want = replace(holds("Thu 09:00-10:00", "day", [TEAM]), when=Fixed(DateRange(day("Fri"), day("Sat"))))
    assert [sign(c) for c in make_plan(at, [want], TERMS, Limits()).changes] == ["~ day"]
    assert make_plan(at, [want], replace(TERMS, stale=frozenset({TEAM})), Limits()).changes == ()


def test_others_are_planned_around_it() -> None:
    week = week_of(MONDAY, 0)
    blocks = Blocks(
        week=week, total=120, shortest=60, ideal=120, longest=180, per_day=240, windows=(span("Thu 09:00-11:30"),)
    )  # fmt: skip
    focus = Want(policy="focus", key=week.key, content=Content(title="Focus", reason="Think."), when=blocks)
    at = replace(snapshot(ours=[STANDS]), roles=ROLES)
    plan = make_plan(at, [OTHER, focus], replace(TERMS, stale=frozenset({TEAM})), Limits())
    assert [c.draft.when for c in plan.changes] == [span("Thu 09:00-10:00"), span("Thu 10:30-11:30")]  # type: ignore[union-attr]  # they are made


def test_while_a_calendar_was_never_read_nothing_that_may_come_from_it_goes() -> None:
    assert planned([], TEAM, never=[TEAM]) == (set(), [])
    assert planned([], TEAM)[0] == {"- p", "- h"}
    assert planned([holds("Wed 12:00-13:00", "h", [HOME])], TEAM, never=[TEAM])[0] == {"~ h"}


def test_blocks_hang_on_it_with_all_their_ordinals() -> None:
    ours = [own("Tue 09:00-11:00", key="command/c/1"), own("Wed 09:00-11:00", key="command/c/2")]
    asked = event("Mon 07:30-07:45", "unbusy: focus 6h slides by thu", uid="c")
    focus = POLICIES["focus"]
    at = snapshot(ours=ours)
    at = replace(at, now=at.now + timedelta(minutes=30), commands=(parsed(asked, profile()),))
    wants = [w for w in focus.propose(at, focus.options()) if w.key == "command/c"]
    assert [w.source for w in wants] == [frozenset({CALENDAR})]
    written = make_plan(at, wants, TERMS, Limits()).changes
    assert [type(c) for c in written].count(Create) == 1
    unread = replace(TERMS, main=HOME, stale=frozenset({CALENDAR}))
    assert make_plan(at, wants, unread, Limits()).changes == ()
