"""Mirror: what is held, and above all what is not.

Week 2026-W49, Monday 07:00, Monday to Friday 09:00 to 17:30; unbusy writes to work/Work, and home/Private is read.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import convert
from msgspec.structs import replace

from daemon.model.event import CountsAs, Event, EventRef, PartStat, ResourceRef, ShowAs
from daemon.model.options import decode
from daemon.model.owner import Field
from daemon.model.plan import Create, Plan
from daemon.model.proposal import Role, text_of
from daemon.model.snapshot import CalendarState, OwnEvent, Skip, Snapshot
from daemon.model.times import TimeRange, local_day
from daemon.planning.after import after
from daemon.planning.counting.classify import classify
from daemon.planning.counting.copies import one_each
from daemon.planning.diff import Terms
from daemon.planning.planner import Limits, make_plan
from making import CALENDAR, DAYS, ZONE, event, meeting, moment, own, profile, snapshot, span
from policies.mirror import KIND, MirrorOptions, propose

HOME = "home/Private"
TERMS = Terms(main=CALENDAR)
ON = MirrorOptions(sources=("home",))


def private(when: str, title: str = "Dentist", calendar: str = HOME, **more: object) -> Event:
    """Something of the user's own in another account, before there was any hold."""
    uid = str(more.pop("uid", f"{title}-{when}".replace(" ", "-")))
    values = {"counts_as": CountsAs.BUSY, "created": moment("Mon-2 08:00")}
    where = {"ref": EventRef(calendar, uid, str(more.pop("rid", ""))), "resource": ResourceRef(calendar, uid, "1")}
    return event(when, title, **(values | where | more))  # type: ignore[arg-type]  # a table of keyword arguments


def at(*events: Event, **more: object) -> Snapshot:
    return replace(snapshot(*events, **more), main=CALENDAR)  # type: ignore[arg-type]  # as above


def planned(calendar: Snapshot, options: MirrorOptions = ON, terms: Terms = TERMS) -> Plan:
    return make_plan(calendar, propose(calendar, options), terms, Limits())


def said(plan: Plan) -> list[str]:
    rows = []
    for c in plan.changes:
        start, end = c.when.ends(ZONE)
        rows.append(f"{c.action} {start:%a %H:%M}-{end:%H:%M}")
    return rows


def held(*events: Event, **more: object) -> list[str]:
    return said(planned(at(*events, **more)))


def standing(*events: Event, **more: object) -> Snapshot:
    """The calendar once what is wanted stands in it."""
    before = at(*events, **more)
    return after(before, planned(before).changes)


DENTIST, PHARMACY = private("Tue 16:00-16:30"), private("Tue 16:30-17:00", "Pharmacy")
CHOIR = private("Tue 19:00-20:00", "Choir")


# -- what is held -----------------------------------------------------------------------------------------------------


def test_dentist_pharmacy_and_choir_are_one_hold() -> None:
    plan = planned(at(DENTIST, PHARMACY, CHOIR))
    assert said(plan) == ["create Tue 16:00-17:00"]
    [change] = plan.changes
    assert isinstance(change, Create)
    draft = change.draft
    assert (draft.title, draft.text, draft.show_as, draft.reminder) == ("Busy", "", ShowAs.BUSY, None)
    assert not draft.visible
    assert change.reason == "This time is taken in another calendar of yours (home); nobody else is told more."


