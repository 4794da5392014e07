"""One cycle: read, mirror, snapshot, harvest, propose, place, diff, plan, apply, record.

A function of config, connectors, ledger and the moment; the daemon, `plan` and `apply` all go through here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from daemon.commands.answers import answered, without_answer
from daemon.config import writing
from daemon.journal import answers
from daemon.ledger import INTENT, WITHDRAWN, OwnRow
from daemon.model.errors import StoppedError
from daemon.model.plan import Annotate, Change, Create, Delete, Plan, Problem
from daemon.model.proposal import Want
from daemon.model.times import DAY
from daemon.planning import harvest, notices
from daemon.planning.diff import Terms
from daemon.planning.placement.levels import Wish
from daemon.planning.planner import Limits, make_plan
from daemon.planning.rewrite_wars import uncontested
from daemon.planning.snapshots import Memory, build
from daemon.stages import backoff, history
from daemon.stages.applying import Applied, apply, name_of
from daemon.stages.observe import View, look, remember
from daemon.stages.own_state import ours_of_any_age
from daemon.stages.proposing import Planned, propose
from daemon.stages.runtime import House

__all__ = ["Planned", "carry_out", "confirm", "may_write", "plan", "plan_purge", "plan_stopped", "purge"]

NO_TRACE = "every trace is removed"


def plan(
    house: House, now: datetime, *, accept_empty: bool = False, patient: bool = False,
    beat: Callable[[], None] = lambda: None,
) -> Planned:  # fmt: skip
    """Everything up to the plan.  Writes to no calendar, and to the ledger nothing but what was read, and what rests.

    `patient`: an account that has failed, or a write that was refused, is left alone until its rest is over.
    """
    view = look(house, now, accept_empty=accept_empty, patient=patient, beat=beat)
    wants, held, problems = propose(house, view)
    wants += notices.stale(view.snapshot)
    made = _planned(house, view, wants, held, [*view.problems, *problems])
    if view.snapshot.commands:
        from daemon.commands.replies import with_replies  # noqa: PLC0415  few calendars have commands in them

        made = with_replies(house, Planned(view, made))
    return Planned(view, _unrefused(house, made) if patient else made)


def plan_stopped(house: House, planned: Planned) -> Planned:
    """In place of a plan that the limits forbid: one line on the calendar that says so, and nothing else."""
    view = planned.view
    said = tuple(o for o in view.snapshot.ours if o.mark.policy == notices.POLICY and o.mark.key.startswith("stopped/"))
    alone = replace(view, snapshot=replace(view.snapshot, ours=said, turned_down=()))
    made = _planned(house, alone, [notices.stopped(view.snapshot, planned.plan.stopped)])
    return Planned(view, _unrefused(house, made))


def _planned(
    house: House, view: View, wants: list[Want], held: frozenset[str] = frozenset(), problems: Iterable[Problem] = ()
) -> Plan:
    config = house.config
    terms = Terms(
        main=view.main, prefix=config.title_prefix, held=held, unseen=view.unseen, frozen=view.stale,
        withdrawn={w: r.generation for w, r in view.own.items() if r.status == WITHDRAWN},
        text_written={uid: r.text_day for uid, r in _by_uid(view).items() if r.text_day},
    )  # fmt: skip
    limits = Limits(
        fill=config.fill, max_changes=config.max_changes, max_per_day=config.max_per_day,
        no_new=_no_new(view), obscure=view.obscure,
    )  # fmt: skip
    made = make_plan(view.snapshot, wants, terms, limits, used=_used(view), problems=problems)
    if all(isinstance(c, Create) for c in made.changes):
        return made
    written = history.written(house.ledger.done_since("", made.now - DAY))
    changes, fought = uncontested(made.changes, written)
    return replace(made, changes=changes, problems=(*made.problems, *fought)) if fought else made


def _unrefused(house: House, plan: Plan) -> Plan:
    """The plan without the writes that were refused and rest now, and a problem for each of them."""
    account, _ = writing(house.config)
    rests = backoff.unwritten(house.ledger, account, plan.now)
    resting = {name: rests[name] for name in map(name_of, plan.changes) if name in rests}
    problems = []
    for name, rest in resting.items():
        error = rest.error(plan.now, house.profile.zone)
        what = f"`{name}` failed {rest.failures} times: {error.what}"
        problems.append(Problem(account, what, error.remedy or "`unbusy apply` tries it at once", 1))
    kept = tuple(c for c in plan.changes if name_of(c) not in resting)
    return replace(plan, changes=kept, problems=(*plan.problems, *problems)) if resting else plan


def _used(view: View) -> frozenset[Wish]:
    """Every wish that has had an event; one whose event was never seen is asked for again, under its name."""
    return frozenset(w for w, r in view.own.items() if r.status != INTENT)


def _by_uid(view: View) -> dict[str, OwnRow]:
    return {
        o.event.ref.uid: view.own[w]
        for o in view.snapshot.ours
        if (w := (o.mark.policy, o.mark.key)) in view.own
    }  # fmt: skip


def _no_new(view: View) -> str:
    """Why nothing new may be created: on what is not known, nothing is built."""
    for c in notices.unknown(view.snapshot):
        return f"the calendar {c.name} cannot be read; until it can, no new events are made"
    return ""


# -- writing ----------------------------------------------------------------------------------------------------------


def carry_out(
    house: House, planned: Planned, now: datetime, *, command: str, force: bool = False,
    stopping: Callable[[], bool] = lambda: False, beat: Callable[[], None] = lambda: None,
) -> Applied:  # fmt: skip
    """Record what the calendars say of ours, then apply the plan.  StoppedError when a limit forbids it."""
    if planned.plan.stopped and not force:
        raise StoppedError(
            f"nothing was written: {planned.plan.stopped}", "look at `unbusy plan`; `unbusy apply --force` does it"
        )
    remember(house, planned.view, now)
    return apply(house, planned.plan, now, command=command, stopping=stopping, beat=beat)


def confirm(house: House, now: datetime) -> None:
    """The user has said yes to writing for this account: from now on the daemon may."""
    name = _confirmed(house)
    if not house.ledger.get(name):
        house.ledger.put(name, now.isoformat())


def may_write(house: House, view: View) -> bool:
    """Whether an `apply` was once confirmed for the writing account, or marks of ours stand there."""
    return bool(house.ledger.get(_confirmed(house))) or bool(view.snapshot.ours)


def _confirmed(house: House) -> str:
    return f"confirmed {writing(house.config)[0]}"


# -- purge ------------------------------------------------------------------------------------------------------------


def plan_purge(house: House, now: datetime) -> Planned:
    """A plan that removes every event of ours, of any age, from every calendar of the writing account.

    And the answers under commands of the window.
    """
    view = look(house, now)
    who = house.profile
    events = ours_of_any_age(house, now, view.calendars.values())
    all_ours = build(now, view.snapshot.window, who, events, Memory(writing=frozenset(view.calendars.values())))
    ours = (Delete(before=o, reason=NO_TRACE, ordered=True) for o in (*all_ours.ours, *all_ours.turned_down))
    changes: tuple[Change, ...] = (*ours, *_unanswered(view))
    return Planned(view, Plan(now=now, window=view.snapshot.window, changes=changes, problems=view.problems))


def _unanswered(view: View) -> Iterable[Annotate]:
    """Commands without the answers under them."""
    commands = {c.event.ref.uid: c for c in view.snapshot.commands if answered(c.event.description)}
    for command in commands.values():
        text = without_answer(command.event.description)
        yield Annotate(before=command.event, key=command.key, text=text, answer="", reason=NO_TRACE)


def purge(house: House, planned: Planned, now: datetime) -> Applied:
    """File what was typed, remove everything, and let writing rest until the next `apply`."""
    ours = (change.before for change in planned.plan.changes if isinstance(change, Delete))
    answers.file(house.journal, harvest.entries_of(ours, house.profile.zone))
    done = apply(house, planned.plan, now, command="purge")
    house.ledger.put(_confirmed(house), "")
    return done
