"""What the policies answer when they are asked, and the plan that is made of it with what it was made from."""

from __future__ import annotations

from dataclasses import dataclass, replace

from daemon.config import registry
from daemon.model.errors import UnbusyError
from daemon.model.event import ShowAs
from daemon.model.plan import Plan, Problem
from daemon.model.proposal import Want
from daemon.planning import notices
from daemon.stages.observe import View
from daemon.stages.runtime import House


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan and what it was made from."""

    view: View
    plan: Plan


def wanted(house: House, view: View) -> list[Want]:
    """All that the policies want, as in `plan`."""
    return [*propose(house, view)[0], *notices.stale(view.snapshot)]


def propose(house: House, view: View) -> tuple[list[Want], frozenset[str], list[Problem]]:
    """Ask every policy that is switched on.  One that raises keeps its events, fixed for the others."""
    wants: list[Want] = []
    held: set[str] = set()
    problems: list[Problem] = []
    for name, options in house.config.policies.items():
        if not options.enabled:
            continue
        try:
            calendar = _calendar(options.calendar, view)
            asked = registry.policy(name).propose(view.snapshot, options)
            wants += [_native(replace(w, calendar=calendar), view) for w in asked]
        except Exception as e:  # noqa: BLE001  a policy may be anybody's code, and must not stop the others
            held.add(name)
            what = e.what if isinstance(e, UnbusyError) else f"{type(e).__name__}: {e}"
            problems.append(Problem(f"policy {name}", what, "its events stay as they are", 1))
    return wants, frozenset(held), problems


def _native(want: Want, view: View) -> Want:
    """Where a calendar knows focus time as a kind of event, it is busy from the start."""
    if not want.content.focus or (want.calendar or view.main) not in view.native:
        return want
    return replace(want, content=replace(want.content, show_as=ShowAs.BUSY, busy_within=None))


def _calendar(name: str, view: View) -> str | None:
    if not name:
        return None
    if name not in view.calendars:
        have = ", ".join(sorted(view.calendars))
        raise UnbusyError(f"there is no calendar {name!r} in the writing account; it has: {have}", "mend `calendar`")
    return view.calendars[name]