@pytest.mark.parametrize(
    ("events", "rows"),
    [
        ([DENTIST], ["Tue 16:00-16:30"]),
        ([private("Tue 10:00-11:00"), private("Tue 10:30-12:00", "x"), private("Tue 12:05-13:00", "y")],
         ["Tue 10:00-12:00", "Tue 12:05-13:00"]),
        ([private("Tue 10:00-12:00"), private("Tue 10:30-11:00", "x")], ["Tue 10:00-12:00"]),
        ([private("Tue 07:00-08:30")], []),
        ([private("Tue 07:00-09:10")], ["Tue 08:30-09:10"]),
        ([private("Tue 17:00-22:00")], ["Tue 17:00-18:00"]),
        ([private("Sat 10:00-11:00")], []),
        ([replace(private("Tue 16:00-16:30"), span=TimeRange(moment("Tue 16:00"), moment("Thu 10:00")))],
         ["Tue 16:00-18:00", "Wed 08:30-18:00", "Thu 08:30-10:00"]),
        ([private("Tue")], []),
        ([private("Tue 10:00-11:00", counts_as=CountsAs.FREE, show_as=ShowAs.FREE)], []),
        ([private("Tue 10:00-11:00", counts_as=CountsAs.DECLINED)], []),
        ([private("Tue 10:00-11:00", counts_as=CountsAs.CANCELLED)], []),
        ([private("Tue 10:00-11:00", counts_as=CountsAs.IGNORED)], []),
        ([private("Tue 10:00-11:00", counts_as=CountsAs.OTHERS)], []),
        ([private("Tue 10:00-11:00", counts_as=CountsAs.COPY)], []),
        ([private("Tue 10:00-11:00", counts_as=CountsAs.FOCUS)], ["Tue 10:00-11:00"]),
        ([private("Tue 10:00-11:00", counts_as=CountsAs.MEETING)], ["Tue 10:00-11:00"]),
        ([private("Tue 10:00-11:00", calendar="club/Choir")], []),
        ([private("Tue 10:00-11:00", calendar="work/Private")], []),
        ([private("Mon 06:00-06:30"), private("Mon 06:50-07:10", "x")], []),
        ([private(f"{d}{w:+} 10:00-11:00") for d in DAYS[:5] for w in (0, 1)],
         [f"{d} 10:00-11:00" for _ in (0, 1) for d in DAYS[:5]]),
    ],
    ids=["one", "what overlaps", "one inside another", "before work", "half an hour before it", "half an hour after it",
         "a day without work", "over days", "all day", "free", "declined", "cancelled", "#ignore", "somebody else's",
         "a copy of ours", "a focus block there", "a meeting there", "an account that is not named",
         "another calendar of our account", "what has begun", "each day"],
)  # fmt: skip
def test_what_is_held(events: list[Event], rows: list[str]) -> None:
    assert held(*events) == [f"create {row}" for row in rows]


def test_nothing_by_default() -> None:
    assert not list(propose(at(DENTIST), MirrorOptions()))


def test_no_budget_counts_them() -> None:
    many = [private(f"Tue {9 + n // 2:02}:{n % 2 * 30:02}-{9 + n // 2:02}:{n % 2 * 30 + 20:02}") for n in range(16)]
    assert len(held(*many)) == 16


def test_away_there_are_no_holds() -> None:
    assert held(DENTIST, away=[span("Tue 00:00-23:59")]) == []
    assert held(private("Tue 10:00-16:00"), away=[span("Tue 12:00-23:59")]) == ["create Tue 10:00-12:00"]


# -- what stands there already ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "rows"),
    [
        (meeting("Tue 16:00-16:30"), []),
        (meeting("Tue 16:00-16:30", counts_as=CountsAs.DECLINED), ["create Tue 16:00-16:30"]),
        (meeting("Tue 16:00-17:00"), ["create Tue 16:00-16:30"]),
        (event("Tue 16:00-16:30", counts_as=CountsAs.BUSY), []),
        (event("Tue 16:00-16:30", counts_as=CountsAs.FREE), ["create Tue 16:00-16:30"]),
    ],
    ids=["a meeting at its time", "one that is declined", "a longer one", "a hold of somebody's", "a free one"],
)
def test_nothing_that_already_stands_there(there: Event, rows: list[str]) -> None:
    assert held(DENTIST, there) == rows


def test_the_same_meeting_in_both_accounts_is_not_held() -> None:
    """One UID: whichever of the two copies is the better one, colleagues see the other."""
    who = profile(me=frozenset({"ada@example.com", "ada@home.example"}))
    for reply, there in ((PartStat.ACCEPTED, PartStat.NEEDS_ACTION), (PartStat.NEEDS_ACTION, PartStat.ACCEPTED)):
        home = private(
            "Tue 10:00-11:00", "Review", uid="r", attendees=meeting("Tue 10:00-11:00", reply=reply).attendees
        )
        work = meeting("Tue 10:00-11:00", "Review", uid="r", reply=there)
        events = one_each((classify(home, who), classify(work, who)), who)
        assert len(events) == 1
        assert held(*events) == []
        assert held(*one_each((classify(home, who),), who)) == ["create Tue 10:00-11:00"]


