"""A mirror tool copies our events into another calendar that is read; the copies must not push the originals about.

Week 2026-W49, goal 8 h; Monday 07:00.  Four blocks stand, Monday to Thursday from 09:00 to 11:00.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from daemon import cycle
from daemon.model.event import CountsAs
from daemon.model.figures.measure import measure_week
from living import EVENT, GUESTS, ONLY_FOCUS, Life
from making import moment, span
from shelves import LOCAL, Shelf, Store

KEYS = ("2026-W49/1", "2026-W49/2", "2026-W49/3", "2026-W49/4")
WHEN = ("Mon 09:00-11:00", "Tue 09:00-11:00", "Wed 09:00-11:00", "Thu 09:00-11:00")


class Mirrored(Life):
    """A life with a second calendar, Home, into which a tool copies what it finds in the first."""

    home: Shelf

    def empty_home(self) -> None:
        for name in self.home.names():
            self.home.remove(name)
        self.at_home("Sun+1 06:00-07:00", "Run", uid="run")  # a calendar that is suddenly empty is another matter

    def at_home(self, when: str, title: str, *, uid: str = "", more: str = "") -> None:
        """An event of the user's in the other calendar."""
        at, uid = span(when), uid or f"home-{title}-{when}".replace(" ", "-").replace(":", "")
        self.put_home(uid, EVENT.format(uid=uid, start=at.start, end=at.end, title=title, more=more))

    def put_home(self, uid: str, text: str) -> None:
        self.home.put(f"{uid}.ics", text.encode())

    def mirror(
        self, title: str = "Busy", *, created: datetime | None = None, keys: Iterable[str] | None = None
    ) -> None:
        """The tool runs: what it copied before goes, and each of ours is copied anew."""
        self.empty_home()
        for key, own in self.ours().items():
            if keys is None or key in keys:
                at, uid = own.event.span, f"copy-{own.mark.digits[:8]}"
                more = f"CREATED:{created:%Y%m%dT%H%M%SZ}\n" if created else ""
                self.put_home(uid, EVENT.format(uid=uid, start=at.start, end=at.end, title=title, more=more))

    def kinds(self) -> list[CountsAs]:
        """What the events of that calendar count as, but the run."""
        with self.runtime() as runtime:
            seen = cycle.plan(runtime, self.now).observation
        return [e.counts_as for e in seen.snapshot.events if e.ref.calendar != seen.main and e.summary != "Run"]


def living(base: Path, store: Store) -> Mirrored:
    life = Mirrored(base, store=store, top="horizon = '1d'")
    life.home = life.shelf.another("Home")
    life.empty_home()
    life.apply()
    return life


@pytest.fixture(params=LOCAL)
def life(tmp_path: Path, request: pytest.FixtureRequest) -> Mirrored:
    return living(tmp_path, request.param)


@pytest.fixture
def anywhere(tmp_path: Path, store: Store) -> Mirrored:
    """On every kind of store."""
    return living(tmp_path, store)


def test_anywhere_a_mirror_moves_nothing_and_the_dentist_one_block(anywhere: Mirrored) -> None:
    """Also while the tool is later than we are."""
    anywhere.mirror()
    assert (anywhere.apply().changes, anywhere.kinds()) == ((), [CountsAs.COPY] * 4)
    anywhere.at_home(WHEN[1], "Dentist")
    assert [c.split()[1] for c in anywhere.changes()] == [KEYS[1]]
    anywhere.apply()
    assert (anywhere.changes(), sorted(anywhere.kinds())) == ([], [CountsAs.BUSY, *[CountsAs.COPY] * 4])
    anywhere.empty_home()
    anywhere.mirror(keys=KEYS[:2])
    assert anywhere.kinds() == [CountsAs.BUSY] * 2


@pytest.mark.parametrize("title", ["Busy", "Focus time", "Focus"])
@pytest.mark.parametrize("dated", [True, False], ids=["with CREATED", "without"])
def test_a_mirror_of_our_blocks_moves_none_of_them_cycle_after_cycle(life: Mirrored, title: str, dated: bool) -> None:
    for _ in range(6):
        life.now += timedelta(minutes=15)
        life.mirror(title, created=life.now if dated else None)
        plan = life.apply()
        assert (plan.changes, plan.problems, life.kinds()) == ((), (), [CountsAs.COPY] * 4)
    with life.runtime() as runtime:
        seen = cycle.plan(runtime, life.now).observation.snapshot
    assert seen.busy == ()
    assert measure_week(seen, seen.this_week).total("focus_booked") == 480, "each counts once"


