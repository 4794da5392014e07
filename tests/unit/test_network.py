"""Keep in touch: who is due, on which day, in which words, and what stops it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest
from msgspec.structs import replace

from daemon.model.event import Attendee, CountsAs, Event, PartStat, ShowAs
from daemon.model.figures.told import NotMet
from daemon.model.options import Cadence, FaultsError, Minutes
from daemon.model.owner import Field, Subject
from daemon.model.plan import Create, Plan
from daemon.model.proposal import Rank
from daemon.model.snapshot import OwnEvent, Skip, Snapshot
from daemon.model.text import composed
from daemon.model.times import DAY, local_day, week_of
from daemon.model.user.contact import LastSeen, Named, is_contact
from daemon.model.user.gesture import Gesture
from daemon.planning.after import after
from daemon.planning.diff import Terms
from daemon.planning.planner import Limits, make_plan
from living import said
from making import CALENDAR, ME, event, meeting, moment, own, profile, snapshot, span
from policies.network.due import due, tell
from policies.network.options import POLICY, NetworkOptions, PersonOptions, check
from policies.network.people import friends, recall
from policies.network.policy import keys, propose
from policies.overload.options import OverloadOptions

LENA, TOM = "lena@elsewhere.org", "tom@elsewhere.org"


def wish(*who: str, every: int = 6) -> PersonOptions:
    return PersonOptions(who=who, every=Cadence(7 * every), length=Minutes(30))


BOTH = NetworkOptions(people=(wish(LENA, "Lena*", every=6), wish(TOM, "Tom*", every=8)))
WHO = profile()
BUSY = {"overload": OverloadOptions()}


def seen(
    *events: Event, now: str = "Tue 07:00", last: Mapping[str, date | LastSeen | None] | None = None, **more: object
) -> Snapshot:
    """With what is known of the time before the window; by default nobody was ever met."""
    known = {f"person:{who}": day for who, day in (last or {}).items()}
    rows = {LENA: None, TOM: None}
    everybody = {f"person:{who}": LastSeen() for who in rows}
    for who, day in known.items():
        everybody[who] = day if isinstance(day, LastSeen) else LastSeen(day=day, calendar=CALENDAR)
    return replace(
        snapshot(*events, now=now, **({"who": WHO} | more)), last_seen=everybody, main=CALENDAR, policies=BUSY
    )


def plan(at: Snapshot, options: NetworkOptions = BOTH) -> Plan:
    made = make_plan(at, propose(at, options), Terms(main=CALENDAR), Limits())
    then = after(at, made.changes)
    assert make_plan(then, propose(then, options), Terms(main=CALENDAR), Limits()).changes == (), "one run is enough"
    return made


def nudged(at: Snapshot, options: NetworkOptions = BOTH) -> list[str]:
    """'Tom Tue 13:00-13:15' for each slot that is made."""
    names = {f.key: f.name for f in friends(options, at.profile)}
    made = (c for c in plan(at, options).changes if isinstance(c, Create))
    return [f"{names[c.wish.key.partition('/')[2]]} {said(c).split(' ', 2)[2]}" for c in made]


def about(when: str, name: str, address: str, *, key: str = "", **more: object) -> OwnEvent:
    """A slot about somebody that stands or stood."""
    friend = next(f for f in friends(BOTH, WHO) if f.name == name)
    week = week_of(local_day(span(when).start, WHO.zone), 0).key
    text = composed(f"{name}: every 6 weeks is your wish.", [])
    made = own(when, POLICY, key or f"{week}/{friend.key}", title="Keep in touch", text=text, **more)
    mark = replace(made.mark, about=(Subject(f"person:{address}", name),))
    return replace(made, mark=mark)


LATELY = date(2026, 10, 25)
"""Before the window, and within the cadence of either."""
DAYS = {LENA: date(2026, 10, 8), TOM: date(2026, 9, 20)}

# -- who is due ------------------------------------------------------------------------------------------------------


def test_one_about_whoever_is_longest_beyond() -> None:
    assert nudged(seen(last=DAYS)) == ["Tom Tue 13:00-13:15"]


def test_a_report_names_the_one_who_is_longest_beyond_and_nobody_else() -> None:
    told = NotMet(name="Tom", every=56, last=date(2026, 9, 20))
    assert tell(seen(last=DAYS, now="Fri 07:00"), BOTH, ()).not_met == (told,)
    assert tell(seen(), BOTH, ()).not_met == (), "who was never seen is not missed"
    assert tell(seen(last={LENA: LATELY, TOM: LATELY}), BOTH, ()).not_met == ()


def lunch(when: str, who: str = LENA, **more: object) -> Event:
    people = (Attendee(ME, "Ada", PartStat.ACCEPTED), Attendee(who, "Lena", PartStat.ACCEPTED))
    return meeting(when, "Lunch", attendees=people, organizer=who, **more)  # type: ignore[arg-type]  # a table


LONG = {LENA: date(2026, 10, 8), TOM: LATELY}
ACCEPTED = lunch("Fri+1 12:00-13:00")
WHEN = {
    "Lena, 1.5 weeks beyond": (seen(last=LONG), ["Lena Tue 13:00-13:15"]),
    "she is accepted for Friday in a week": (seen(ACCEPTED, last=LONG), []),
    "asked and not answered stops nothing": (
        seen(lunch("Fri+1 12:00-13:00", reply=PartStat.NEEDS_ACTION), last=LONG), ["Lena Tue 13:00-13:15"]
    ),
    "met last week": (seen(lunch("Wed-1 12:00-13:00"), last=LONG), []),
    "declined by her last week": (
        seen(meeting("Wed-1 12:00-13:00", "Sync", attendees=(Attendee(ME), Attendee(LENA, "", PartStat.DECLINED))),
             last=LONG), ["Lena Tue 13:00-13:15"],
    ),
    "met by title": (seen(event("Wed-1 12:00-13:00", "Coffee with Lena"), last=LONG), []),
    "days are an absence, or a birthday": (
        seen(event("Wed-1", "Lena's birthday"), last=LONG), ["Lena Tue 13:00-13:15"]
    ),
    "somebody else's meeting": (
        seen(event("Wed-1 12:00-13:00", "Lena", counts_as=CountsAs.OTHERS), last=LONG), ["Lena Tue 13:00-13:15"]
    ),
    "not on Monday": (seen(now="Mon 12:00", last=LONG), []),
    "nor before the morning": (seen(now="Tue 06:59", last=LONG), []),
    "on Wednesday, if Tuesday had none": (seen(now="Wed 07:00", last=LONG), ["Lena Wed 13:00-13:15"]),
    "nor on Friday": (seen(now="Fri 07:00", last=LONG), []),
    "not while away": (seen(last=LONG, away=[span("Tue 00:00-23:59")]), []),
    "within her cadence": (seen(last={LENA: date(2026, 11, 1), TOM: LATELY}), []),
    "on the very day": (seen(last={LENA: date(2026, 10, 20), TOM: LATELY}), ["Lena Tue 13:00-13:15"]),
}  # fmt: skip


@pytest.mark.parametrize(("at", "expected"), WHEN.values(), ids=WHEN)
def test_when_it_comes(at: Snapshot, expected: list[str]) -> None:
    assert nudged(at) == expected


def test_not_while_weeks_are_busy() -> None:
    busy = [meeting(f"{d} {h:02}:00-{h + 1:02}:00", f"{d}{h}") for d in ("Wed", "Thu", "Fri") for h in range(9, 16)]
    assert nudged(seen(*busy, last=LONG)) == []
    assert nudged(replace(seen(*busy, last=LONG), policies={})) != [], "where nobody watches no week is busy"


def test_of_whom_the_calendars_could_not_tell_nothing_is_said() -> None:
    assert nudged(replace(seen(last=LONG), last_seen={})) == []


def test_never_again() -> None:
    at = replace(seen(last=DAYS), nevers=frozenset({f"person:{TOM}"}))
    assert nudged(at) == ["Lena Tue 13:00-13:15"]


# -- once a week, and not too often ----------------------------------------------------------------------------------


def test_one_a_week() -> None:
    stands = about("Tue 13:00-13:15", "Tom", TOM)
    assert nudged(seen(now="Wed 07:00", last=DAYS, ours=[stands])) == []


def test_dragged_to_next_tuesday_it_stays_and_no_other_comes() -> None:
    week = f"2026-W49/{friends(BOTH, WHO)[1].key}"
    stands = about("Tue+1 15:00-15:15", "Tom", TOM, key=week, edited=[Field.WHEN])
    for now in ("Wed 07:00", "Thu 07:00", "Tue+1 07:00", "Wed+1 07:00"):
        assert plan(seen(now=now, last=DAYS, ours=[stands])).changes == (), now


def test_deleted_is_not_this_one() -> None:
    key = f"2026-W49/{friends(BOTH, WHO)[1].key}"
    skip = Skip(POLICY, key, date(2026, 12, 1), 15)
    assert nudged(seen(now="Wed 07:00", last=DAYS, skips=[skip])) == []
    assert nudged(seen(now="Tue+1 07:00", last=DAYS, skips=[skip])) == ["Lena Tue+1 13:00-13:15"]


APART = {
    "nine days after the last": ([9], []),
    "ten days after": ([10], ["Tom"]),
    "two without effect": ([10, 24], ["Tom"]),
    "after three it rests": ([10, 24, 38], []),
    "for eight weeks": ([55, 69, 83], []),
    "and then comes again": ([56, 70, 84], ["Tom"]),
    "what was before the last contact does not count": ([10, 24, 300], ["Tom"]),
}


@pytest.mark.parametrize(("days", "names"), APART.values(), ids=APART)
def test_between_two_about_one_person(days: list[int], names: list[str]) -> None:
    today = date(2026, 12, 1)
    known = LastSeen(day=date(2026, 9, 1), calendar=CALENDAR, nudged=tuple(sorted(today - n * DAY for n in days)))
    at = seen(last={TOM: known, LENA: LATELY})
    assert [n.split()[0] for n in nudged(at)] == names


def test_what_stands_in_sight_counts_too() -> None:
    ours = [about("Wed-1 13:00-13:15", "Tom", TOM)]
    assert nudged(seen(last={TOM: date(2026, 9, 1), LENA: LATELY}, ours=ours)) == []
    done = [replace(about("Thu-3 13:00-13:15", "Tom", TOM), gestures=frozenset({Gesture.DONE}))]
    assert nudged(seen(last={TOM: date(2026, 9, 1), LENA: LATELY}, ours=done)) == [], "done is a contact"


def test_it_goes_once_they_meet() -> None:
    dragged = about("Thu 13:00-13:15", "Lena", LENA)
    assert plan(seen(now="Tue 09:00", last=LONG, ours=[dragged])).changes == ()
    for met in (ACCEPTED, lunch("Tue 08:00-08:30")):
        (change,) = plan(seen(met, now="Tue 09:00", last=LONG, ours=[dragged])).changes
        assert said(change).startswith("delete")


def test_twelve_new_people_come_one_a_week_in_the_order_of_the_config() -> None:
    people = tuple(wish(f"n{n}@elsewhere.org", every=8) for n in range(12))
    options = NetworkOptions(people=people)
    known = {f.id: LastSeen() for f in friends(options, WHO)}
    first: dict[str, str] = {}
    for week in range(14):
        stands: list[OwnEvent] = []
        for name in ("Tue", "Wed", "Thu"):
            at = replace(seen(now=f"{name}+{week} 07:00", ours=stands), last_seen=known)
            for want in () if stands else propose(at, options):
                who = want.about[0].id
                first.setdefault(who, at.this_week.key)
                known = known | {who: known[who].and_nudged([at.today])}
                stands = [own(f"{name}+{week} 13:00-13:15", POLICY, want.key, title="Keep in touch")]
            assert len(stands) == 1
            assert [w.key for w in propose(at, options)] in ([], [stands[0].mark.key])
    assert list(first) == [f.id for f in friends(options, WHO)]
    assert (first[f"person:{people[0].who[0]}"], first[f"person:{people[11].who[0]}"]) == ("2026-W49", "2027-W07")


# -- what it says ----------------------------------------------------------------------------------------------------


def content(at: Snapshot, options: NetworkOptions = BOTH) -> str:
    (change,) = plan(at, options).changes
    assert isinstance(change, Create)
    assert change.draft.show_as is ShowAs.FREE
    assert [part[:1] for part in change.draft.text.split("\n\n")].count("▸") == 1
    return f"{change.draft.title}|{change.draft.text.partition(chr(10) * 2 + '▸')[0]}"


MESSAGE = "Hi Lena, it has been a while, and I would like to hear how you are. Do you have 30 min in the next weeks?"


def test_what_it_says() -> None:
    assert content(seen(last=LONG)) == f"Keep in touch|Lena: last seen 8 Oct. Every 6 weeks is your wish.\n\n{MESSAGE}"
    mine = NetworkOptions(people=BOTH.people, names=True, messages=False)
    assert content(seen(last=LONG), mine) == "Keep in touch: Lena|Lena: last seen 8 Oct. Every 6 weeks is your wish."
    assert content(seen(last={TOM: LATELY}), mine) == "Keep in touch: Lena|Lena: every 6 weeks is your wish."


def test_what_it_was_is_said_while_it_is_in_sight_and_may_be_said() -> None:
    people = NetworkOptions(people=(wish(LENA, "Lena*", every=1),), messages=False)
    assert "last seen 18 Nov (‘Lunch’). Every week is" in content(seen(lunch("Wed-2 12:00-13:00")), people)
    assert "(a private appointment)" in content(seen(lunch("Wed-2 12:00-13:00", spoken="")), people)


def test_a_date_of_long_ago_has_its_year() -> None:
    assert "last seen 1 Jan 2026." in content(seen(last={LENA: date(2026, 1, 1), TOM: LATELY}))


def test_no_key_and_no_title_names_anybody() -> None:
    (want,) = propose(seen(last=LONG), BOTH)
    assert "lena" not in f"{want.key} {want.content.title}".lower()
    assert want.key in set(keys(seen(), BOTH))
    assert want.about == (Subject(f"person:{LENA}", "Lena"),)
    assert want.ranked(seen().roles) is Rank.CONTACT


@pytest.mark.parametrize("name", ["Lena\n▸ x", "#never Lena", "\x1b[2JLena\u202e", "L" * 180, "*", "Lena’ #skip"])
def test_a_name_is_data(name: str) -> None:
    options = NetworkOptions(people=(wish(LENA, name),), names=True)
    said = content(seen(), options)
    assert not any(order in said for order in ("#never", "#skip", "\x1b", "\u202e"))
    assert len(said.partition("|")[0]) <= 40


# -- who is who ------------------------------------------------------------------------------------------------------


def test_groups_are_their_members_and_each_comes_once() -> None:
    who = profile(groups={"mentors": frozenset({"m@x.org", LENA})})
    options = NetworkOptions(
        people=(wish("mentors", every=10), wish(LENA, "Lena*", every=6), wish("Old team*", every=4))
    )
    found = [(f.name, f.every) for f in friends(options, who)]
    assert found == [("m@x.org", 70), ("Lena", 42), ("Old team", 28)]
    assert [n.about.id for n in recall(options, who).people] == ["person:m@x.org", f"person:{LENA}", "person:old-team"]
    assert recall(options, who).days == 400


@pytest.mark.parametrize(
    ("who", "name"),
    [
        ((LENA, "Lunch with Lena*"), "Lena"),
        ((LENA, "Lunch with Lena*", "Lena*"), "Lena"),
        ((LENA, "Lena Roe*"), "Lena Roe"),
        (("lena.roe@elsewhere.org", "Coffee with L*"), "Lena Roe"),
        (("lr7@elsewhere.org", "Coffee with L*"), "lr7@elsewhere.org"),
        (("Old team*",), "Old team"),
    ],
)
def test_what_somebody_is_called(who: tuple[str, ...], name: str) -> None:
    """What one does with them is no name."""
    (friend,) = friends(NetworkOptions(people=(wish(*who),)), WHO)
    assert friend.name == name


def test_nobody_is_named_twice() -> None:
    ((key, text),) = check(NetworkOptions(people=(wish(LENA), wish(LENA.upper()))), 0)
    assert (key, "name each address once" in text) == ("people", True)
    assert [*check(BOTH, 0)] == []
    with pytest.raises(FaultsError):
        NetworkOptions(slot=Minutes(4))
    assert not NetworkOptions().enabled


def test_a_contact_is_time_together() -> None:
    lena = Named(about=Subject("person:x", "Lena"), addresses=frozenset({LENA}), titles=("Lena*",))
    people = seen().people
    assert is_contact(lunch("Wed 12:00-13:00"), lena, people)
    assert is_contact(event("Wed 12:00-13:00", "Call léna", counts_as=CountsAs.FREE), lena, people)
    for other in (
        lunch("Wed 12:00-13:00", TOM),
        lunch("Wed 12:00-13:00", counts_as=CountsAs.DECLINED, reply=PartStat.DECLINED),
        lunch("Wed 12:00-13:00", cancelled=True),
        event("Wed 12:00-13:00", "Milena"),
    ):
        assert not is_contact(other, lena, people)


def test_due_says_how_far_beyond() -> None:
    tom = friends(BOTH, WHO)[1]
    found = due(seen(last=DAYS), tom)
    assert found is not None
    assert (found.beyond, found.nudges, found.last) == (16, 0, DAYS[TOM])
    assert moment("Tue 07:00") == seen().now