def test_a_meeting_that_is_booked_at_the_very_time_takes_the_place_of_the_hold() -> None:
    then = standing(DENTIST)
    assert said(planned(replace(then, events=(DENTIST, meeting("Tue 16:00-16:30"))))) == ["delete Tue 16:00-16:30"]


def test_a_mirror_of_the_same_calendar_and_ours_do_not_drive_each_other_out() -> None:
    """Another program holds the same time: before ours, and there is none of ours; after it, and both stay."""
    other = event("Tue 16:00-16:30", "Busy", counts_as=CountsAs.BUSY, created=moment("Mon 07:05"))
    assert held(DENTIST, other) == []
    assert said(planned(replace(standing(DENTIST), events=(DENTIST, other)))) == []


# -- loops ------------------------------------------------------------------------------------------------------------


def copy_of(hold: OwnEvent, **more: object) -> Event:
    """What a mirror tool makes of a hold in the other calendar."""
    when = hold.event.span
    one = private("Tue 16:00-17:00", "Busy", uid=f"copy-{hold.event.ref.uid}", created=moment("Mon 07:10"))
    return replace(one, span=when, **more)


def test_what_a_mirror_tool_makes_of_a_hold_is_never_held() -> None:
    then = standing(DENTIST, PHARMACY)
    [hold] = then.ours
    back = replace(then, events=(DENTIST, PHARMACY, copy_of(hold)))
    assert said(planned(back)) == []
    assert said(planned(replace(then, events=(copy_of(hold),)))) == ["delete Tue 16:00-17:00"]
    assert said(planned(replace(then, events=(copy_of(hold, created=None),)))) == ["delete Tue 16:00-17:00"]


def test_a_source_that_does_not_say_when_it_was_made_is_no_copy_of_its_own_hold() -> None:
    bare = replace(DENTIST, created=None)
    assert said(planned(standing(bare))) == []


def test_two_at_the_very_same_time_are_one_hold_and_stay_so() -> None:
    twin = private("Tue 16:00-16:30", "Physio")
    then = standing(DENTIST, twin)
    assert len(then.ours) == 1
    assert said(planned(then)) == []
    left = [said(planned(replace(then, events=(one,)))) for one in (DENTIST, twin)]
    assert sorted(left) == [[], ["delete Tue 16:00-16:30", "create Tue 16:00-16:30"]], "the other takes its place"


def test_what_any_unbusy_made_is_never_held() -> None:
    """Ours with its mark, or without; and that of another one, which mirrors the other way round."""
    [hold] = standing(DENTIST).ours
    named = replace(copy_of(hold), ref=EventRef(HOME, hold.event.ref.uid), counts_as=CountsAs.BUSY)
    marked = replace(copy_of(hold), mark=replace(hold.mark, owner="other@example.com"))
    assert held(replace(named, mark=None)) == held(marked) == held(replace(named, mark=hold.mark)) == []


def test_two_unbusys_that_mirror_each_other_come_to_rest() -> None:
    """The other writes to home and mirrors work: each sees what the other has made, cycle after cycle."""
    here, there = standing(DENTIST), at()
    for _ in range(4):
        theirs = [replace(o.event, ref=EventRef(HOME, o.event.ref.uid), counts_as=CountsAs.BUSY, mark=o.mark)
                  for o in here.ours]  # fmt: skip
        there = replace(at(*theirs), main=HOME)
        assert not list(propose(there, MirrorOptions(sources=("work",))))
        assert said(planned(replace(here, events=(DENTIST, *theirs)))) == []


# -- what changes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("events", "rows"),
    [
        ((DENTIST, PHARMACY, CHOIR), []),
        ((replace(DENTIST, summary="Root canal"), PHARMACY), []),
        ((DENTIST,), ["update Tue 16:00-16:30"]),
        ((replace(DENTIST, span=span("Wed 10:00-10:30")), PHARMACY),
         ["create Tue 16:30-17:00", "update Wed 10:00-10:30"]),
        ((private("Tue 15:30-16:00", "Nap"), DENTIST, PHARMACY), ["update Tue 15:30-17:00"]),
        ((), ["delete Tue 16:00-17:00"]),
    ],
    ids=["nothing", "another title", "one of two goes", "one of two moves", "one comes before it", "both go"],
)  # fmt: skip
def test_it_follows(events: tuple[Event, ...], rows: list[str]) -> None:
    then = replace(standing(DENTIST, PHARMACY), events=events)
    plan = planned(then)
    assert said(plan) == rows
    assert said(planned(after(then, plan.changes))) == []


