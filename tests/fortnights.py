"""Golden fortnights: the calendar of a leader as a short text in, what unbusy does with it day by day as a text out.

`golden/NAME.week` tells who it is (lines with `#`), the config, the calendar, and the story; `golden/NAME.txt` is what
each run does.  Everything between is the real cycle on real folders of .ics files.

    == config
    [policies.overload]
    ...
    == calendar
    Mon,Thu 09:00-09:15 | Standup | ben dana +3 | weekly mine
    Mon+1..Wed+1 | Vacation | | away
    Tue 16:00-16:30 | Dentist | | home
    == story
    Mon 07:00
    Tue 18:05 write Journal Mon | Nobody owns the cut list.
    Fri 17:30 write Weekly review Fri ▸ Did it land | Yes.
    Tue 18:06 move Focus Wed | Wed 14:00-16:00
    Tue 18:07 delete Walk Thu
    Tue 18:08 book Wed 10:00-11:00 | Escalation | hugo +2
    Tue 18:09 cancel Escalation

People are the organizer first, unless the event is `mine`; `ben` is ben@example.com, `+3` three more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from textwrap import indent, wrap

from connectors.rfc5545.lines import escaped
from daemon.model.owner import Field
from daemon.model.plan import Annotate, Change, Create, Delete, Plan, Update
from daemon.model.snapshot import OwnEvent
from daemon.model.text import FOOTER, QUESTION, READ
from daemon.model.words import clock
from living import Life
from making import DAYS, ME, ZONE, day, moment, span

HERE = Path(__file__).parent / "golden"
BEGAN = 8
"""Weeks ago, for what comes each week."""
WIDTH = 118

EVENT = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//tests//tests//EN
BEGIN:VEVENT
UID:{uid}
DTSTAMP:20261101T000000Z
CREATED:{made:%Y%m%dT%H%M%SZ}
{when}SUMMARY:{title}
{more}END:VEVENT
END:VCALENDAR
"""


class Fortnight(Life):
    """A leader whose calendar and whose days are told by a text."""

    def __init__(self, base: Path, text: str) -> None:
        parts = re.split(r"^== (config|calendar|story)\n", text, flags=re.MULTILINE)
        told = dict(zip(parts[1::2], parts[2::2], strict=True))
        self.home = base / "private" / "Home"
        self.home.mkdir(parents=True)
        top, _, tables = f"\n{told['config']}".partition("\n[")
        home = f'[accounts.home]\ntype = "vdir"\npath = "{base}/private"\n'
        super().__init__(base, top=top, policies=f"[{tables}\n{(HERE / 'all.toml').read_text()}\n{home}")
        self.now = moment("Mon 07:00") - timedelta(days=14)
        self.files: dict[str, list[Path]] = {}
        for row in _rows(told["calendar"]):
            self.book(row)
        self.story = list(_rows(told["story"]))

    # -- what others do -----------------------------------------------------------------------------------------------

    def book(self, row: str) -> None:
        """'Tue 10:00-11:00 | Staff | hugo ben +3 | weekly optional', one event for each of its days."""
        when, title, people, flags = (part.strip() for part in [*row.split("|"), "", ""][:4])
        days, _, clocks = when.partition(" ")
        for name in days.split(","):
            uid = re.sub(r"[^a-z0-9]+", "-", f"{title} {name}{clocks}".lower()).strip("-")
            path = (self.home if "home" in flags.split() else self.folder) / f"{uid}.ics"
            path.write_text(self._event(uid, name, clocks, title, people.split(), flags.split()))
            self.files.setdefault(title, []).append(path)

    def _event(self, uid: str, name: str, clocks: str, title: str, people: list[str], flags: list[str]) -> str:
        weekly = "weekly" in flags
        shift = BEGAN * 7 if weekly else 0
        made = self.now - timedelta(days=60) if weekly else self.now
        if clocks:
            at = span(f"{name} {clocks}")
            start, end = (t.astimezone(ZONE).replace(tzinfo=None) - timedelta(days=shift) for t in (at.start, at.end))
            when = f"DTSTART;TZID={ZONE.key}:{start:%Y%m%dT%H%M%S}\nDTEND;TZID={ZONE.key}:{end:%Y%m%dT%H%M%S}\n"
        else:
            first, _, last = name.partition("..")
            until = day(last or first) + timedelta(days=1)
            when = f"DTSTART;VALUE=DATE:{day(first):%Y%m%d}\nDTEND;VALUE=DATE:{until:%Y%m%d}\n"
        return EVENT.format(uid=uid, made=made, when=when, title=escaped(title), more="".join(_more(people, flags)))

    # -- what the user does -------------------------------------------------------------------------------------------

    def one(self, name: str) -> str:
        """The key of the first event of ours of that title and day, 'Focus Tue'."""
        rows = sorted((o.event.span, k) for k, o in self.ours().items() if f"{o.event.summary} {_day(o)}" == name)
        assert rows, (name, sorted(f"{o.event.summary} {_day(o)}" for o in self.ours().values()))
        return rows[0][1]

    def does(self, verb: str, what: str, more: str) -> None:
        """One step of the user's or somebody else's."""
        match verb:
            case "book":
                self.book(f"{what}|{more}")
            case "cancel":
                for path in self.files.pop(what):
                    path.unlink()
            case "delete":
                self.delete(self.one(what))
            case "move":
                self.move(self.one(what), more)
            case "title":
                self.edit(self.one(what), ("SUMMARY", more))
            case "write":
                name, _, words = what.partition(f" {QUESTION} ")
                key = self.one(name)
                question = next(r for r in self.text(key).split("\n") if r.startswith(f"{QUESTION} {words}"))
                self.type(key, (question, question + "\n" + more.replace("\\n", "\n")))
            case _:
                raise ValueError(verb)

    # -- what comes of it ---------------------------------------------------------------------------------------------

    def told(self) -> Iterator[str]:
        """The story, with what each run does."""
        for row in self.story:
            name, start, *rest = row.split(" ", 3)
            self.now = moment(f"{name} {start}")
            if not rest:
                yield f"\n──── {self.now.astimezone(ZONE):%a %-d %b %H:%M} {'─' * 60}"
                yield from _said(self.apply())
                assert self.changes() == [], "a second run has nothing to do"
            else:
                what, _, more = (part.strip() for part in rest[1].partition("|"))
                self.does(rest[0], what, more)
                yield f"\n     {self.now.astimezone(ZONE):%a %H:%M}  {rest[0]} {rest[1]}"
        yield f"\n──── as it stands at the end {'─' * 47}"
        yield from self._stands()

    def _stands(self) -> Iterator[str]:
        rows = sorted(self.ours().values(), key=lambda o: (o.event.span, o.wish))
        yield from (f"{clock(o.event.when, ZONE):<24} {o.event.summary}, {o.event.show_as}{_edited(o)}" for o in rows)


