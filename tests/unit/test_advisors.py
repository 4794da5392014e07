"""The slot before the 1:1s of a day, whom it asks for advice, what it quotes, and whom the weekly review names."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from daemon.model.event import Attendee, CountsAs, Event, PartStat
from daemon.model.figures.told import NotMet
from daemon.model.options import FaultsError, Minutes
from daemon.model.owner import Subject
from daemon.model.plan import Create, Plan, Update
from daemon.model.proposal import Rank
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.text import composed
from daemon.model.times import DAY, TimeRange
from daemon.model.user.entry import Entry
from daemon.model.user.people import REPORTS
from daemon.planning.after import after
from daemon.planning.diff import Terms
from daemon.planning.planner import Limits, make_plan
from living import said
from making import CALENDAR, ME, MONDAY, event, meeting, moment, own, profile, snapshot, span
from policies.advisors.asking import request
from policies.advisors.drift import drift, tell
from policies.advisors.options import POLICY, AdvisorsOptions
from policies.advisors.policy import keys, propose
from policies.overload.options import OverloadOptions

DANA, BO, CY, HIRE = "dana@example.com", "bo@example.com", "cy@example.com", "hire@example.com"
NAMES = {DANA: "Dana Roe", BO: "Bo Li", CY: "Cy Fox", HIRE: "Hana Ire"}
WHO = profile(groups={REPORTS: frozenset({DANA, BO, CY})})
PLAIN = AdvisorsOptions(advice=False)


def alone(
    when: str, address: str, title: str = "Catch-up", *, theirs: PartStat = PartStat.ACCEPTED, **more: object
) -> Event:
    reply = more.get("reply", PartStat.ACCEPTED)
    people = (Attendee(ME, "Ada", reply), Attendee(address, NAMES.get(address, ""), theirs))
    values: dict[str, object] = {"attendees": people, "organizer": ME, "mine": True, "series": True}
    return meeting(when, title, uid=f"{address}-{when}".replace(" ", "-"), **(values | more))


DAY_OF_THREE = (alone("Tue 10:00-10:30", DANA), alone("Tue 10:30-11:00", BO), alone("Tue 14:00-14:30", CY))


def seen(*events: Event, now: str = "Tue 07:00", **more: object) -> Snapshot:
    return replace(
        snapshot(*events, now=now, **({"who": WHO} | more)), main=CALENDAR, policies={"overload": OverloadOptions()}
    )


def plan(at: Snapshot, options: AdvisorsOptions = PLAIN) -> Plan:
    made = make_plan(at, propose(at, options), Terms(main=CALENDAR), Limits())
    then = after(at, made.changes)
    assert make_plan(then, propose(then, options), Terms(main=CALENDAR), Limits()).changes == (), "one run is enough"
    return made


def slots(*events: Event, now: str = "Tue 07:00", options: AdvisorsOptions = PLAIN, **more: object) -> list[str]:
    return [said(c) for c in plan(seen(*events, now=now, **more), options).changes]


def text(*events: Event, options: AdvisorsOptions = PLAIN, **more: object) -> str:
    (made,) = plan(seen(*events, **more), options).changes  # type: ignore[arg-type]  # as seen
    assert isinstance(made, Create)
    return made.draft.text


# -- when it comes ---------------------------------------------------------------------------------------------------

WHEN = {
    "one a day, ten minutes before the first": (DAY_OF_THREE, "Tue 07:00", ["create 2026-12-01 Tue 09:50-10:00"]),
    "made in the morning of its day": (DAY_OF_THREE, "Tue 06:59", []),
    "nothing for the days ahead": (DAY_OF_THREE, "Mon 12:00", []),
    "made later, before the first that is left": (DAY_OF_THREE, "Tue 11:00", ["create 2026-12-01 Tue 13:50-14:00"]),
    "a sync about hiring is no 1:1": ((alone("Tue 10:00-10:30", HIRE, "Hiring sync"),), "Tue 07:00", []),
    "nor is a single meeting of two": ((alone("Tue 10:00-10:30", DANA, series=False),), "Tue 07:00", []),
    "unless its title says so": (
        (alone("Tue 10:00-10:30", DANA, "1:1 Dana", series=False),), "Tue 07:00", ["create 2026-12-01 Tue 09:50-10:00"]
    ),
    "a lunch is none": ((alone("Tue 12:00-13:00", DANA, "Lunch with Dana"),), "Tue 07:00", []),
    "nor is a meeting of three": (
        (meeting("Tue 10:00-10:30", "1:1", series=True, attendees=(Attendee(ME), Attendee(DANA), Attendee(BO))),),
        "Tue 07:00", [],
    ),
    "one that I declined": (
        (alone("Tue 10:00-10:30", DANA, reply=PartStat.DECLINED, counts_as=CountsAs.DECLINED),), "Tue 07:00", []
    ),
    "earlier, where the minutes before are taken": (
        (*DAY_OF_THREE, meeting("Tue 09:30-10:00")), "Tue 07:00", ["create 2026-12-01 Tue 09:20-09:30"]
    ),
    "nothing outside of working time": (
        (alone("Tue 09:00-09:30", DANA), DAY_OF_THREE[2]), "Tue 07:00", ["create 2026-12-01 Tue 13:50-14:00"]
    ),
}  # fmt: skip


@pytest.mark.parametrize(("events", "now", "expected"), WHEN.values(), ids=WHEN)
def test_when_it_comes(events: tuple[Event, ...], now: str, expected: list[str]) -> None:
    assert slots(*events, now=now) == expected


def test_with_nothing_to_say_it_does_not_come() -> None:
    """Whoever was asked lately, and noted nothing: the calendar knows that they are met."""
    before = own("Tue-1 09:50-10:00", POLICY, "2026-11-24", title="Before your 1:1s")
    mark = replace(before.mark, questions=("advice-tried",), about=(Subject(f"person:{DANA}", "Dana Roe"),))
    asked = replace(before, mark=mark)
    one = DAY_OF_THREE[:1]
    assert slots(*one, options=AdvisorsOptions(), ours=[asked]) == []
    assert slots(*one, options=AdvisorsOptions()) == ["create 2026-12-01 Tue 09:50-10:00"]


def test_not_while_away_nor_while_weeks_are_busy() -> None:
    assert slots(*DAY_OF_THREE, away=[span("Tue 00:00-23:59")]) == []
    busy = [meeting(f"{d} {h:02}:00-{h + 1:02}:00", f"{d}{h}") for d in ("Wed", "Thu", "Fri") for h in range(9, 16)]
    assert slots(*DAY_OF_THREE, *busy) == []


def test_its_rank_and_its_key() -> None:
    (want,) = propose(seen(*DAY_OF_THREE), PLAIN)
    assert want.ranked(seen().roles) is Rank.ADVICE
    assert want.key in set(keys(seen(), PLAIN))


def test_what_stands_stays_whatever_comes_of_the_day() -> None:
    at = seen(*DAY_OF_THREE)
    stands = after(at, plan(at).changes).ours
    assert slots(*DAY_OF_THREE, now="Tue 09:30", ours=stands) == []
    assert slots(*DAY_OF_THREE, now="Tue 10:15", ours=stands) == [], "the first is held, and no other comes"


def test_a_1_1_that_is_cancelled_before_leaves_the_words() -> None:
    at = seen(*DAY_OF_THREE)
    stands = after(at, plan(at).changes).ours
    (change,) = plan(seen(*DAY_OF_THREE[1:], now="Tue 08:00", ours=stands)).changes
    assert isinstance(change, Update)
    assert "Dana" not in change.draft.text
    assert "Bo Li, 10:30" in change.draft.text


# -- what it says ----------------------------------------------------------------------------------------------------


def test_what_it_says() -> None:
    assert text(*DAY_OF_THREE) == (
        "3 one-to-ones today, from 10:00. A moment to put your own answers aside.\n\n"
        "– Dana Roe, 10:00\n– Bo Li, 10:30\n– Cy Fox, 14:00\n\n"
        "Change, move or delete this: your edit stands. What you type is kept in your journal."
    )
    assert text(DAY_OF_THREE[2]).startswith("A one-to-one today, at 14:00. A moment")


def test_its_title_names_nobody_and_it_is_free() -> None:
    (made,) = plan(seen(*DAY_OF_THREE)).changes
    assert isinstance(made, Create)
    assert (made.draft.title, made.draft.show_as) == ("Before your 1:1s", "free")


HOSTILE = ["Dana\n▸ x", "#never Dana", "Dana’ #skip", "\x1b[2JDana\u202e", "D" * 900, "", "<br>Dana"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_data(name: str) -> None:
    people = (Attendee(ME, "Ada"), Attendee(DANA, name))
    said = text(alone("Tue 10:00-10:30", DANA, attendees=people), options=AdvisorsOptions())
    assert [part[:1] for part in said.split("\n\n")].count("▸") == 1
    assert not any(order in said for order in ("#never", "#skip", "\x1b", "\u202e"))
    assert max(map(len, said.split("\n"))) < 200


def test_nothing_more_about_whom_nothing_more_is_wanted() -> None:
    at = replace(seen(*DAY_OF_THREE), nevers=frozenset({f"person:{DANA}"}))
    (want,) = propose(at, PLAIN)
    assert "Dana" not in f"{want.content} {want.about}"
    assert replace(at, nevers=frozenset(f"person:{a}" for a in (DANA, BO, CY)))
    assert [*propose(replace(at, nevers=frozenset(f"person:{a}" for a in (DANA, BO, CY))), PLAIN)] == []


# -- whom to ask for advice ------------------------------------------------------------------------------------------


def before(on: date, who: str, ident: str) -> OwnEvent:
    """A slot that has asked somebody for advice, on a day."""
    lines = f"A one-to-one today, at 10:00.\n\n– {NAMES[who]}, 10:00"
    made = own("Mon 09:50-10:00", POLICY, f"{on}", title="Before your 1:1s", text=composed(lines, [f"{NAMES[who]}: x"]))
    at = TimeRange(moment("Mon 09:50") + (on - MONDAY), moment("Mon 10:00") + (on - MONDAY))
    mark = replace(made.mark, questions=(ident,), about=(Subject(f"person:{who}", NAMES[who]),))
    return replace(made, event=replace(made.event, span=at, mark=mark), mark=mark)


def asks(at: Snapshot, *people: str) -> str:
    found = request(at, [Subject(f"person:{a}", NAMES[a]) for a in people])
    return f"{found.who.name} {found.id}" if found else ""


def test_one_of_them_is_asked_for_advice_and_is_the_first_subject() -> None:
    (want,) = propose(seen(*DAY_OF_THREE), AdvisorsOptions())
    (question,) = want.content.questions
    name = question.partition(":")[0]
    assert want.about[0].name == name
    assert {s.name for s in want.about} == {"Dana Roe", "Bo Li", "Cy Fox"}
    assert want.content.question_ids[0].startswith("advice-")


def test_each_at_most_once_in_four_weeks() -> None:
    at = seen(now="Tue 07:00")
    on = at.today
    for days, asked in ((27, False), (28, True)):
        past = replace(at, ours=(before(on - days * DAY, DANA, "advice-none"),))
        assert bool(asks(past, DANA)) is asked
        assert asks(past, DANA, BO).startswith("Bo Li"), "whoever was asked least lately"


def test_the_same_never_twice_in_twelve_weeks_though_nothing_is_remembered() -> None:
    start = seen(now="Tue 07:00")
    for who in (DANA, BO, CY):
        seen_on: dict[str, date] = {}
        at, last = start, date.min
        for day in range(0, 400, 1):
            now = start.now + timedelta(days=day)
            at = replace(start, now=now)
            if at.today - last < timedelta(days=28):
                continue
            if found := asks(at, who):
                ident, last = found.split()[-1], at.today
                assert at.today - seen_on.get(ident, date.min) > timedelta(days=84), ident
                seen_on[ident] = at.today
        assert len(seen_on) == 6


def test_nobody_is_asked_what_the_user_has_just_read() -> None:
    at = seen(now="Tue 07:00")
    ident = asks(at, DANA).split()[-1]
    for days, silent in ((20, True), (21, False)):
        past = replace(at, ours=(before(at.today - days * DAY, BO, ident),))
        assert (asks(past, DANA) == "") is silent


def test_the_journal_knows_it_where_the_event_is_gone() -> None:
    at = seen(now="Tue 07:00")
    ident = asks(at, DANA).split()[-1]
    entry = Entry(
        policy=POLICY, key="2026-10-01", day=date(2026, 10, 1), at="2026-10-01T09:50", event="", evidence="",
        question="Dana Roe: x", text="y", question_id=ident,
    )  # fmt: skip
    assert asks(replace(at, entries=(entry,)), DANA) == ""
    assert asks(replace(at, entries=(under(entry, "Bo Li: x"),)), DANA) != ""


def under(entry: Entry, question: str) -> Entry:
    return replace(entry, question=question)


# -- what was noted --------------------------------------------------------------------------------------------------


def noted(entries: Iterable[tuple[str, str]], people: tuple[str, ...] = (DANA,), calendar: str = CALENDAR) -> str:
    """What the slot before the 1:1 with Dana says; `entries`: question id and text, of the one a week before."""
    day = MONDAY - 6 * DAY
    lines = "\n".join(f"– {NAMES[p]}, 10:00" for p in people)
    made = before(day, DANA, "advice-know")
    mark = replace(made.mark, about=tuple(Subject(f"person:{p}", NAMES[p]) for p in people))
    event = replace(
        made.event, description=composed(f"x\n\n{lines}", ["Dana Roe: x"]), mark=mark,
        ref=replace(made.event.ref, calendar=calendar),
    )  # fmt: skip
    rows = tuple(
        Entry(policy=POLICY, key=f"{day}", day=day, at="", event="", evidence="", question="", text=t, question_id=i)
        for i, t in entries
    )
    at = replace(seen(DAY_OF_THREE[0]), ours=(replace(made, event=event, mark=mark),), entries=rows)
    (want,) = propose(at, AdvisorsOptions(advice=False, notes=True))
    return want.content.reason.partition("\n\n")[2].partition("\n")[2]


NOTED = {
    "all that was typed before a single one": ([("", "Wants the migration.")], (DANA,), "Wants the migration."),
    "of several the line that names them": (
        [("", "dana: the migration\nBo: leave")],
        (DANA, BO),
        "dana: the migration",
    ),
    "and what answers the request": ([("advice-know", "She said: less.")], (DANA, BO), "She said: less."),
    "nothing that may be about another": ([("", "Wants the migration.")], (DANA, BO), ""),
    "no orders": ([("", "#done")], (DANA,), ""),
}


@pytest.mark.parametrize(("entries", "people", "expected"), NOTED.values(), ids=NOTED)
def test_what_was_noted_the_last_time(entries: list[tuple[str, str]], people: tuple[str, ...], expected: str) -> None:
    assert noted(entries, people) == (f"On Tue 24 Nov you noted: “{expected}”" if expected else "")


def test_words_do_not_cross_calendars() -> None:
    assert noted([("", "Wants the migration.")], calendar="work/Other") == ""


# -- drift -----------------------------------------------------------------------------------------------------------

MINE = {"reply": PartStat.DECLINED, "counts_as": CountsAs.DECLINED}


def mondays(*how: dict[str, object], ahead: bool = True) -> list[Event]:
    """Dana's 1:1s on 9, 16, 23, 30 November and, if there is a next one, 7 December."""
    weeks = [f"Mon{w} 10:00-10:30" for w in ("-3", "-2", "-1", "+0", *(["+1"] if ahead else []))]
    return [alone(w, DANA, **more) for w, more in zip(weeks, [*how, {}], strict=False)]