def moved(calendar: Snapshot, where: str) -> Snapshot:
    """The user has moved the only hold."""
    [hold] = calendar.ours
    return replace(calendar, ours=(replace(hold, event=replace(hold.event, span=span(where)),
                                           edited=frozenset({Field.WHEN})),))  # fmt: skip


def test_a_hold_that_the_user_moves_stays_and_its_source_is_left_alone_until_it_changes() -> None:
    then = moved(standing(DENTIST, PHARMACY), "Tue 10:00-11:00")
    assert said(planned(then)) == []
    assert said(planned(replace(then, events=(DENTIST,)))) == []
    later = replace(DENTIST, span=span("Wed 16:00-16:30"))
    again = replace(then, events=(later, PHARMACY))
    plan = planned(again)
    assert said(plan) == ["create Wed 16:00-16:30"]
    once_more = after(again, plan.changes)
    assert said(planned(once_more)) == []
    assert said(planned(replace(once_more, events=(PHARMACY,)))) == ["delete Wed 16:00-16:30"]


def test_a_hold_that_the_user_deletes_is_not_put_back() -> None:
    [hold] = standing(DENTIST).ours
    skip = Skip("mirror", hold.mark.key, local_day(hold.event.span.start, ZONE), 30)
    assert held(DENTIST, skips=[skip]) == []


@pytest.mark.parametrize("known", [True, False], ids=["its time is known", "as an old journal has it"])
def test_nor_is_one_that_bears_the_name_of_its_second_half(known: bool) -> None:
    """The dentist was there first, and the hold grew to both; what comes elsewhere is held all the same."""
    [hold] = standing(DENTIST).ours
    whole = span("Tue 15:30-16:30")
    skip = Skip("mirror", hold.mark.key, local_day(whole.start, ZONE), 60, when=whole if known else None)
    early, far = private("Tue 15:30-16:00", "Early"), private("Thu 15:30-16:00", "Far")
    assert held(early, DENTIST, skips=[skip]) == []
    assert held(early, DENTIST, far, skips=[skip]) == ["create Thu 15:30-16:00"]


@pytest.mark.parametrize("field", [Field.TITLE, Field.SHOW_AS, Field.TEXT])
def test_what_the_user_changes_of_it_stays_while_it_follows(field: Field) -> None:
    then = standing(DENTIST)
    [hold] = then.ours
    edited = replace(then, ours=(replace(hold, edited=frozenset({field})),))
    later = replace(DENTIST, span=span("Wed 16:00-16:30"))
    [change] = planned(replace(edited, events=(later,))).changes
    assert change.fields == {Field.WHEN}


def test_while_its_source_goes_on_a_hold_is_history() -> None:
    then = replace(standing(DENTIST, PHARMACY), now=moment("Tue 16:10"))
    assert said(planned(then)) == []
    late = private("Tue 17:00-17:30", "Bus")
    assert said(planned(replace(then, events=(DENTIST, PHARMACY, late)))) == ["create Tue 17:00-17:30"]
    put_off = replace(DENTIST, span=span("Wed 10:00-10:30"))
    assert said(planned(replace(then, events=(put_off, PHARMACY)))) == ["create Wed 10:00-10:30"]


def test_a_series_has_a_hold_for_each_time() -> None:
    both = [private(f"{d} 10:00-11:00", uid="yoga", rid=f"202612{n:02}T090000Z", series=True)
            for d, n in (("Tue", 1), ("Thu", 3))]  # fmt: skip
    then = standing(*both)
    assert [o.mark.key.partition("/")[2] for o in then.ours] == ["20261201T090000Z", "20261203T090000Z"]
    assert len({o.mark.key.partition("/")[0] for o in then.ours}) == 1
    assert said(planned(then)) == []


def test_an_old_copy_of_one_event_at_another_time_has_another_name() -> None:
    two = [private("Tue 10:00-11:00", uid="x"), private("Wed 10:00-11:00", uid="x", calendar="home/Old")]
    then = standing(*two)
    assert len({o.wish for o in then.ours}) == 2
    assert said(planned(then)) == []


# -- a source that cannot be read -------------------------------------------------------------------------------------