def golden(name: str, base: Path) -> str:
    """What unbusy does with the fortnight of that name."""
    text = (HERE / f"{name}.week").read_text()
    who = [line for line in text.split("\n== ")[0].split("\n") if line.startswith("#")]
    return "\n".join([*who, *Fortnight(base, text).told()]) + "\n"


def _rows(text: str) -> Iterable[str]:
    return (row.strip() for row in text.split("\n") if row.strip() and not row.startswith("#"))


def _more(people: list[str], flags: list[str]) -> Iterator[str]:
    who = [n for p in people for n in ([f"p{i}" for i in range(1, int(p) + 1)] if p.startswith("+") else [p])]
    rows = [(n, n if "@" in n else f"{n}@example.com") for n in who]
    state = "DECLINED" if "declined" in flags else "NEEDS-ACTION" if "unanswered" in flags else "ACCEPTED"
    role = ";ROLE=OPT-PARTICIPANT" if "optional" in flags else ""
    if rows:
        organizer = ("Ada", ME) if "mine" in flags else rows[0]
        yield f"ORGANIZER;CN={organizer[0].title()}:mailto:{organizer[1]}\n"
        yield f"ATTENDEE;CN=Ada;PARTSTAT={state}{role}:mailto:{ME}\n"
        yield from (f"ATTENDEE;CN={n.partition('@')[0].title()};PARTSTAT=ACCEPTED:mailto:{a}\n" for n, a in rows)
    if "weekly" in flags:
        yield "RRULE:FREQ=WEEKLY\n"
    if "private" in flags:
        yield "CLASS:PRIVATE\n"
    if "away" in flags:
        yield "TRANSP:OPAQUE\n"
    if "free" in flags:
        yield "TRANSP:TRANSPARENT\n"


def _day(own: OwnEvent) -> str:
    first = own.event.when.first_day(ZONE)
    weeks = (first - day("Mon")).days // 7
    return f"{DAYS[first.weekday()]}{f'{weeks:+}' if weeks else ''}"


def _edited(own: OwnEvent) -> str:
    return f" (yours: {', '.join(sorted(own.edited))})" if own.edited else ""


def _said(plan: Plan) -> Iterator[str]:
    """Each change with all its words, what has no place, and what is wrong."""
    for change in sorted(plan.changes, key=lambda c: (_when(c), c.wish)):
        yield from _change(change)
    for row in plan.unplaced:
        yield from wrap(f"? {row.wish}: {row.reason}", WIDTH, subsequent_indent="    ")
    for problem in plan.problems:
        yield from wrap(f"! {problem.where}: {problem.what}; {problem.remedy}", WIDTH, subsequent_indent="    ")
    for note in plan.notes:
        yield from wrap(f"* {note}", WIDTH, subsequent_indent="    ")
    if plan.stopped:
        yield f"STOPPED: {plan.stopped}"
    if not plan.changes:
        yield "nothing to do"


def _when(change: Change) -> datetime:
    return change.when.span(ZONE).start


def _change(change: Change) -> Iterator[str]:
    sign = {Create: "+", Update: "~", Delete: "-", Annotate: ">"}.get(type(change), "=")
    yield f"{sign} {clock(change.when, ZONE)}  {change.title}, {change.show_as}  ({change.wish})"
    match change:
        case Create():
            yield from _text(change.draft.text)
        case Update():
            yield f"    {change.reason} ({', '.join(sorted(change.fields))})"
            if Field.TEXT in change.fields:
                yield from _text(change.draft.text)
        case Annotate():
            yield from _text(change.answer)
        case _:
            yield f"    {change.reason}"


def _text(text: str) -> Iterator[str]:
    """Its lines, without the last one, which is always the same."""
    body = text.replace(FOOTER, "").replace(READ, "").strip()
    for line in body.split("\n"):
        yield indent("\n".join(wrap(line, WIDTH - 6)) or "", "    | ", lambda _: True) or "    |"