HERS: dict[str, object] = {"theirs": PartStat.DECLINED}
LOST = mondays(MINE, MINE, HERS, HERS)


def lines(*events: Event, on: str = "Fri", options: AdvisorsOptions = PLAIN, **more: object) -> tuple[str, ...]:
    at = seen(*events, now=f"{on} 07:00", **more)
    return drift(at, options, at.today)


def absence(when: str, title: str = "Vacation", who: str = DANA) -> Event:
    return event(when, title, organizer=who, counts_as=CountsAs.OTHERS, attendees=())


NAMED = ("Not met for 3 weeks: Dana Roe. Next: Mon 7 Dec.",)
DRIFT = {
    "declined by me, me, her, her": (LOST, NAMED),
    "held on Monday": (mondays(MINE, MINE, MINE, {}), ()),
    "away in two of these weeks": ([*LOST, absence("Mon-2..Fri-2"), absence("Mon-1..Fri-1")], ()),
    "at home in these weeks": (
        [*LOST, absence("Mon-2..Fri-2", "Home office"), absence("Mon-1..Fri-1", "Home office")],
        NAMED,
    ),
    "somebody else away": ([*LOST, absence("Mon-2..Fri-2", who=BO)], NAMED),
    "booked over by a meeting that I attended": (
        [*mondays(MINE, MINE, MINE, {}), meeting("Mon 10:00-11:00", "Incident")],
        NAMED,
    ),
    "booked over by one that I did not answer": (
        [*mondays(MINE, MINE, MINE, {}), meeting("Mon 10:00-11:00", "Sales", reply=PartStat.TENTATIVE)], ()
    ),
    "no next one": (
        mondays(MINE, MINE, HERS, HERS, ahead=False), ("Not met for 3 weeks: Dana Roe. There is no next one.",)
    ),
    "not a report": ([replace(e, attendees=(Attendee(ME), Attendee(HIRE))) for e in LOST], ()),
}  # fmt: skip


