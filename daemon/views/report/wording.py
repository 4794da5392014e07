"""How a report names meetings and people, and what it says in a sentence; for terminal and page alike.

On the user's own terminal events are named as they are.  A page may be handed on: there a title that may not be said
is 'a private appointment', and nobody is named who belongs to it.
"""

from __future__ import annotations

from collections.abc import Iterator

from daemon.model.event import Event
from daemon.model.figures.erosion import Loss, NoticeGiven, Share, by_organizer, by_series
from daemon.model.figures.told import Aim, NotMet
from daemon.model.words import NO_TITLE, PRIVATE, TITLE, day, hours, in_year, one_line, share, weekdays
from daemon.views.report import Report, Trend

UNKNOWN = "organizer not known"


def series(report: Report, *, discreet: bool = False) -> Iterator[tuple[str, Share]]:
    """What took focus time, most first, with what it is called."""
    for part in report.shares(lambda loss: _secret(loss, discreet=discreet) or by_series(loss)):
        yield named(part.latest, report.me, discreet=discreet), part


def organizers(report: Report, *, discreet: bool = False) -> Iterator[tuple[str, Share]]:
    """Whose meetings took it, most first."""
    for part in report.shares(lambda loss: _secret(loss, discreet=discreet) or by_organizer(loss)):
        hidden = discreet and part.latest.secret
        yield PRIVATE if hidden else organizer(part.latest, report.me), part


def notices(report: Report) -> Iterator[tuple[str, Share]]:
    """At what notice it was taken, the shortest first."""
    given = {part.name: part for part in report.shares(lambda loss: loss.notice)}
    return ((name, given[name]) for name in NoticeGiven if name in given)


def _secret(loss: Loss, *, discreet: bool) -> str:
    return PRIVATE if discreet and loss.meeting.secret else ""


def named(event: Event, me: frozenset[str], *, discreet: bool = False) -> str:
    """'Vendor escalation, Hugo Lindqvist'."""
    if discreet and event.secret:
        return PRIVATE
    return f"{one_line(event.said if discreet else event.summary, TITLE) or NO_TITLE}, {organizer(event, me)}"


def organizer(event: Event, me: frozenset[str]) -> str:
    """'you', a name, an address, or that there is none."""
    if event.organizer in me:
        return "you"
    name = next((a.name for a in event.attendees if a.address == event.organizer and a.name), event.organizer)
    return one_line(name, TITLE) or UNKNOWN


# -- sentences --------------------------------------------------------------------------------------------------------


def headline(report: Report) -> tuple[str, ...]:
    """What became of focus time in all of these weeks."""
    booked, taken, repaid, kept = report.total
    if not booked:
        return ("No focus time has come yet in these weeks: a block counts once it has begun.",)
    text = f"Focus kept: {hours(kept)} of {hours(booked)} booked ({share(kept / booked)})."
    if not taken:
        return (f"{text} Meetings took none of it.",)
    return text, f"Meetings took {hours(taken)}, of which {hours(repaid) if repaid else 'nothing'} came back."


def trend(of: Trend) -> str:
    """'28 h of 32 h in the last 4 weeks (88 %)'; of a new installation it says how many weeks are known."""
    count = len(of.weeks)
    weeks = f"the last {count} weeks" if count > 1 else "the last week"
    return f"{hours(of.kept)} of {hours(of.goal)} in {weeks} ({share(of.kept / of.goal)})"


def trends(report: Report) -> tuple[str, ...]:
    """A line for each: 'Against your goal: 28 h of 32 h in the last 4 weeks (88 %).'."""
    return tuple(f"Against your goal: {trend(each)}." for each in report.trends)


def forecast(report: Report) -> tuple[str, ...]:
    """What is booked of the next week."""
    ahead = report.ahead
    if ahead is None:
        return ()
    if not ahead.total("working") and not ahead.total("meeting"):
        return ("You are away.",)
    met = f"{hours(ahead.total('meeting'))} in meetings, {share(ahead.share)} of your working time."
    goal = report.told.goals.get(ahead.week, 0)
    focus = f"{hours(ahead.total('focus_booked'))} of focus booked{f'; your goal is {hours(goal)}' if goal else ''}."
    return met, focus


def full_days(report: Report) -> str:
    """'Mon and Wed reach your limit of 6 h in meetings.', of this week; '' for none."""
    limit = report.told.limits.day if report.told.limits else 0
    days = [d.day for d in report.rows[-1].figures.days if limit and d.meeting >= limit]
    if not days:
        return ""
    return f"{weekdays(days)} {'reaches' if len(days) == 1 else 'reach'} your limit of {hours(limit)} in meetings."


def over(report: Report) -> tuple[str, ...]:
    """The limits that the next week breaks: '26 h 30 in meetings (limit 20 h)'."""
    return report.told.over.get(report.week.next(), ())


def not_met(one: NotMet) -> str:
    """'last met 9 Nov; next Wed 9 Dec'."""
    weeks, days = divmod(one.every, 7)
    wish = f"{one.every} days" if days else f"{weeks} week{'s' * (weeks != 1)}"
    last = f"last met {in_year(one.last)}" if one.last else f"not met for {wish} or longer"
    return f"{last}; {f'next {day(one.next)}' if one.next else f'every {wish} is your wish'}"


def outcome(aim: Aim) -> str:
    """'landed', 'not landed', '' while nothing was said."""
    return {True: "landed", False: "not landed", None: ""}[aim.landed]
