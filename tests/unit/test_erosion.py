"""What became of focus time, as a table: a week's account, who took it, and at what notice.

Minutes are written as the account has them: booked - taken + repaid = kept.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.ledger import ChangeRow
from daemon.model.event import CountsAs, Event, PartStat, ShowAs
from daemon.model.figures.erosion import Erosion, Loss, NoticeGiven, by_organizer, by_series, erosion, shares
from daemon.model.figures.measure import measure_week
from daemon.model.owner import Field
from daemon.model.plan import Cause
from daemon.model.snapshot import GivenUp, OwnEvent, Snapshot
from daemon.model.times import TimeRange, week_of
from daemon.stages.history import given_up
from making import MONDAY, day, event, meeting, moment, own, snapshot, span

OVER = "Mon+1 07:00"
"""A moment after the week that is measured."""


def focus(when: str, **more: object) -> Event:
    """A block that the user made by hand."""
    return event(when, "Focus", counts_as=CountsAs.FOCUS, **more)


def came(when: str, title: str = "Vendor", *, made: str = "", **more: object) -> Event:
    """A meeting that was made at a moment; '' where the calendar does not say."""
    return meeting(when, title, created=moment(made) if made else None, **more)


def gave_up(when: str, at: str, *, key: str = "2026-W49/1", since: str = "Mon-1 08:00") -> GivenUp:
    """A place that a block had to leave."""
    return GivenUp(key=key, when=span(when), left=moment(at), since=moment(since) if since else None)


def week(
    *events: Event, ours: tuple[OwnEvent, ...] = (), gone: tuple[GivenUp, ...] = (), now: str = OVER,
    away: tuple[TimeRange, ...] = (), monday: date = MONDAY,
) -> Erosion:  # fmt: skip
    """The account of the week of `monday`."""
    at = replace(snapshot(*events, now=now, ours=ours, away=away, monday=monday), given_up=gone)
    return erosion(at, week_of(monday, 0))


TWO_HOURS = own("Tue 09:00-11:00")

ACCOUNTS = {
    # what stands: booked, taken, repaid, kept
    "nothing booked": (week(came("Tue 09:00-10:00")), (0, 0, 0, 0)),
    "a block that nobody touched": (week(ours=(TWO_HOURS,)), (120, 0, 0, 120)),
    "a meeting takes what it overlaps": (week(came("Tue 10:30-12:00"), ours=(TWO_HOURS,)), (120, 30, 0, 90)),
    "a meeting over all of it": (week(came("Tue 08:00-12:00"), ours=(TWO_HOURS,)), (120, 120, 0, 0)),
    "one that touches it takes nothing": (week(came("Tue 11:00-12:00"), ours=(TWO_HOURS,)), (120, 0, 0, 120)),
    "a block made by hand counts as well": (week(came("Tue 09:00-10:00"), focus("Tue 09:00-11:00")), (120, 60, 0, 60)),
    "ours and hand-made at once count once": (week(focus("Tue 10:00-12:00"), ours=(TWO_HOURS,)), (180, 0, 0, 180)),
    "other events of ours are no focus": (week(ours=(own("Tue 09:00-09:30", "reflection", "day/1"),)), (0, 0, 0, 0)),
    "a double booking takes each minute once": (
        week(came("Tue 09:00-10:00"), came("Tue 09:30-10:30", "Other"), ours=(TWO_HOURS,)),
        (120, 90, 0, 30),
    ),
    "all-day events take nothing": (
        week(event("Tue", "Offsite", show_as=ShowAs.FREE, counts_as=CountsAs.FREE), ours=(TWO_HOURS,)),
        (120, 0, 0, 120),
    ),
    "an all-day block of ours is the working time of its days": (
        week(came("Tue 09:00-10:00"), ours=(own("Tue", edited=[Field.WHEN]),)),
        (510, 60, 0, 450),
    ),
    "a cancelled meeting takes nothing": (
        week(came("Tue 09:00-10:00", cancelled=True, counts_as=CountsAs.CANCELLED), ours=(TWO_HOURS,)),
        (120, 0, 0, 120),
    ),
    "a declined meeting takes nothing": (
        week(came("Tue 09:00-10:00", reply=PartStat.DECLINED), ours=(TWO_HOURS,)),
        (120, 0, 0, 120),
    ),
    "what the user is alone in takes nothing": (week(event("Tue 09:00-10:00"), ours=(TWO_HOURS,)), (120, 0, 0, 120)),
    "who is away books nothing": (
        week(came("Tue 09:00-10:00"), ours=(TWO_HOURS,), away=(span("Tue 09:30-11:00"),)),
        (30, 30, 0, 0),
    ),
    # only what has come, as it was when it came
    "what is still to come is not in it": (week(ours=(TWO_HOURS,), now="Tue 08:00"), (0, 0, 0, 0)),
    "a block that is running counts up to now": (
        week(came("Tue 09:00-12:00"), ours=(TWO_HOURS,), now="Tue 09:40"),
        (40, 40, 0, 0),
    ),
    "other weeks are not in it": (week(ours=(TWO_HOURS, own("Mon+1 09:00-11:00", key="x")), now="Wed+1 07:00"),
                                  (120, 0, 0, 120)),
    "a meeting made after the block came takes nothing": (
        week(came("Tue 09:00-10:00", made="Tue 16:00"), ours=(TWO_HOURS,)),
        (120, 0, 0, 120),
    ),
    "one made in the midst of it takes the rest": (
        week(came("Tue 09:00-10:00", made="Tue 09:20"), ours=(TWO_HOURS,)),
        (120, 40, 0, 80),
    ),
    # blocks that moved
    "a block that the user moved counts where it lies": (
        week(came("Tue 09:00-10:00"), ours=(own("Wed 09:00-11:00", edited=[Field.WHEN]),)),
        (120, 0, 0, 120),
    ),
    "a block that moved out of the way is repaid": (
        week(came("Tue 09:00-10:00", made="Mon 12:00"), ours=(own("Wed 09:00-11:00"),),
             gone=(gave_up("Tue 09:00-11:00", "Mon 12:05"),)),
        (120, 60, 60, 120),
    ),
    "one that was shortened is not": (
        week(came("Tue 09:00-09:30", made="Mon 12:00"), ours=(own("Tue 09:30-11:00"),),
             gone=(gave_up("Tue 09:00-11:00", "Mon 12:05"),)),
        (120, 30, 0, 90),
    ),
    "one that was given up is not": (
        week(came("Tue 09:00-10:30", made="Mon 12:00"), gone=(gave_up("Tue 09:00-11:00", "Mon 12:05"),)),
        (90, 90, 0, 0),
    ),
    "one that was given up and made anew elsewhere is": (
        week(came("Tue 09:00-11:00", made="Mon 12:00"), ours=(own("Thu 09:00-10:00", key="2026-W49/2",
                                                                  created="Mon 12:05"),),
             gone=(gave_up("Tue 09:00-11:00", "Mon 12:05"),)),
        (120, 120, 60, 60),
    ),
    "one that had to move twice": (
        week(came("Tue 09:00-10:00", made="Mon 12:00"), came("Wed 09:00-10:00", "Other", made="Tue 12:00"),
             ours=(own("Thu 09:00-11:00"),),
             gone=(gave_up("Tue 09:00-11:00", "Mon 12:05"),
                   gave_up("Wed 09:00-11:00", "Tue 12:05", since="Mon 12:05"))),
        (120, 120, 120, 120),
    ),
    "time lost in a block is repaid by a later one": (
        week(came("Tue 09:00-10:00", made="Tue 08:55"),
             ours=(TWO_HOURS, own("Thu 09:00-10:00", key="2026-W49/2", created="Tue 09:05"))),
        (120, 60, 60, 120),
    ),
    "and by one that the user makes": (
        week(came("Tue 09:00-10:00", made="Tue 08:55"), focus("Thu 09:00-10:00", created=moment("Tue 13:00")),
             ours=(TWO_HOURS,)),
        (120, 60, 60, 120),
    ),
    "not by one that stood before": (
        week(came("Tue 09:00-10:00", made="Tue 08:55"),
             ours=(TWO_HOURS, own("Thu 09:00-10:00", key="2026-W49/2", created="Mon 09:00"))),
        (180, 60, 0, 120),
    ),
    "nor in another week": (
        week(came("Tue 09:00-10:00", made="Tue 08:55"), now="Wed+1 07:00",
             ours=(TWO_HOURS, own("Mon+1 09:00-10:00", key="2026-W50/1", created="Tue 09:05"))),
        (120, 60, 0, 60),
    ),
    "more time than was lost repays no more": (
        week(came("Tue 09:00-10:00", made="Tue 08:55"),
             ours=(TWO_HOURS, own("Thu 09:00-12:00", key="2026-W49/2", created="Tue 09:05"))),
        (240, 60, 60, 240),
    ),
    "one that was made in the run in which the other had to leave repays": (
        week(came("Tue 09:00-11:00"), ours=(own("Thu 09:00-10:00", key="2026-W49/2", created="Mon 12:05"),),
             gone=(replace(gave_up("Tue 09:00-11:00", "Mon 12:05"),
                           left=moment("Mon 12:05") + timedelta(microseconds=1)),)),
        (120, 120, 60, 60),
    ),
    "a place that was left before the first loss was booked no more then": (
        week(came("Tue 09:00-10:00", made="Tue 08:55"),
             ours=(TWO_HOURS, own("Thu 09:00-11:00", key="2026-W49/2"),
                   own("Fri 09:00-10:00", key="2026-W49/3", created="Tue 09:05")),
             gone=(gave_up("Wed 09:00-11:00", "Mon 12:00", key="2026-W49/2"),)),
        (240, 60, 60, 240),
    ),
    "a move that a crash left open and that was made again is one": (
        week(came("Tue 09:00-10:00", made="Mon 12:00"), ours=(own("Wed 09:00-11:00"),),
             gone=(gave_up("Tue 09:00-11:00", "Mon 12:05"), gave_up("Tue 09:00-11:00", "Mon 12:20"))),
        (120, 60, 60, 120),
    ),
    "one that was never made neither": (
        week(came("Tue 09:00-10:00", made="Mon 12:00"), ours=(TWO_HOURS,),
             gone=(gave_up("Tue 09:00-11:00", "Mon 12:05"),)),
        (120, 60, 0, 60),
    ),
    "the meeting went away again: the block moved for nothing": (
        week(ours=(own("Wed 09:00-11:00"),), gone=(gave_up("Tue 09:00-11:00", "Mon 12:05"),)),
        (120, 0, 0, 120),
    ),
    "a meeting made after the block had left takes nothing there": (
        week(came("Tue 10:00-11:00", made="Mon 15:00"), ours=(own("Wed 09:00-11:00"),),
             gone=(gave_up("Tue 09:00-11:00", "Mon 12:05"),)),
        (120, 0, 0, 120),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("found", "account"), ACCOUNTS.values(), ids=list(ACCOUNTS))
def test_the_account_of_a_week(found: Erosion, account: tuple[int, int, int, int]) -> None:
    assert (found.booked, found.taken, found.repaid, found.kept) == account


def test_a_night_with_a_change_of_the_clock_is_as_long_as_it_was() -> None:
    monday = date(2026, 10, 19)  # clocks go back on Sunday 25 October, 03:00
    block = own("Sun 00:00-06:00", monday=monday, created="Mon-6 08:00")
    night = meeting("Sun 02:00-04:00", "Release", monday=monday)
    found = week(night, ours=(block,), monday=monday)
    assert (found.booked, found.taken, found.kept) == (7 * 60, 3 * 60, 4 * 60)


# -- at what notice ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "notice"),
    [
        ("Tue 09:30", NoticeGiven.HOURS_6),
        ("Tue 03:00", NoticeGiven.HOURS_6),
        ("Tue 02:59", NoticeGiven.HOURS_12),
        ("Mon 21:00", NoticeGiven.HOURS_12),
        ("Mon 20:59", NoticeGiven.HOURS_24),
        ("Mon 09:01", NoticeGiven.HOURS_24),
        ("Mon 09:00", NoticeGiven.LONGER),
        ("", NoticeGiven.UNKNOWN),
    ],
)
def test_notice_is_from_when_it_was_made_to_its_start(made: str, notice: NoticeGiven) -> None:
    (loss,) = week(came("Tue 09:00-10:00", made=made), ours=(TWO_HOURS,)).losses
    assert loss.notice is notice


@pytest.mark.parametrize(
    ("meeting", "ours", "gone", "notice"),
    [
        pytest.param(
            came("Tue 09:00-10:00", made="Mon-4 09:00"), (TWO_HOURS,), (), NoticeGiven.UNKNOWN,
            id="older than the block, which was free when it was placed: it was moved there since, nobody knows when",
        ),
        pytest.param(
            came("Tue 09:00-10:00", made="Mon-4 09:00"), (own("Tue 09:00-11:00", edited=[Field.WHEN]),), (),
            NoticeGiven.LONGER, id="older than a block that the user put over it",
        ),
        pytest.param(
            came("Tue 09:00-10:00", made="Mon-4 09:00"), (), (gave_up("Tue 09:00-11:00", "Mon 22:00"),),
            NoticeGiven.HOURS_12, id="moved there: noticed when the block had to leave",
        ),
        pytest.param(
            came("Tue 09:00-10:00"), (), (gave_up("Tue 09:00-11:00", "Tue 08:00"),), NoticeGiven.HOURS_6,
            id="made no one knows when: noticed when the block had to leave",
        ),
        pytest.param(
            came("Tue 09:00-10:00", made="Mon 08:00"), (), (gave_up("Tue 09:00-11:00", "Tue 08:00"),),
            NoticeGiven.LONGER, id="made long before unbusy ran again",
        ),
        pytest.param(
            came("Tue 09:00-10:00", made="Mon 08:00"), (), (gave_up("Tue 09:00-11:00", "Tue 08:00", since=""),),
            NoticeGiven.LONGER, id="nobody knows since when the block stood there",
        ),
    ],
)  # fmt: skip
def test_what_was_moved_over_a_block_is_not_as_old_as_it_says(
    meeting: Event, ours: tuple[OwnEvent, ...], gone: tuple[GivenUp, ...], notice: NoticeGiven
) -> None:
    (loss,) = week(meeting, ours=ours, gone=gone).losses
    assert loss.notice is notice


# -- who took it ------------------------------------------------------------------------------------------------------


def test_of_two_at_once_the_one_that_was_made_first_took_it() -> None:
    found = week(
        came("Tue 09:00-10:00", "Late", made="Mon 12:00"), came("Tue 09:30-10:30", "Early", made="Mon 09:00"),
        ours=(TWO_HOURS,),
    )  # fmt: skip
    assert taken(found.losses) == {"Early": 60, "Late": 30}


def test_a_meeting_over_the_old_and_the_new_place_is_one_loss() -> None:
    found = week(
        came("Tue 09:00-11:00", made="Mon 12:00"), ours=(own("Tue 10:00-12:00"),),
        gone=(gave_up("Tue 08:30-10:00", "Mon 12:05"),),
    )  # fmt: skip
    assert taken(found.losses) == {"Vendor": 120}


def test_shares_by_series_and_organizer_most_first() -> None:
    blocks = (own("Tue 09:00-12:00"), own("Thu 09:00-12:00", key="2026-W49/2"))
    found = week(
        came("Tue 09:00-10:00", "Sync", uid="sync", series=True), came("Thu 09:00-10:00", "Sync (moved)", uid="sync"),
        came("Tue 10:30-11:00", "Board", organizer="grace@example.com"), came("Thu 11:00-12:00", "Mine", mine=True),
        ours=blocks,
    )  # fmt: skip
    series = [(s.name, s.minutes, len(s.losses), s.latest.summary) for s in shares(found.losses, by_series)]
    assert series[0] == ("sync", 120, 2, "Sync (moved)")
    assert [minutes for _, minutes, _, _ in series] == [120, 60, 30]
    organizers = [(s.name, s.minutes) for s in shares(found.losses, by_organizer)]
    assert organizers == [("p1@example.com", 120), ("ada@example.com", 60), ("grace@example.com", 30)]


def taken(losses: tuple[Loss, ...]) -> dict[str, int]:
    return {loss.meeting.summary: loss.minutes for loss in losses}


# -- always -----------------------------------------------------------------------------------------------------------

HOURS = st.tuples(st.sampled_from(["Mon", "Tue", "Wed"]), st.integers(0, 20), st.integers(1, 8))


def at(hours: tuple[str, int, int]) -> str:
    name, quarter, length = hours
    start, end = 9 * 60 + quarter * 15, 9 * 60 + (quarter + length) * 15
    return f"{name} {start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"


@st.composite
def weeks(draw: st.DrawFn) -> Snapshot:
    made = st.sampled_from(["", "Mon-1 09:00", "Mon 08:00", "Tue 09:30", "Wed 18:00"])
    events = [came(at(h), f"M{n}", made=draw(made)) for n, h in enumerate(draw(st.lists(HOURS, max_size=6)))]
    ours = [own(at(h), key=f"2026-W49/{n}") for n, h in enumerate(draw(st.lists(HOURS, max_size=4)))]
    gone = [gave_up(at(h), "Tue 08:00", key=f"2026-W49/{n}") for n, h in enumerate(draw(st.lists(HOURS, max_size=4)))]
    hand_made = [focus(at(h), uid=f"f{n}") for n, h in enumerate(draw(st.lists(HOURS, max_size=3)))]
    return replace(snapshot(*events, *hand_made, now=OVER, ours=ours), given_up=tuple(gone))


@given(weeks())
def test_the_account_adds_up(at: Snapshot) -> None:
    found = erosion(at, week_of(MONDAY, 0))
    assert found.booked - found.taken + found.repaid == found.kept
    assert 0 <= found.repaid <= min(found.taken, found.kept)
    assert sum(s.minutes for s in shares(found.losses, lambda loss: loss.notice)) == found.taken


@given(weeks())
def test_without_history_it_is_what_is_measured(at: Snapshot) -> None:
    """Where no meeting says when it was made, nor any block moved, days are measured in the very same way."""
    plain = replace(at, given_up=(), events=tuple(replace(e, created=None) for e in at.events))
    found, measured = erosion(plain, week_of(MONDAY, 0)), measure_week(plain, week_of(MONDAY, 0))
    assert found.kept == measured.total("focus_kept")
    assert found.kept + found.taken == measured.total("focus_booked")


@given(weeks(), st.integers(0, 5 * 24))
def test_days_that_have_come_change_no_more(at: Snapshot, hours: int) -> None:
    """The account up to a moment is the same whenever it is asked for later."""
    until = moment("Mon 00:00") + timedelta(hours=hours)
    found = erosion(at, week_of(MONDAY, 0), until)
    assert erosion(replace(at, now=until), week_of(MONDAY, 0)) == found


# -- what the runs tell -----------------------------------------------------------------------------------------------

MON, TUE = datetime(2026, 11, 30, 11, tzinfo=UTC), datetime(2026, 12, 1, 11, tzinfo=UTC)


def change(action: str, before: str, after: str, cause: Cause = Cause.BOOKED_OVER) -> ChangeRow:
    return ChangeRow(
        action=action, policy="focus", key="2026-W49/1", uid="u", before=fields(before), after=fields(after),
        reason="‘Was booked over’ was booked over it", cause=cause,
    )  # fmt: skip


def fields(when: str) -> dict[str, object]:
    if not when:
        return {}
    if " " not in when:
        return {"when": [day(when).isoformat(), day(when).isoformat()]}
    return {"when": [span(when).start.isoformat(), span(when).end.isoformat()]}


NINE, TEN = "Wed 09:00-11:00", "Wed 10:00-12:00"


@pytest.mark.parametrize(
    ("changes", "places"),
    [
        pytest.param([(MON, change("create", "", NINE, Cause.WANTED))], [], id="made"),
        pytest.param([(TUE, change("update", NINE, TEN))], [(NINE, None, TUE)], id="moved"),
        pytest.param([(TUE, change("delete", NINE, ""))], [(NINE, None, TUE)], id="given up"),
        pytest.param([(TUE, change("update", NINE, NINE))], [], id="something else about it changed"),
        pytest.param([(TUE, change("update", NINE, TEN, Cause.BETTER_PLACE))], [], id="moved to a better place"),
        pytest.param([(TUE, change("update", "Wed", TEN))], [], id="days are no place"),
        pytest.param(
            [(MON, change("create", "", NINE, Cause.WANTED)), (TUE, change("update", NINE, TEN))],
            [(NINE, MON, TUE)], id="since when it stood there",
        ),
        pytest.param(
            [(MON, change("update", NINE, TEN)), (TUE, change("delete", TEN, ""))],
            [(NINE, None, MON), (TEN, MON, TUE)], id="moved, then given up",
        ),
    ],
)  # fmt: skip
def test_places_that_blocks_had_to_leave(
    changes: list[tuple[datetime, ChangeRow]], places: list[tuple[str, datetime | None, datetime]]
) -> None:
    assert [(g.when, g.since, g.left) for g in given_up(changes)] == [(span(w), s, left) for w, s, left in places]