@pytest.mark.parametrize(("events", "expected"), DRIFT.values(), ids=DRIFT)
def test_drift(events: list[Event], expected: tuple[str, ...]) -> None:
    assert lines(*events) == expected


def test_a_report_names_those_with_a_next_one() -> None:
    """Whoever has none, the review has named once."""
    met = mondays({}, MINE, MINE, MINE)
    (found,) = tell(seen(*met, now="Fri 07:00"), PLAIN, ()).not_met
    assert found == NotMet(name="Dana Roe", every=21, last=date(2026, 11, 9), next=date(2026, 12, 7))
    (found,) = tell(seen(*LOST, now="Fri 07:00"), PLAIN, ()).not_met
    assert found.last is None, "not within sight"
    ended = mondays(MINE, MINE, HERS, HERS, ahead=False)
    assert tell(seen(*ended, now="Fri 07:00"), PLAIN, ()).not_met == ()


def test_the_users_own_leave_stops_the_clock() -> None:
    away = [
        TimeRange(moment("Mon-2 00:00"), moment("Sat-2 00:00")),
        TimeRange(moment("Mon-1 00:00"), moment("Sat-1 00:00")),
    ]
    assert lines(*LOST, away=away) == ()


def test_never_again_about_her() -> None:
    at = replace(seen(*LOST, now="Fri 07:00"), nevers=frozenset({f"person:{DANA}"}))
    assert drift(at, PLAIN, at.today) == ()


