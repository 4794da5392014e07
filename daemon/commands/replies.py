"""Answers to commands: what stands under the user's own events titled `unbusy: …`.

Each is written once, and again only when it changes.  It speaks of the calendar as the plan leaves it: carried out, the
same plan has nothing more to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby
from typing import assert_never
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from daemon.commands import answers
from daemon.explain.explanation import Explanation, explain
from daemon.ledger.notes import answered
from daemon.model.event import CountsAs
from daemon.model.plan import Annotate, Plan
from daemon.model.text import normal_text, plain_text
from daemon.model.times import local_day, week_of
from daemon.model.user.command import Command, Verb
from daemon.model.user.command_words import current
from daemon.model.words import clock, title
from daemon.planning.after import after
from daemon.planning.diff import in_order
from daemon.stages.applying import digest
from daemon.stages.proposing import Planned
from daemon.stages.runtime import Runtime

LONGEST = 3000  # characters; Google cuts a description at 8,192
ELSEWHERE = "its reason stands in it"
SETTLED = timedelta(hours=2)
"""So long before its start what a time looks like is no longer explained again."""


def with_replies(runtime: Runtime, planned: Planned) -> Plan:
    """The plan with an answer for each command that has none, or another than it should have."""
    if planned.observation.main in planned.observation.stale:
        return planned.plan
    observation, plan = planned.observation, planned.plan
    found = tuple(
        _replies(runtime, Planned(replace(observation, snapshot=after(observation.snapshot, plan.changes)), plan))
    )
    return replace(planned.plan, changes=in_order((*planned.plan.changes, *found))) if found else planned.plan


def _replies(runtime: Runtime, planned: Planned) -> Iterator[Annotate]:
    snapshot = planned.observation.snapshot
    rows = sorted(snapshot.commands, key=lambda c: c.event.ref.uid)
    for _, same in groupby(rows, key=lambda c: c.event.ref.uid):
        command = current(same, snapshot.today, snapshot.profile)
        event, stands = command.event, answers.answered(command.event.description)
        remembered = answered(event.ref.calendar, event.ref.uid).get(runtime.ledger.drawer)
        if event.resource in planned.observation.cut_off:
            continue  # nobody knows how it is now
        if event.attendees or not _open(command, planned, answered=bool(stands or remembered)):
            continue  # somebody else may read it there, or it is history
        private = event.private or not stands  # a store, or the user, may have said no to that
        answer = _answer(command, runtime, planned if private else _discreet(planned))
        if normal_text(answer) != normal_text(stands) and digest(answer) != (remembered or ""):
            reason = "its answer has changed" if stands else "you asked"
            change = _annotated(command, answer, reason, private=private)
            if private and not event.private and "‘" in answer:
                less = _answer(command, runtime, _discreet(planned))
                change = replace(change, fallback=_annotated(command, less, reason, private=False))
            yield change


def _annotated(command: Command, answer: str, reason: str, *, private: bool) -> Annotate:
    event = command.event
    text = answers.with_answer(event.description, answer)
    return Annotate(before=event, key=command.key, text=text, answer=answer, reason=reason, private=private)


def _discreet(planned: Planned) -> Planned:
    """The same, with no title in it but ours, also not in our reasons: others may read what is not private."""
    observation, snapshot = planned.observation, planned.observation.snapshot
    commands = {c.event.ref for c in snapshot.commands}
    events = tuple(e if e.ref in commands else replace(e, spoken="") for e in snapshot.events)
    ours = tuple(replace(o, event=replace(o.event, description=ELSEWHERE)) for o in snapshot.ours)
    return Planned(replace(observation, snapshot=replace(snapshot, events=events, ours=ours)), planned.plan)


def _open(command: Command, planned: Planned, *, answered: bool) -> bool:
    """Whether a command is to be answered (again): it is not over, or was never answered in its week."""
    snapshot, span = planned.observation.snapshot, command.event.span
    if not answered:
        day = local_day(span.start, snapshot.zone)
        return week_of(day, snapshot.profile.week_starts).first >= snapshot.this_week.first
    match command.verb:
        case Verb.FOCUS:
            return command.by >= snapshot.today
        case Verb.WHY:
            return span.start - snapshot.now > SETTLED
        case Verb.HELP:
            return False  # a later version has other words, and nobody has asked for them
        case _:
            return span.end > snapshot.now


def _answer(command: Command, runtime: Runtime, planned: Planned) -> str:
    return _said(command, runtime, planned)[:LONGEST]


def _said(command: Command, runtime: Runtime, planned: Planned) -> str:
    snapshot = planned.observation.snapshot
    match command.verb:
        case None:
            return runtime.own_answer(command) or command.fault
        case Verb.PAUSE | Verb.HELP:
            return answers.PAUSE if command.verb is Verb.PAUSE else answers.HELP
        case Verb.FOCUS:
            return answers.named_focus(command, planned.plan.unplaced, snapshot)
        case Verb.OBJECTIVE:
            return answers.objective(command, snapshot)
        case Verb.REPORT:
            day = local_day(command.event.span.start, snapshot.zone)
            return answers.figures(week_of(day, snapshot.profile.week_starts), snapshot)
        case Verb.WHY:
            return _why(command, runtime, planned)
        case _:
            assert_never(command.verb)


def _why(command: Command, runtime: Runtime, planned: Planned) -> str:
    """What covers the time of the command, and why; where it is free, what keeps blocks away."""
    snapshot = planned.observation.snapshot
    start = max(command.event.span.start, snapshot.window.start)
    if command.event.all_day:
        day = local_day(start, snapshot.zone)
        start = next((r.start for r in snapshot.present(day)), start)
    told = "\n".join(_told(explain(runtime, planned, start), snapshot.zone))
    return told or "Nothing is there, and nothing is wanted there."


def _told(found: Explanation, zone: ZoneInfo) -> Iterator[str]:
    for event in found.foreign:
        if event.counts_as is not CountsAs.COMMAND:
            yield f"{clock(event.when, zone)} {title(event)} counts as {event.counts_as}."
    for own in found.ours:
        why = plain_text(own.event.description).split(chr(10) * 2)[0]
        yield f"{clock(own.event.when, zone)} {title(own.event)}: {why}"
    for policy, absence in found.absences.items():
        obstacles = [f"{o.because}: {o.change}" for o in absence.obstacles]
        yield f"No {policy} block is here" + (", because" if obstacles else " yet; the next run makes one.")
        if obstacles:
            yield answers.numbered(obstacles)
