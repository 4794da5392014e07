"""One cycle: read, mirror, snapshot, harvest, propose, place, diff, plan, apply, record.

A function of config, connectors, ledger and the moment; the daemon, `plan` and `apply` all go through here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime

from msgspec.structs import replace

from daemon.commands.answers import answered, without_answer
from daemon.config import leaving, writing
from daemon.journal import answers
from daemon.ledger import OwnRow
from daemon.ledger.notes import HEALTH, Note, Rest, consent
from daemon.model.errors import StoppedError
from daemon.model.event import CalendarId
from daemon.model.owner import OwnState, Wish
from daemon.model.plan import Action, Annotate, Cause, Change, Delete, Plan, Problem, Respond
from daemon.model.proposal import Want
from daemon.model.snapshot import Snapshot
from daemon.planning import harvest, notices
from daemon.planning.again import from_what_stands
from daemon.planning.diff import Terms
from daemon.planning.planner import Limits, make_plan
from daemon.planning.restraint import budgets
from daemon.planning.snapshots import Memory, ours_among
from daemon.stages import backoff, owners
from daemon.stages.applying import Applied, apply
from daemon.stages.doubt import clock, contests, installation, taken
from daemon.stages.observe import Observation, observe, remember
from daemon.stages.ours import names, own_state, rules
from daemon.stages.proposing import Planned, called_as_they_will_stand, propose_and_reply
from daemon.stages.redoing import before_undos
from daemon.stages.runtime import Runtime

__all__ = ["Planned", "adopt", "carry_out", "confirm", "may_write", "plan", "plan_purge", "plan_stopped", "purge"]

NO_TRACE = "every trace is removed"


def plan(
    runtime: Runtime, now: datetime, *, accept_empty: bool = False, patient: bool = False, again: bool = False,
    also: tuple[Problem, ...] = (), beat: Callable[[], None] = lambda: None,
) -> Planned:  # fmt: skip
    """Everything up to the plan.  Writes to no calendar, and to the ledger nothing but what was read, and what rests.

    `patient`: an account that has failed, or a write that was refused, is left alone until its rest is over.  `again`:
    what the undos since the last apply took back is wanted again, as it was before them.  `also`: problems that are
    known already.
    """
    observation = observe(runtime, now, accept_empty=accept_empty, patient=patient, again=again, beat=beat)
    observation = replace(observation, problems=(*also, *observation.problems))
    past, stands = before_undos(runtime, observation) if again else (observation.snapshot, observation.snapshot)
    before = replace(observation, snapshot=past)
    resting = _resting(runtime, now) if patient else {}
    wants, made = _wanted(runtime, before, insist=accept_empty, resting=resting)
    gone = own_state.missing(observation.snapshot, observation.states, wants, made)
    if gone and own_state.is_new(runtime.ledger.own) and not again:
        observation = observation.knowing(gone)
        _, made = _wanted(runtime, observation, insist=accept_empty, resting=resting)
    if again:
        made = _redone(made, past, stands, observation)
    if observation.snapshot.commands:
        from daemon.commands.replies import with_replies  # noqa: PLC0415  few calendars have commands in them

        made = with_replies(runtime, Planned(observation, made))
    made = backoff.without_resting(made, resting, writing(runtime.config)[0], runtime.profile.zone)
    new = rules.changed(runtime.ledger, observation.snapshot.ours)
    made = replace(made, problems=(*made.problems, *taken.lost_often(runtime.ledger, made)), notes=(*new, *made.notes))
    return Planned(observation, _unless_changed(runtime, observation, made))


def _unless_changed(runtime: Runtime, observation: Observation, plan: Plan) -> Plan:
    """Nothing, where it is not clear any more whose events those are that stand."""
    problem = owners.changed(_other_names(runtime, observation), observation.left, runtime.profile.owner)
    return replace(plan, changes=(), stopped="", problems=(problem, *plan.problems)) if problem else plan


def _other_names(runtime: Runtime, observation: Observation) -> Mapping[str, int]:
    bare = (o.mark for o in observation.snapshot.ours if o.mark.digits in observation.names)
    return owners.other_names(runtime.ledger, runtime.profile, frozenset(observation.calendars.values()), bare)


def adopt(runtime: Runtime, observation: Observation, name: str = "") -> dict[str, int]:
    """Take over what stands under other names; `name`: also under this one, whoever's it is.  How many under each."""
    found = dict(_other_names(runtime, observation))
    if name:
        found[name] = runtime.ledger.mirror.owners(observation.calendars.values()).get(name, 0)
    owners.adopt(runtime.ledger, found, observation.left)
    return found