def test_whoever_has_no_next_one_is_named_once() -> None:
    gone = mondays(MINE, MINE, HERS, HERS, ahead=False)
    (line,) = lines(*gone)
    said = own("Fri-1 16:00-16:25", "reflection", "week/2026-W48", text=composed(f"Week 48.\n{line}", []))
    assert lines(*gone, ours=[said]) == ()
    assert lines(*LOST, ours=[said]) != (), "who has one is named while it lasts"
    other = own(
        "Fri-1 16:00-16:25", "reflection", "week/2026-W48", text=composed("Not met for 3 weeks: Dana Roeder.", [])
    )
    assert lines(*gone, ours=[other]) == (line,)


def test_several_stand_in_the_order_of_their_names_and_many_in_one_line() -> None:
    who = profile(groups={REPORTS: frozenset(f"{n}@example.com" for n in "dcba")})
    each = {
        n: [alone(f"Mon{w} 1{i}:00-1{i}:30", f"{n}@example.com", **MINE) for w in ("-3", "-2")]
        for i, n in enumerate("dcba")
    }
    three = lines(*(e for n in "dba" for e in each[n]), who=who)
    assert [line.split(": ")[1].split(".")[0] for line in three] == ["a@example", "b@example", "d@example"]
    four = lines(*(e for n in "dcba" for e in each[n]), who=who)
    assert four == ("Not met for 3 weeks or more: a@example.com, b@example.com, c@example.com and d@example.com.",)


# -- options ---------------------------------------------------------------------------------------------------------


def test_options() -> None:
    assert not AdvisorsOptions().enabled
    with pytest.raises(FaultsError):
        AdvisorsOptions(length=Minutes(4))