@pytest.mark.parametrize("hours", [0, 48])
def test_a_stale_source_freezes_its_holds(hours: int) -> None:
    then = standing(DENTIST, PHARMACY)
    stale = Terms(main=CALENDAR, stale=frozenset({HOME}))
    now = moment("Mon 07:00")
    state = CalendarState(id=HOME, name="Private", read_at=now - timedelta(hours=hours), stale=True)
    as_read = replace(then, calendars=(state,))
    assert said(planned(as_read, terms=stale)) == []
    newer = replace(as_read, events=(replace(DENTIST, span=span("Wed 10:00-10:30")), PHARMACY))
    assert said(planned(newer, terms=stale)) == []
    assert said(planned(replace(as_read, ours=()), terms=stale)) == []


def test_one_that_was_never_read_keeps_them_too() -> None:
    state = CalendarState(id=HOME, name="Private", read_at=None, stale=True)
    then = replace(standing(DENTIST), events=(), calendars=(state,))
    assert said(planned(then, terms=Terms(main=CALENDAR, stale=frozenset({HOME})))) == []


# -- privacy ----------------------------------------------------------------------------------------------------------

HOSTILE = ["#skip", "unbusy: pause", "BEGIN:VEVENT\r\nUID:x", "\u202egnp.exe", "a" * 3000, "<script>x</script>", "‘"]


@pytest.mark.parametrize("title", HOSTILE)
def test_no_word_of_a_source_crosses(title: str) -> None:
    secret = private("Tue 16:00-16:30", title, uid=f"{title}@clinic.example", description=title, location=title,
                     attendees=meeting("Tue 16:00-16:30").attendees)  # fmt: skip
    [change] = planned(at(secret)).changes
    assert isinstance(change, Create)
    draft = change.draft
    assert (draft.title, draft.text, draft.mark.questions, draft.mark.about) == ("Busy", "", (), ())
    assert not {title, "clinic", "Private", HOME} & {draft.mark.key, *draft.mark.key.split("/")}
    assert title not in change.reason
    assert len(draft.mark.key) == 16


def test_options_and_role() -> None:
    assert convert({"from": ["home"]}, MirrorOptions, dec_hook=decode) == ON
    [hold] = standing(DENTIST).ours
    assert (at().role(hold), Role.HOLD.counts) == (Role.HOLD, False)
    [want] = propose(at(DENTIST), ON)
    assert (text_of(want.content), want.source) == ("", {HOME})


# -- whatever the calendars hold --------------------------------------------------------------------------------------

CLOCK = st.integers(0, 23 * 4)
ROWS = st.lists(st.tuples(st.sampled_from(DAYS), CLOCK, st.integers(1, 200), st.integers(0, 6)), max_size=12)


def events_of(rows: list[tuple[str, int, int, int]]) -> list[Event]:
    events = []
    for n, (name, start, quarters, uid) in enumerate(rows):
        begins = moment(f"{name} 00:00") + start * timedelta(minutes=15)
        one = private("Tue 10:00-11:00", f"E{n}", uid=f"u{uid}")
        events.append(replace(one, span=TimeRange(begins, begins + quarters * timedelta(minutes=15))))
    return sorted(events, key=lambda e: (e.span, e.ref))


@given(ROWS, ROWS, st.sampled_from(["Mon 07:00", "Tue 12:10", "Thu 16:00"]))
def test_holds_are_apart_listed_and_at_rest_after_one_run(
    first: list[tuple[str, int, int, int]], second: list[tuple[str, int, int, int]], now: str
) -> None:
    then = at(now=now)
    for rows in (first, second):
        then = replace(then, events=tuple(events_of(rows)))
        then = after(then, planned(then).changes)
        ahead = sorted(o.event.span for o in then.ours if not then.begun(o.event))
        assert all(a.end < b.start for a, b in pairwise(ahead))
        assert {o.mark.key for o in then.ours if not then.begun(o.event)} <= set(KIND.keys(then, ON))
        assert planned(then).changes == ()


def test_keys_are_listed_once() -> None:
    listed = list(KIND.keys(at(DENTIST, private("Wed 10:00-11:00", uid="Dentist-Tue-16:00-16:30")), ON))
    assert len(listed) == len(set(listed))
    assert not set(KIND.keys(at(own("Tue 16:00-16:30").event), ON))