def _wanted(
    runtime: Runtime, observation: Observation, *, insist: bool, resting: Collection[str]
) -> tuple[list[Want], Plan]:
    """What the policies want, and the plan that comes of it; `resting`: what is not to be written now, by its name."""
    may_reply = not (observation.stale or _no_new(observation))  # what is sent cannot be taken back
    observation, asked, replies = propose_and_reply(runtime, observation, may_reply=may_reply, resting=resting)
    wants = asked.wants
    needed = _needed(runtime, observation)
    wants += notices.needs(observation.snapshot, observation.main, needed)
    wants += notices.stale(observation.snapshot, observation.main, needed)
    doubted = clock.doubt(runtime, observation.snapshot.now)
    hidden = taken.by_the_unknown(runtime.ledger, observation.own)
    uids = taken.problems(observation.taken, hidden, observation.main, observation.snapshot.zone)
    said = [*filter(None, [doubted]), *observation.problems, *asked.problems, *_others(runtime, observation), *uids]
    said += leaving(runtime.config)
    made = _planned(runtime, observation, wants, asked.held, said, insist=insist)
    called = called_as_they_will_stand(runtime, observation, wants, made)
    made = made if called == wants else _planned(runtime, observation, called, asked.held, said, insist=insist)
    return called, replace(made, changes=(*replies, *made.changes))


def _needed(runtime: Runtime, observation: Observation) -> list[Problem]:
    """What waits for the user, as the daemon has met it again and again."""
    health, since = HEALTH.get(runtime.ledger.drawer), dict[tuple[str, int], datetime]()
    for t in health.troubles if health else ():
        met = t.where.partition("/")[0], t.code
        since[met] = min(t.since, since.get(met, t.since))
    return notices.needed(observation.problems, since, observation.snapshot.now, observation.main)


def _redone(plan: Plan, before: Snapshot, stands: Snapshot, observation: Observation) -> Plan:
    """A plan that was made as if nothing had been taken back, from what stands."""
    changes = from_what_stands(plan.changes, before, stands)
    held = {c.calendar for c in changes if c.calendar in observation.stale}
    may_create = not _no_new(observation)
    kept = (c for c in changes if c.calendar not in held and (may_create or c.action is not Action.CREATE))
    return replace(plan, changes=tuple(kept))


def plan_stopped(runtime: Runtime, planned: Planned) -> Planned:
    """In place of a plan that the limits forbid: one line on the calendar that says so, and nothing else."""
    observation = planned.observation
    said = tuple(o for o in observation.snapshot.ours if notices.topic(o.wish) is notices.Topic.STOPPED)
    alone = replace(observation, snapshot=replace(observation.snapshot, ours=said, skipped=()))
    made = _planned(runtime, alone, [notices.stopped(observation.snapshot, planned.plan.stopped)])
    rests, account = _resting(runtime, made.now), writing(runtime.config)[0]
    return Planned(observation, backoff.without_resting(made, rests, account, runtime.profile.zone))


