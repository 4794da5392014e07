"""What the policies answer when they are asked, and the plan that is made of it with what it was made from."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from daemon.config import registry
from daemon.model.errors import UnbusyError
from daemon.model.event import ShowAs
from daemon.model.options import shown
from daemon.model.owner import Field
from daemon.model.plan import Action, Plan, Problem, Respond
from daemon.model.proposal import Content, Showing, Want
from daemon.model.snapshot import Snapshot
from daemon.model.user.command import Verb
from daemon.model.user.reply import Rsvp
from daemon.planning import notices
from daemon.planning.after import after
from daemon.planning.restraint.replies import allowed, with_replies
from daemon.stages.observe import Observation
from daemon.stages.runtime import Runtime


class Planned(Struct, frozen=True):
    """A plan and what it was made from."""

    observation: Observation
    plan: Plan


class Proposed(NamedTuple):
    """`held`: the policies that could not be asked."""

    wants: list[Want]
    rsvps: list[Rsvp]
    held: frozenset[str]
    problems: list[Problem]


def wanted(runtime: Runtime, observation: Observation) -> list[Want]:
    """All that the policies want, as in `plan`."""
    return [*propose(runtime, observation).wants, *notices.stale(observation.snapshot, observation.main)]


def propose(runtime: Runtime, observation: Observation) -> Proposed:
    """Ask every policy that is switched on.  One that raises keeps its events, fixed for the others."""
    wants: list[Want] = []
    rsvps: list[Rsvp] = []
    held: set[str] = set()
    problems: list[Problem] = []
    for name, options in runtime.config.policies.items():
        if not options.enabled:
            continue
        try:
            calendar = _calendar(options.calendar, observation)
            asked = [_own(w, name) for w in registry.policy(name).propose(observation.snapshot, options)]
            mine = [_native(replace(w, calendar=calendar), observation) for w in asked if isinstance(w, Want)]
            wants += [want for want in mine if not _never(want, observation)]
            rsvps += [r for r in asked if isinstance(r, Rsvp) and not observation.snapshot.never(r.rule.id)]
        except Exception as e:  # noqa: BLE001  a policy may be anybody's code, and must not stop the others
            held.add(name)
            what = e.what if isinstance(e, UnbusyError) else f"{type(e).__name__}: {e}"
            problems.append(Problem(f"policy {name}", what, "its events stay as they are", 1))
    return Proposed(wants, rsvps, frozenset(held), problems)


def moments(runtime: Runtime, snapshot: Snapshot) -> Iterator[datetime]:
    """When the policies will want something else by themselves."""
    for name, options in runtime.config.policies.items():
        kind = registry.policy(name)
        if not options.enabled or not kind.moments:
            continue
        with suppress(Exception):  # as above; without its moments a policy is asked at the interval
            yield from list(kind.moments(snapshot, options))


def propose_and_reply(
    runtime: Runtime, observation: Observation, *, may_reply: bool, resting: Collection[str]
) -> tuple[Observation, Proposed, tuple[Respond, ...]]:
    """The replies that are to be written, and what is wanted of the calendar as it is once they are."""
    asked = propose(runtime, observation)
    if not asked.rsvps or not may_reply:
        return observation, asked, ()
    replies = allowed(observation.snapshot, asked.rsvps, observation.stale, resting)
    if not replies:
        return observation, asked, ()
    then = replace(observation, snapshot=with_replies(observation.snapshot, replies))
    return then, propose(runtime, then), replies


def called_as_they_will_stand(runtime: Runtime, observation: Observation, wants: list[Want], plan: Plan) -> list[Want]:
    """The wants, with blocks named as once the plan is carried out: also those that it makes or moves serve a command.

    So that the next run finds nothing to rename.
    """
    placed = any(c.action is Action.CREATE or Field.WHEN in getattr(c, "fields", ()) for c in plan.changes)
    if not placed or all(c.verb is not Verb.FOCUS for c in observation.snapshot.commands):
        return wants
    then = replace(observation, snapshot=after(observation.snapshot, plan.changes))
    titles = {w.wish: w.content.titles for w in propose(runtime, then).wants}
    return [replace(w, content=replace(w.content, titles=titles.get(w.wish, w.content.titles))) for w in wants]


def _own(want: Want | Rsvp, name: str) -> Want | Rsvp:
    """A want says whose it is; under another name its event would be nobody's, or another policy's."""
    if want.policy != name:
        raise UnbusyError(f"wants an event of policy {shown(want.policy)}; its own name is {shown(name)}")
    return want


def _never(want: Want, observation: Observation) -> bool:
    """Whether the user wants nothing more about all that it is about."""
    return bool(want.about) and all(observation.snapshot.never(subject.id) for subject in want.about)


def _native(want: Want, observation: Observation) -> Want:
    """Where a calendar knows focus time as a kind of event, that is busy; what is always free is an ordinary event.

    Neither is ever made the other.
    """
    if not want.content.focus or (want.calendar or observation.main) not in observation.native:
        return want
    show_as = ShowAs.FREE if _always_free(want.content) else ShowAs.BUSY
    return replace(want, content=replace(want.content, show_as=show_as, showing=Showing(as_made=True)))


def _always_free(content: Content) -> bool:
    return content.show_as is ShowAs.FREE and (content.showing is None or content.showing.busy_within is None)


def _calendar(name: str, observation: Observation) -> str | None:
    if not name:
        return None
    if name not in observation.calendars:
        have = ", ".join(sorted(observation.calendars))
        raise UnbusyError(f"there is no calendar {name!r} in the writing account; it has: {have}", "mend `calendar`")
    return observation.calendars[name]
