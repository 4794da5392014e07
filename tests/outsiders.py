"""Who else gets at our events, in the world of `machine`: other clients, tools, machines, names and strangers.

Clients drop what they do not know and rename what they write; a tool mirrors what it finds; another machine writes
for the same owner; the owner gets another name; a stranger takes a UID that ours would get.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from msgspec.structs import replace

from daemon import cycle
from daemon.model.ours.mark_line import read_mark
from daemon.model.owner import NOTHING_KNOWN, Mark
from daemon.model.plan import Create, Plan
from daemon.model.times import DAY, MINUTE, TimeRange
from daemon.stages.doubt import installation
from living import unmarked
from machine import TEAM, WORK, Place, World, carried, event, ics, vevent
from making import ME

COPY = "mirrored-"
"""How the names of copies begin."""

STRANGER = "ORGANIZER:mailto:mallory@example.com\n"
INVITATION = f"{STRANGER}ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ME}\nTRANSP:TRANSPARENT\n"

# -- clients ----------------------------------------------------------------------------------------------------------


def drop_mark(world: World, place: Place) -> None:
    """A client writes one of ours back without what it does not know."""
    payload = world.contents()[place]
    last = world.mark(payload)
    world.marks[last.uid] = known_of(world, last)
    world.extras[place] = {n for n in world.extras.get(place, ()) if not n.startswith("X-")}
    world.put_ours(place, unmarked(payload))


def known_of(world: World, last: Mark) -> Mark:
    """What is known of an event without its mark: what the ledger has of it, else nothing."""
    row = world.ledger.own.rows().get(last.wish)
    known = read_mark(row.mark) if row else None
    return known if known and known.uid == last.uid else replace(last, base=NOTHING_KNOWN)


def rename(world: World, place: Place) -> None:
    """A client writes one of ours under a name of its own."""
    there = world.new_place(place[0], "renamed")
    world.store.put(*there, world.store.take(*place).payload)
    for kept in (world.edits, world.typed, world.filed, world.extras, world.put_back, world.put_under, world.lifted):
        if place in kept:
            kept[there] = kept.pop(place)  # type: ignore[attr-defined]  # each is a dict of its own kind


# -- a mirror tool ----------------------------------------------------------------------------------------------------


def copies(world: World) -> list[Place]:
    """What the tool has copied before."""
    return [p for p in world.theirs if p[1].startswith(COPY)]


def wipe_copies(world: World) -> None:
    """It goes."""
    for place in copies(world):
        world.remove(place)


def copy_blocks(world: World) -> int:
    """What is ours and has a time is copied into the calendar Team; at how many times of those in the window."""
    for place, payload in world.ours().items():
        if place[0] == WORK and not (e := event(place, payload)).dates:
            uid = f"{COPY}{world.mark(payload).digits[:12]}"
            world.write((TEAM, f"{uid}.ics"), ics(vevent(uid, e.span, "", "Busy")))
    seen = world.plan().observation.snapshot.ours
    return len({o.event.span for o in seen if o.event.ref.calendar == WORK and not o.event.all_day})


# -- another machine --------------------------------------------------------------------------------------------------


@contextmanager
def second_machine(world: World) -> Iterator[None]:
    """For a while the other installation runs, with its own state: what it cannot know, nobody asks of it.

    What the user deleted, or undo took back, before it had seen it; how an event without its mark was asked for.
    """
    first = world.runtime, world.ledger, world.state
    kept = world.confirmed, world.deleted, world.noted, world.back, world.marks, world.edits, world.ever_deleted
    before, answers = world.ours(), world.answers()
    world.state = world.state.with_name("second")
    world.runtime = world.reopened()
    world.confirmed, world.deleted, world.noted, world.back = set(), set(), set(), {}
    world.marks = {uid: known_of(world, mark) for uid, mark in world.marks.items()}
    world.edits = {p: dict(f) for p, f in world.edits.items()} | world.theirs_of_unmarked()
    try:
        yield
    finally:
        world.ledger.close()
        world.runtime, world.ledger, world.state = first
        after = world.ours()
        gone = {world.wish_of(b) for p, b in before.items() if p not in after}
        came = {world.wish_of(b) for p, b in after.items() if p not in before}
        world.confirmed, world.deleted, world.noted, back, world.marks, edits, world.ever_deleted = kept
        remarked = {p for p, b in after.items() if p in before and carried(b) and not carried(before[p])}
        edits |= {p: world.edits[p] for p in remarked}  # the mark that it has put back says what it knew
        world.edits = {p: f for p, f in edits.items() if p in after or p in world.broken}
        world.ever_hushed |= {p for p, text in world.answers().items() if text != answers.get(p)}
        world.ever_deleted |= gone
        world.deleted -= came
        world.noted -= came
        world.back = {wish: then for wish, then in back.items() if wish not in came}


def name_of(world: World) -> str:
    """Of the installation that runs."""
    return installation.name(world.ledger.drawer)


def in_sight(world: World, places: Collection[Place]) -> list[Place]:
    """Those that the next plan sees as ours: readable, and in its window."""
    planned = world.plan()
    there = {(o.event.ref.calendar, o.event.resource.href) for o in planned.observation.snapshot.ours}
    return [p for p in places if p in there and p[0] not in world.hidden and p not in world.broken]


# -- another name of the owner ----------------------------------------------------------------------------------------


def asks(plan: Plan) -> bool:
    """Whether a plan says that a name has changed; it does nothing then."""
    asked = any(p.where == "owner" and p.code == 2 for p in plan.problems)
    assert not (asked and plan.changes)
    return asked


def apply_unanswered(world: World) -> None:
    """A run all the same: it files what the user has done, and writes nothing."""
    stood, planned = world.contents(), world.plan()
    cycle.carry_out(world.runtime, planned, world.now, command="apply", force=True)
    assert world.contents() == stood


def standing_under(world: World) -> Counter[str]:
    """How many events of ours that can be read stand under each name."""
    ours = ((p, b) for p, b in world.ours().items() if p[0] not in world.hidden)
    return Counter(world.mark(b).owner for _, b in ours)


def adopt(world: World) -> None:
    """The user takes over what stands under other names."""
    found = cycle.adopt(world.runtime, cycle.plan(world.runtime, world.now).observation)
    world.adopted |= found.keys()
    world.restart()


# -- a stranger -------------------------------------------------------------------------------------------------------


def take_uid(world: World, create: Create, more: str = "") -> Place:
    """An invitation of a stranger's has the UID that one of ours was to get; it takes no time."""
    place, start = (WORK, f"{create.draft.uid}.ics"), world.now + 2 * DAY
    world.write(place, ics(vevent(create.draft.uid, TimeRange(start, start + 60 * MINUTE), INVITATION + more, "Sync")))
    return place


def taken(world: World) -> list[Place]:
    """Those that still stand."""
    return sorted(p for p, b in world.theirs.items() if STRANGER.encode() in b)


def let_go(world: World, place: Place, *, cancelled: bool) -> None:
    """The stranger takes the invitation back."""
    if cancelled:
        world.write(place, world.theirs[place].replace(b"TRANSP:TRANSPARENT", b"STATUS:CANCELLED"))
    else:
        world.remove(place)