def _planned(
    runtime: Runtime,
    observation: Observation,
    wants: list[Want],
    held: frozenset[str] = frozenset(),
    problems: Iterable[Problem] = (),
    *,
    insist: bool = False,
) -> Plan:
    config, states = runtime.config, observation.states
    terms = Terms(
        main=observation.main, prefix=config.title_prefix, held=held, unseen=observation.unseen,
        stale=observation.stale,
        withdrawn=_past_generations(runtime, observation),
        text_written={uid: r.text_day for uid, r in _by_uid(observation).items() if r.text_day},
    )  # fmt: skip
    limits = Limits(
        fill=config.fill, max_changes=config.max_changes,
        events=budgets.of_events(config.max_per_day, config.max_per_week),
        questions=budgets.of_questions(config.attention.questions_per_day, config.attention.questions_per_week),
        no_new=_no_new(observation), unreadable_names=observation.unreadable_names,
    )  # fmt: skip
    # one whose event was never seen is asked for again, under its name
    used = frozenset(wish for wish, state in states.items() if state is not OwnState.INTENDED)
    made = make_plan(observation.snapshot, wants, terms, limits, used=used, problems=problems)
    return contests.settled(runtime.ledger, made, observation.snapshot, insist=insist)


def _past_generations(runtime: Runtime, observation: Observation) -> dict[Wish, int]:
    """The generations after which a wish gets the next one: withdrawn, or with a UID that something else has taken."""
    withdrawn = {w: observation.own[w].generation for w, s in observation.states.items() if s is OwnState.WITHDRAWN}
    others = {w: e.mark.generation for w, e in observation.taken.items() if e.mark}
    hidden = taken.by_the_unknown(runtime.ledger, observation.own)
    return {w: max(m.get(w, -1) for m in (withdrawn, others, hidden)) for w in {*withdrawn, *others, *hidden}}


def _resting(runtime: Runtime, now: datetime) -> Mapping[str, Rest]:
    """The writes that were refused and rest now, by their names."""
    return backoff.unwritten(runtime.ledger.drawer, writing(runtime.config)[0], now)


def _others(runtime: Runtime, observation: Observation) -> Iterable[Problem]:
    """Other installations that write for the same owner."""
    account, _ = writing(runtime.config)
    seen = observation.snapshot
    return installation.others(runtime.ledger.drawer, seen.ours, seen.now, seen.zone, account)


def _by_uid(observation: Observation) -> dict[str, OwnRow]:
    return {o.event.ref.uid: observation.own[o.wish] for o in observation.snapshot.ours if o.wish in observation.own}


def _no_new(observation: Observation) -> str:
    """Why nothing new may be created: on what is not known, nothing is built."""
    for c in notices.unknown(observation.snapshot):
        called = notices.called(c, observation.snapshot, observation.main)  # it may become part of an answer
        if c.part:
            return f"{called} is {c.part}; until it is read, no new events are made"
        return f"{called} cannot be read; until it can, no new events are made"
    return ""


# -- writing ----------------------------------------------------------------------------------------------------------


def carry_out(
    runtime: Runtime, planned: Planned, now: datetime, *, command: str, force: bool = False,
    stopping: Callable[[], bool] = lambda: False, beat: Callable[[], None] = lambda: None,
) -> Applied:  # fmt: skip
    """Record what the calendars say of ours, then apply the plan.  StoppedError when a limit forbids it."""
    if planned.plan.stopped and not force:
        raise StoppedError(
            f"nothing was written: {planned.plan.stopped}", "look at `unbusy plan`; `unbusy apply --force` does it"
        )
    remember(runtime, planned.observation, now)
    rules.note(runtime.ledger)
    return apply(runtime, planned.plan, now, command=command, stopping=stopping, beat=beat)


def confirm(runtime: Runtime, now: datetime) -> None:
    """The user has said yes to writing for this account: from now on the daemon may."""
    if not _consent(runtime).get(runtime.ledger.drawer):
        _consent(runtime).put(runtime.ledger.drawer, now)
    clock.confirm(runtime, now)


