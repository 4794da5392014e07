"""What stands under a command: the user's own words, and among them one answer of ours, between two lines.

Everything outside those lines is the user's, to the byte, also where a client has made HTML of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import time, timedelta

from daemon.model.figures.erosion import by_series, erosion, shares
from daemon.model.figures.measure import measure_week
from daemon.model.plan import Unplaced
from daemon.model.proposal import Role
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.text import is_html, plain_text
from daemon.model.times import Week, When, at, local_day, minutes_of, week_of, within
from daemon.model.user.command import Command
from daemon.model.user.command_words import AIM, EXAMPLE
from daemon.model.words import bears, clock, heading, hours, quoted, share, title, weekday

BEGIN, END = "── unbusy ──", "── ── ──"

PAUSE = (
    "Paused: nothing is proposed in this time while this event stands. Events of unbusy that lie in it and that you "
    "have not touched go, and what is still wanted comes back when you delete this event."
)
HELP = f"""\
Titles of events of your own that unbusy obeys:
`unbusy: pause` – nothing is proposed in its time, also as a series
{EXAMPLE} – that much named focus time, part of the weekly goal
{AIM} – what the week is for: its focus blocks carry it, and the review asks whether it landed
`unbusy: report` – the week in figures · `unbusy: why` – why this time looks as it does · `unbusy: help` – this
In events of unbusy: move, edit or delete them, and unbusy follows. What you type there is kept in your journal. \
Words: #skip (not this one) · #pin (leave it there) · #done (it counts as kept) · #skip-week (rest for the week) \
· #never (never again about its subject; of several, #never NAME).
In events of your own: #ignore (it never counts) · #keep (no way out of a full week leads over it) · #heavy (a talk \
that takes something out of you)."""


def answered(description: str) -> str:
    """The answer that stands in a description, '' if none does."""
    text = plain_text(description)
    found = _span(text)
    return text[found[0] + len(BEGIN) : found[1] - len(END)].strip() if found else ""


def with_answer(description: str, answer: str) -> str:
    """The description with an answer in place of the one that stands in it, or after all else."""
    from html import escape  # noqa: PLC0415 rarely: most descriptions are plain text

    feed = "<br>" if is_html(description) else "\n"
    body = escape(answer, quote=False).replace("\n", "<br>") if feed != "\n" else answer
    block = feed.join((BEGIN, body, END))
    if found := _span(description):
        return f"{description[: found[0]]}{block}{description[found[1] :]}"
    return f"{description}{feed}{feed}{block}" if description.strip() else block


def without_answer(description: str) -> str:
    """The description as it was before there was an answer in it."""
    if not (found := _span(description)):
        return description
    before, later = description[: found[0]], description[found[1] :]
    for feed in ("<br>", "\n"):
        if before.endswith(feed * 2):
            return before.removesuffix(feed * 2) + later
    return before + later


def _span(text: str) -> tuple[int, int] | None:
    end = text.rfind(END)
    begin = text.rfind(BEGIN, 0, end) if end >= 0 else -1
    return (begin, end + len(END)) if begin >= 0 else None


# -- answers ----------------------------------------------------------------------------------------------------------


def named_focus(command: Command, unplaced: Iterable[Unplaced], snapshot: Snapshot) -> str:
    """Where the focus time lies that was asked for by name."""
    said = f"{hours(command.minutes)} of focus"
    if command.what:
        said += f" for {quoted(command.what)}"
    said += f" by {heading(command.by)}"
    if command.by < snapshot.today:
        return f"{said}: that day is over."
    if week_of(command.by, snapshot.profile.week_starts) not in snapshot.weeks:
        return f"{said}: that is further ahead than is planned now, and gets its place when it comes nearer."
    blocks = [o.event.when for o in snapshot.in_role(Role.FOCUS) if _serves(o, command, snapshot)]
    places = ", ".join(clock(when, snapshot.zone) for when in blocks)
    wanted = (u for u in unplaced if snapshot.roles.of(u.wish) is Role.FOCUS)
    missing = "; ".join(dict.fromkeys(u.reason for u in wanted if f"{u.key}/".startswith(f"{command.key}/")))
    if not places:
        return f"{said}: {missing or 'there is no time for it, or the policy focus is switched off'}."
    return f"{said}: {places}." + (f" {missing}." if missing else "")


def _serves(own: OwnEvent, command: Command, snapshot: Snapshot) -> bool:
    """Whether a block is there for a command, or bears its name and lies before its last day is over."""
    if own.mark.key.startswith(f"{command.key}/"):
        return True
    first = local_day(command.event.span.start, snapshot.zone)
    here = first <= own.event.when.first_day(snapshot.zone) <= command.by
    return here and not own.mark.key.startswith("command/") and bears(own.event.summary, command.what)


def objective(command: Command, snapshot: Snapshot) -> str:
    """What a week is for by this command, and which blocks carry it."""
    week = command.week
    if week is None:
        return ""
    said = f"Week {int(week.key[-2:])} is for {quoted(command.what)}."
    later = [c for c in snapshot.commands if c.week == week and c.event.span.start > command.event.span.start]
    if later:
        return f"{said[:-1]}, until you said otherwise."
    ahead = (
        o for o in snapshot.in_role(Role.FOCUS) if not snapshot.begun(o.event) and _in(o.event.when, week, snapshot)
    )
    blocks = [o.event.when for o in ahead if bears(o.event.summary, command.what)]
    if not blocks:
        return f"{said} No focus block ahead in it carries that as its title."
    return f"{said} Focus blocks that carry it: {', '.join(clock(when, snapshot.zone) for when in blocks)}."


def _in(when: When, week: Week, snapshot: Snapshot) -> bool:
    return when.first_day(snapshot.zone) in week.days


def figures(week: Week, snapshot: Snapshot) -> str:
    """A week in figures: meetings as they are booked, focus time as far as it came before today."""
    return "\n".join([_meetings(week, snapshot), *_focus(week, snapshot)])


def _meetings(week: Week, snapshot: Snapshot) -> str:
    measured = measure_week(snapshot, week)
    late = measured.total("after_hours")
    said = f"{hours(measured.total('in_hours'))}, {share(measured.share)} of its working time"
    return f"Week {week.key}: meetings take {said}" + (f", and {hours(late)} outside it." if late else ".")


def _focus(week: Week, snapshot: Snapshot) -> Iterator[str]:
    today = at(local_day(snapshot.now, snapshot.zone), time(), snapshot.zone)
    until = min(today, week.span(snapshot.zone).end)
    account = erosion(snapshot, week, until)
    if account.booked:
        last = weekday(local_day(until - timedelta(minutes=1), snapshot.zone))
        yield f"Focus up to {last}: {hours(account.kept)} kept of {hours(account.booked)}."
    if account.losses:
        most = shares(account.losses, by_series)[0]
        back = f", of which {hours(account.repaid)} came back" if account.repaid else ""
        yield f"Meetings took {hours(account.taken)}{back}; most of all {title(most.latest, snapshot.zone)}."
    ahead = within(
        (o.event.span for o in snapshot.in_role(Role.FOCUS) if o.event.span.start >= until), [week.span(snapshot.zone)]
    )
    if ahead:
        yield f"Focus from then on: {hours(minutes_of(ahead))}."


def numbered(rows: Iterable[str]) -> str:
    """Lines with numbers."""
    return "\n".join(f"{n}. {row}" for n, row in enumerate(rows, 1))
