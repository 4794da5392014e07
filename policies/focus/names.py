"""What blocks are called: by a command that asks for named focus time, by the objective of their week, else plainly.

A command takes whole blocks that stand, before anything is made for it: they keep key and UID, and get its name in
place.  A block serves the command whose name it bears, so that nothing but the calendar needs to know of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from daemon.model.figures import owing
from daemon.model.owner import Field
from daemon.model.proposal import Role
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.times import Week, local_day, week_of
from daemon.model.user.command import Command, Verb
from daemon.model.words import bears
from daemon.model.words import named as with_name
from policies.objectives.said import is_on, objective

POLICY = "focus"


class Names(Struct, frozen=True):
    """`commands`: what each block that serves a command is called, by key.  `served`: minutes, by the command's key."""

    commands: Mapping[str, str]
    served: Mapping[str, int]


def names(snapshot: Snapshot, title: str) -> Names:
    """Which blocks serve which command; the one with the earliest last day chooses first."""
    taken: dict[str, str] = {}
    served: dict[str, int] = {}
    for command in sorted(_commands(snapshot), key=lambda c: (c.by, c.event.span, c.key)):
        served[command.key] = 0
        for own in _candidates(snapshot, command, taken):
            if served[command.key] >= command.minutes - _beside(snapshot, command):
                break
            served[command.key] += own.event.span.minutes
            taken[own.mark.key] = with_name(title, command.what)
    return Names(taken, served)


def _commands(snapshot: Snapshot) -> Iterator[Command]:
    """Those that have a name."""
    return (c for c in snapshot.commands if c.verb is Verb.FOCUS and with_name("", c.what))


def _beside(snapshot: Snapshot, command: Command) -> int:
    """Minutes of a command that are settled or stand under its own key."""
    keys = f"{command.key}/"
    stands = (o for o in snapshot.own(POLICY) if o.mark.key.startswith(keys) and not snapshot.firm(o))
    settled = owing.settled(snapshot, snapshot.window, policy=POLICY, keys=keys, of=keys)
    return settled.total + sum(o.event.span.minutes for o in stands)


def _candidates(snapshot: Snapshot, command: Command, taken: Mapping[str, str]) -> Iterator[OwnEvent]:
    """Blocks up to its last day: first those that bear its name, then those without one, in order of time.

    Where `undo` has put the old title back, a block serves as if it bore the name: no other gets it in its place.  Nor
    does any while a block of the command's own cannot be read.
    """
    since = week_of(local_day(command.event.span.start, snapshot.zone), snapshot.profile.week_starts).first
    here = [o for o in _blocks(snapshot) if since <= o.event.when.first_day(snapshot.zone) <= command.by]
    free = [o for o in here if o.mark.key not in taken and not _is_over(snapshot, o)]
    mine = [o for o in free if bears(o.event.summary, command.what) or _was_put_back(o)]
    yield from mine
    if command.key not in {wish.want.key for wish in snapshot.unread if wish.policy == POLICY}:
        yield from (o for o in free if o not in mine and _is_nameless(snapshot, o))


def _blocks(snapshot: Snapshot) -> Iterator[OwnEvent]:
    """Those that the weekly goal asks for, wherever they lie."""
    return (o for o in snapshot.in_role(Role.FOCUS) if o.mark.policy == POLICY and o.mark.key[:1] != "c")


def _is_over(snapshot: Snapshot, own: OwnEvent) -> bool:
    """Whether something is booked over it, so that it is no whole block."""
    return any(own.event.span.overlaps(r) for r in snapshot.busy) and not own.done


def _was_put_back(own: OwnEvent) -> bool:
    return own.taken_back is not None and Field.TITLE in own.taken_back.fields


def _is_nameless(snapshot: Snapshot, own: OwnEvent) -> bool:
    """Whether it may get a name: its title is ours, it has not begun, and it serves no other command."""
    ours = Field.TITLE not in own.edited and not snapshot.begun(own.event)
    return ours and not any(bears(own.event.summary, c.what) for c in _commands(snapshot))


def of_week(snapshot: Snapshot, title: str, week: Week) -> str:
    """What the blocks of a week are called that serve no command."""
    options = is_on(snapshot)
    return with_name(title, objective(snapshot, week)) if options and options.title else title


def kept(week: Week, keys: Iterable[str]) -> frozenset[str]:
    """Those of these keys that are of a week."""
    return frozenset(key for key in keys if key.startswith(f"{week.key}/"))
