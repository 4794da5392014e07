"""What may be said of a title: nothing of what is private, or stands in an account that is not written."""

from __future__ import annotations

import pytest

from daemon.model.event import Event, EventRef
from daemon.model.words import names, title
from daemon.planning.snapshots import Memory, build
from making import CALENDAR, ZONE, event, meeting, moment, own, profile, snapshot

TEAM, HOME = EventRef("work/Team", "x"), EventRef("home/Private", "x")
WHEN = "Thu 14:00-15:00"
SAID, UNSAID = "‘Plan’", "a private appointment"


def seen(*events: Event, quotes: str = "") -> Event:
    """The one event that is made of these."""
    memory = Memory(writing=frozenset({CALENDAR}), main=CALENDAR)
    who = profile(quotes=frozenset({quotes}))
    (one,) = build(moment("Mon 07:00"), snapshot().window, who, events, memory).events
    return one


@pytest.mark.parametrize(
    ("events", "quotes", "said"),
    [
        pytest.param([meeting(WHEN, "Plan")], "", SAID, id="one of the account that is written may be said"),
        pytest.param([meeting(WHEN, "Plan", ref=TEAM)], "", SAID, id="also of another calendar of it"),
        pytest.param([meeting(WHEN, "Plan", private=True)], "", UNSAID, id="a private one may not"),
        pytest.param([meeting(WHEN, "Plan", private=True)], "work", SAID, id="but where the user wants it"),
        pytest.param([meeting(WHEN, "Plan", private=True)], "home", UNSAID, id="of this very account"),
        pytest.param([event(WHEN, "Plan", private=True)], "", UNSAID, id="nor one with nobody else in it"),
        pytest.param([event("Thu", "Plan", ref=HOME)], "", UNSAID, id="nor one of another account"),
        pytest.param([event("Thu", "Plan", ref=HOME)], "home", SAID, id="but where the user wants that"),
        pytest.param([event(WHEN, "Plan", ref=HOME, private=True)], "home", SAID, id="private or not"),
        pytest.param(
            [meeting(WHEN, "Plan", uid="x"), meeting(WHEN, "Zebra", ref=HOME)], "", SAID,
            id="of two copies in two accounts the words of the one that may be said",
        ),
        pytest.param(
            [meeting(WHEN, "Plan", ref=TEAM), meeting(WHEN, "Zebra", uid="x", private=True)], "", SAID,
            id="of a private and a public one those of the latter",
        ),
        pytest.param(
            [meeting(WHEN, "Plan", uid="x", private=True), meeting(WHEN, "Plan", ref=HOME)], "", UNSAID,
            id="of two that may not be said none",
        ),
        pytest.param([event(WHEN, "unbusy: pause, Zebra")], "", "‘unbusy: pause’", id="of a command its order alone"),
        pytest.param([event(WHEN, "unbusy: Pause", private=True)], "", "‘unbusy: pause’", id="private or not, too"),
        pytest.param([event(WHEN, "")], "", "‘(no title)’", id="and one without a title has none"),
    ],
)  # fmt: skip
def test_what_is_said_of_a_title(events: list[Event], quotes: str, said: str) -> None:
    for order in (events, events[::-1]):
        assert title(seen(*order, quotes=quotes)) == said


def test_its_time_is_said_where_it_does_not_stand_beside() -> None:
    timed, days = (seen(event(when, "Plan", private=True)) for when in (WHEN, "Thu"))
    assert title(timed, ZONE) == "a private appointment, Thu 14:00"
    assert title(days, ZONE) == "a private appointment, Thu 3 Dec"
    assert title(seen(meeting(WHEN, "Plan")), ZONE) == SAID
    assert names([timed, days], ZONE) == "a private appointment, Thu 14:00 and a private appointment, Thu 3 Dec"


def test_ours_are_private_and_say_their_titles() -> None:
    memory = Memory(writing=frozenset({CALENDAR}))
    found = build(moment("Mon 07:00"), snapshot().window, profile(), [own("Tue 09:00-11:00").event], memory)
    assert [title(o.event) for o in found.ours] == ["‘Focus’"]
