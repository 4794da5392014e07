"""What policies add to a report, and how it comes together."""

from __future__ import annotations

from datetime import date

from msgspec.structs import replace

from daemon.model.figures.series import series_costs
from daemon.model.figures.told import Limits, NotMet, Quote, Told, together
from daemon.model.options import Minutes
from daemon.model.times import DAY, Week
from daemon.model.user.entry import Entry
from daemon.views.report import reported
from daemon.views.report import wording as say
from making import MONDAY, day, event, meeting, own, profile, snapshot
from policies import focus, overload, reflection
from policies.focus.options import FocusOptions
from policies.overload.options import OverloadOptions
from policies.reflection import ReflectionOptions
from story import leader

WEEK, LAST = Week(MONDAY), Week(MONDAY - 7 * DAY)


def test_focus_tells_its_goal_as_much_less_as_the_user_is_not_there() -> None:
    """Nothing was wanted before unbusy came, on Wednesday of the week before."""
    block = own("Tue 09:00-11:00", created="Wed-1 08:00")
    at = snapshot(now="Fri 12:00", ours=[block], away=[event("Fri").span])
    before = Week(LAST.first - 7 * DAY)
    told = focus.tell(at, FocusOptions(weekly_goal=Minutes(600)), (before, LAST, WEEK))
    assert told.goals == {before: 0, LAST: 360, WEEK: 480}


def test_overload_tells_its_limits_and_which_weeks_break_them() -> None:
    at = snapshot(*(meeting(f"{d} 09:00-14:00") for d in ("Mon", "Tue", "Wed", "Thu", "Fri")), now="Mon 07:00")
    told = overload.tell(at, OverloadOptions(), (LAST, WEEK))
    assert told.limits == Limits(day=360, week=1200, after_hours=120, share=0.5, long_blocks=2)
    assert told.over == {
        WEEK: ("25 h in meetings (limit 20 h)", "58 % of its working time in meetings (limit 50 %)"),
    }  # fmt: skip


def test_reflection_tells_what_was_typed_there_in_these_weeks() -> None:
    def said(on: str, text: str, policy: str = "reflection") -> Entry:
        return Entry(policy=policy, key="k", day=day(on), at="", event="", evidence="", question="", text=text)

    entries = (said("Tue", "Mine."), said("Tue", "#done"), said("Tue", "of a block", "focus"), said("Tue-1", "before"))
    told = reflection.tell(replace(snapshot(), entries=entries), ReflectionOptions(), (WEEK,))
    assert told.words == (Quote(day("Tue"), "“Mine.”"),)


def test_what_several_tell_is_put_together() -> None:
    one = Told(goals={WEEK: 60}, limits=Limits(day=1), over={WEEK: ("a",)}, words=(Quote(day("Tue"), "b"),))
    two = Told(goals={WEEK: 30, LAST: 5}, limits=Limits(day=2), over={WEEK: ("c",)}, words=(Quote(day("Mon"), "d"),))
    found = together([one, two])
    assert found.goals == {WEEK: 90, LAST: 5}
    assert found.limits == Limits(day=1)
    assert found.over[WEEK] == ("a", "c")
    assert [q.words for q in found.words] == ["d", "b"]


# -- series -----------------------------------------------------------------------------------------------------------


def test_series_cost_what_they_took_of_the_user_and_of_all() -> None:
    """A room is nobody, one that is declined or not a series costs nothing, and so does what is not in these days."""
    staff = ("Mon-1", "Mon", "Tue", "Fri")
    at = snapshot(
        *(meeting(f"{d} 09:00-10:00", "Staff", uid="staff", series=True, others=4) for d in staff),
        meeting("Wed 09:00-12:00", "1:1", uid="one", series=True, others=1),
        meeting("Wed 13:00-17:00", "Once"),
    )  # fmt: skip
    found = series_costs(at, MONDAY, day("Fri"))
    assert [(c.latest.summary, c.times, c.minutes, c.people_minutes) for c in found] == [
        ("1:1", 1, 180, 360), ("Staff", 2, 120, 600),
    ]  # fmt: skip


# -- sentences --------------------------------------------------------------------------------------------------------


def test_trends_go_as_far_back_as_there_was_a_goal() -> None:
    found = reported(leader(), 1).trends
    assert [(t.back, len(t.weeks), t.kept, t.goal) for t in found] == [(4, 4, 1530, 1920), (12, 12, 5010, 5760)]
    young = [o for o in leader().ours if o.event.span.start > leader().now - 18 * DAY]
    (short,) = reported(replace(leader(), ours=tuple(young)), 1).trends
    assert (short.back, len(short.weeks)) == (4, 3), "twelve would say the same"
    assert say.trend(short) == "13 h 30 of 24 h in the last 3 weeks (56 %)"
    assert reported(replace(leader(), ours=()), 1).trends == ()


def test_who_was_not_met_in_words() -> None:
    assert say.not_met(NotMet(name="A", every=21, last=date(2026, 11, 9), next=date(2026, 12, 9))) == (
        "last met 9 Nov; next Wed 9 Dec"
    )
    assert say.not_met(NotMet(name="B", every=7)) == "not met for 1 week or longer; every 1 week is your wish"
    assert say.not_met(NotMet(name="C", every=10)).startswith("not met for 10 days or longer")


def test_days_at_their_limit_are_named() -> None:
    full = [meeting(f"{d} 09:00-15:00", uid=d) for d in ("Mon", "Wed")]
    assert say.full_days(reported(leader(*full), 1)) == "Mon and Wed reach your limit of 6 h in meetings."
    assert say.full_days(reported(leader(full[0]), 1)).startswith("Mon reaches")
    assert say.full_days(reported(leader(), 1)) == ""
    assert say.full_days(reported(leader(*full, policies={}), 1)) == "", "nobody watches over it"


def test_a_week_away_has_no_forecast() -> None:
    away = snapshot(now="Mon 07:00", away=[event("Mon+1..Sun+1").span], who=profile())
    assert say.forecast(reported(away, 1)) == ("You are away.",)