def is_confirmed(runtime: Runtime) -> bool:
    """Whether the user has said so."""
    return _consent(runtime).get(runtime.ledger.drawer) is not None


def without_deletions(planned: Planned) -> Planned:
    """What a daemon may do of a plan before the user has said yes: a state that is new knows little of what stands.

    Nor does it answer anybody.
    """
    gone = {c.uid for c in planned.plan.changes if isinstance(c, Delete | Respond)}
    changes = tuple(c for c in planned.plan.changes if c.uid not in gone)
    return replace(planned, plan=replace(planned.plan, changes=changes))


def may_write(runtime: Runtime, observation: Observation) -> bool:
    """Whether an `apply` was once confirmed for the writing account, or marks of ours stand there."""
    return bool(_consent(runtime).get(runtime.ledger.drawer)) or bool(observation.snapshot.ours)


def _consent(runtime: Runtime) -> Note[datetime]:
    return consent(writing(runtime.config)[0])


# -- purge ------------------------------------------------------------------------------------------------------------


def plan_purge(runtime: Runtime, now: datetime) -> Planned:
    """A plan that removes every event of ours, of any age, from every calendar of the writing account.

    And the answers under commands of the window.
    """
    mirror, account = runtime.ledger.mirror, writing(runtime.config)[0]
    before = {info.id for info in mirror.calendars(account)}
    observation = observe(runtime, now, everything=True)
    writing_to = frozenset(observation.calendars.values())
    known = names.of_any_age(runtime, writing_to, observation.snapshot)
    back = {own_state.uid_of(r, runtime.profile): r.taken_back for r in observation.own.values() if r.taken_back}
    memory = Memory(writing=writing_to, roles=runtime.roles, names=known, taken_back=back)
    ours = ours_among(own_state.ours_of_any_age(runtime, now, writing_to, known), runtime.profile, memory)
    for calendar in writing_to - before:
        mirror.forget(calendar)  # it is not read otherwise
    changes: tuple[Change, ...] = (
        *(Delete(before=o, reason=NO_TRACE, cause=Cause.PURGED) for o in ours),
        *_unanswered(observation),
    )
    problems = (*observation.problems, *_out_of_reach(runtime, {o.wish for o in ours}, writing_to))
    return Planned(observation, Plan(now=now, window=observation.snapshot.window, changes=changes, problems=problems))


def _out_of_reach(runtime: Runtime, found: Collection[Wish], reached: Collection[CalendarId]) -> Iterable[Problem]:
    """What stands in calendars of other accounts, or may: it was written there before the config changed."""
    rows = (row for wish, row in runtime.ledger.own.rows().items() if wish not in found)
    left = owners.elsewhere(runtime.config, rows, reached, ())
    for calendar, n in sorted(Counter(row.calendar for row in left).items()):
        what = f"{n} of unbusy's events may stand there, and purge does not reach them"
        yield Problem(calendar, what, "name that calendar in `write` and run it again, or delete them yourself", 1)


def _unanswered(observation: Observation) -> Iterable[Annotate]:
    """Commands without the answers under them."""
    commands = {c.event.ref.uid: c for c in observation.snapshot.commands if answered(c.event.description)}
    for command in commands.values():
        text = without_answer(command.event.description)
        yield Annotate(
            before=command.event, key=command.key, text=text, answer="", reason=NO_TRACE, cause=Cause.PURGED,
            private=False,
        )  # fmt: skip


def purge(runtime: Runtime, planned: Planned, now: datetime, *, beat: Callable[[], None] = lambda: None) -> Applied:
    """File what was typed, remove everything, and let writing rest until the next `apply`."""
    ours = (change.before for change in planned.plan.changes if isinstance(change, Delete))
    answers.file(runtime.journal, harvest.entries_of(ours, runtime.profile.zone))
    rules.note(runtime.ledger)
    done = apply(runtime, planned.plan, now, command="purge", beat=beat)
    _consent(runtime).put(runtime.ledger.drawer, None)
    return done
