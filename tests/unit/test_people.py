"""Who is who: groups of the config, reports that the calendar shows, and what an event tells of the others in it."""

from __future__ import annotations

import pytest

from daemon.model.event import Attendee, CountsAs, Event, ParticipationRole, PartStat
from daemon.model.user.free_mail import FREE_MAIL
from daemon.model.user.people import BOSS, PEERS, REPORTS, People, own_domains
from making import ME, meeting, profile, snapshot

DANA, EVA, BO, GUEST = "dana@example.com", "eva@example.com", "bo@example.com", "guest@elsewhere.org"


def people(*events: Event, **more: object) -> People:
    values: dict[str, object] = {"internal": frozenset({"example.com"})}
    return snapshot(*events, who=profile(**(values | more))).people


def with_(*addresses: str, organizer: str = ME, **more: object) -> Event:
    asked = (Attendee(ME, "Ada", PartStat.ACCEPTED), *map(Attendee, addresses))
    values: dict[str, object] = {"attendees": asked, "organizer": organizer, "mine": organizer == ME, "series": True}
    return meeting("Tue 10:00-11:00", uid=f"{addresses}", **(values | more))  # type: ignore[arg-type]  # a table


@pytest.mark.parametrize(
    ("event", "reports"),
    [
        pytest.param(with_(DANA), {DANA}, id="a series of two that I organize: a report"),
        pytest.param(with_(DANA, series=False), set(), id="a single meeting tells nothing"),
        pytest.param(with_(DANA, organizer=DANA), set(), id="a series that somebody else organizes tells nothing"),
        pytest.param(with_(DANA, BO), set(), id="a series of three tells nothing"),
        pytest.param(with_(GUEST), set(), id="whoever is from outside is no report"),
        pytest.param(with_(EVA), set(), id="whoever is in another group is no report"),
        pytest.param(with_(DANA, counts_as=CountsAs.CANCELLED), set(), id="a series that was cancelled tells nothing"),
        pytest.param(with_(DANA, counts_as=CountsAs.OTHERS), set(), id="nor does somebody else's calendar"),
        pytest.param(
            with_(attendees=(Attendee(ME), Attendee(DANA), Attendee("room@example.com", person=False))), {DANA},
            id="a room is nobody",
        ),
    ],
)  # fmt: skip
def test_reports_that_the_calendar_shows(event: Event, reports: set[str]) -> None:
    who = people(event, groups={BOSS: frozenset({EVA})}, reports_by_calendar=True)
    assert who.group(REPORTS) == reports
    assert people(event, groups={BOSS: frozenset({EVA})}).group(REPORTS) == set(), "not where the config says who"


def test_the_groups_of_the_config() -> None:
    who = people(groups={REPORTS: frozenset({DANA}), BOSS: frozenset({EVA}), PEERS: frozenset({BO, EVA})})
    assert who.is_report(DANA)
    assert who.is_report(DANA.upper())
    assert not who.is_report(EVA)
    assert who.is_boss(EVA)
    assert who.groups_of(EVA) == (BOSS, PEERS)
    assert who.group("guild") == frozenset()
    assert who.invited(with_(DANA, BO, GUEST), PEERS) == (BO,)


@pytest.mark.parametrize(
    ("address", "internal", "external"),
    [
        (DANA, {"example.com"}, False),
        ("dana@mail.example.com", {"example.com"}, False),
        ("dana@notexample.com", {"example.com"}, True),
        (GUEST, {"example.com"}, True),
        (GUEST, set(), False),
    ],
    ids=["the same domain", "a part of it", "one that ends alike", "another", "nothing is known of what is inside"],
)
def test_who_is_from_outside(address: str, internal: set[str], external: bool) -> None:
    who = people(internal=frozenset(internal))
    assert who.is_external(address) is external
    assert who.external(with_(address)) == ((address,) if external else ())


def test_the_domains_of_my_addresses_are_inside_but_for_what_anybody_may_have() -> None:
    assert own_domains(["ada@example.com", "ada@Gmail.com", "ada"]) == {"example.com"}
    assert own_domains(["ada@gmail.com"]) == frozenset()
    assert all(d == d.lower() and "." in d and "@" not in d for d in FREE_MAIL)


def test_what_an_event_tells_of_the_others() -> None:
    room = Attendee("room@example.com", "Room", person=False)
    asked = (
        Attendee(ME, "Ada", role=ParticipationRole.OPTIONAL), room,
        Attendee(DANA, "Dana Roe", PartStat.DECLINED), Attendee(GUEST, "", PartStat.TENTATIVE),
    )  # fmt: skip
    who, event = people(groups={REPORTS: frozenset({DANA})}), with_(attendees=asked, organizer=DANA)
    assert who.others(event) == (DANA, GUEST)
    assert {a: one.partstat for a, one in who.replies(event).items()} == {
        DANA: PartStat.DECLINED, GUEST: PartStat.TENTATIVE,
    }  # fmt: skip
    assert who.is_optional(event)
    assert not who.is_optional(with_(DANA))
    assert who.organizer_name(event) == "Dana Roe"
    assert who.alone_with(event) == ""
    assert not who.is_one_to_one(event)
    assert who.is_one_to_one(with_(DANA))
    assert not who.is_one_to_one(with_(BO))