@pytest.mark.parametrize(
    ("keys", "created", "kinds"),
    [
        pytest.param(KEYS[:3], "Mon 07:05", [CountsAs.COPY] * 3, id="three are copies"),
        pytest.param(KEYS[:2], "Mon 07:05", [CountsAs.BUSY] * 2, id="two may be the user's own"),
        pytest.param(KEYS[1:2], "Mon 07:05", [CountsAs.BUSY], id="a dentist exactly over a block is one"),
        pytest.param(KEYS, "Mon 07:00", [CountsAs.COPY] * 4, id="a copy that kept the date of its original"),
        pytest.param(KEYS, "Mon 06:59", [CountsAs.BUSY] * 4, id="what was there before ours is no copy"),
        pytest.param(KEYS, None, [CountsAs.COPY] * 4, id="without CREATED it came when it was first seen"),
    ],
)
def test_what_counts_as_a_copy(
    life: Mirrored, keys: tuple[str, ...], created: str | None, kinds: list[CountsAs]
) -> None:
    life.mirror(created=moment(created) if created else None, keys=keys)
    assert life.kinds() == kinds
    assert bool(life.changes()) is (CountsAs.BUSY in kinds)


def test_at_one_span_one_copy_and_the_dentist(life: Mirrored) -> None:
    life.mirror()
    life.at_home(WHEN[1], "Dentist")
    assert sorted(life.kinds()) == [CountsAs.BUSY, *[CountsAs.COPY] * 4]
    assert [c for c in life.changes() if "W49/2" in c], "the block gives way to the dentist"


def test_with_people_in_them_they_are_meetings(life: Mirrored) -> None:
    for when in WHEN:
        life.at_home(when, "Planning", more=GUESTS)
    assert life.kinds() == [CountsAs.MEETING] * 4


def test_in_the_calendar_that_we_write_to_they_are_the_users(life: Mirrored) -> None:
    for when in WHEN:
        life.meet(when, "Busy", more="")
    assert all(c.startswith(("update", "delete")) for c in life.changes())
    assert life.changes()


def test_a_block_that_has_to_move_is_followed(life: Mirrored) -> None:
    life.mirror()
    life.meet("Wed 09:00-11:00", "Fire")
    assert len(life.apply().changes) == 1
    for _ in range(3):
        life.mirror()
        assert life.apply().changes == ()


@pytest.mark.parametrize("title", ["Focus", "Busy"])
def test_a_tool_that_is_later_than_we_are_pushes_nothing_about(life: Mirrored, title: str) -> None:
    """Two blocks have to leave, the user moves one and deletes one: for a while the copies stand where ours were."""
    life.mirror(title)
    for when in ("Wed 09:00-11:00", "Thu 09:00-11:00"):
        life.meet(when, f"Fire {when[:3]}")
    assert len(life.apply().changes) == 2
    assert life.apply().changes == ()
    life.move(KEYS[1], "Tue 14:00-16:00")
    life.delete(KEYS[0])
    assert life.apply().changes == ()
    assert life.kinds() == [CountsAs.COPY] * 4


def test_where_one_of_ours_has_been_the_user_may_have_a_dentist(life: Mirrored) -> None:
    life.mirror("Busy", keys=KEYS[1:])
    life.meet("Mon 09:00-11:00", "Fire")
    assert len(life.apply().changes) == 1
    life.at_home(WHEN[0], "Dentist")
    assert sorted(life.kinds()) == [CountsAs.BUSY, *[CountsAs.COPY] * 3]


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        pytest.param("Vacation", CountsAs.AWAY, id="on days with flags one may be away"),
        pytest.param("Full day: 8 h in meetings", CountsAs.AWAY, id="another title is another thing"),
    ],
)
def test_whole_days_are_copies_only_by_their_title(life: Mirrored, title: str, kind: CountsAs) -> None:
    life.configure(ONLY_FOCUS, "horizon = '1d'")
    days = "DTSTART;VALUE=DATE:202612{0:02}\nDTEND;VALUE=DATE:202612{1:02}\nTRANSP:OPAQUE\n"
    for n in range(1, 4):
        at = span(WHEN[n])
        text = EVENT.format(uid=f"d{n}", start=at.start, end=at.end, title=title, more="")
        lines = [line for line in text.splitlines() if not line.startswith(("DTSTART", "DTEND"))]
        text = "\n".join([*lines[:6], days.format(n, n + 1).rstrip(), *lines[6:], ""])
        life.put_home(f"d{n}", text)
    assert life.kinds() == [kind] * 3
