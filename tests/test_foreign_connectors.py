"""A connector of somebody else's that does not keep to what is promised: it costs its account, never the run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from daemon.model.errors import ConfigError, TemporaryError, UnreadableError
from daemon.model.event import ResourceRef
from daemon.model.options import AccountOptions
from daemon.model.plan import Problem
from daemon.model.protocols import CalendarInfo, Changes, ConnectorKind, Peek, Reading, Resource, Seen, Timed, Writer
from daemon.model.times import TimeRange
from daemon.system.outsiders import held
from living import Life
from making import CALENDAR, ZONE
from memory import Memory
from payloads import WINDOW, draft, ics, looked, vevent


class Failing:
    """A connector whose methods of these names raise what nobody expects of them."""

    def __init__(self, inner: Writer, *names: str) -> None:
        self.inner, self.names = inner, names

    def __getattr__(self, name: str) -> object:
        return oops if name in self.names else getattr(self.inner, name)


def oops(*_: object, **__: object) -> Any:
    raise KeyError("ou\x1b[0mch")


FAILED = "the connector odd failed: KeyError: 'ou\\x1b[0mch'"


def opened(inner: object, kind: str = "odd") -> Writer:
    found = held(ConnectorKind(AccountOptions, lambda *_: inner), kind).open("work", None, None, None, None)
    assert isinstance(found, Writer)
    return found


@pytest.mark.parametrize(
    ("name", "where", "says"),
    [
        ("calendars", "work", FAILED),
        ("changes", CALENDAR, FAILED),
    ],
)
def test_what_a_reading_raises_is_a_problem_and_ours_stay(tmp_path: Path, name: str, where: str, says: str) -> None:
    life = Life(tmp_path)
    assert life.apply().changes
    life.through = lambda connector: opened(Failing(connector, name))
    (life.folder / "a.ics").write_bytes(ics())
    life.now += timedelta(minutes=5)
    plan = life.plan()
    assert plan.changes == ()
    assert (where, says) in [(p.where, p.what) for p in plan.problems]


def test_a_resource_at_which_it_raises_costs_only_itself(tmp_path: Path) -> None:
    class Picky(Failing):
        def read(self, resource: Resource, window: TimeRange, zone: ZoneInfo) -> Reading:
            return oops() if b"odd" in resource.payload else self.inner.read(resource, window, zone)

    life = Life(tmp_path)
    assert life.apply().changes
    life.through = lambda connector: opened(Picky(connector))
    (life.folder / "a.ics").write_bytes(ics(vevent("SUMMARY:odd")))
    life.now += timedelta(minutes=5)
    plan = life.plan()
    assert plan.changes == ()
    assert [(p.where, p.what) for p in plan.problems] == [
        (f"{CALENDAR}/a.ics", "cannot be read: KeyError: 'ou\\x1b[0mch'")
    ]


def test_what_it_raises_at_is_beyond_reading() -> None:
    reading = opened(Failing(Memory(), "read")).read(Resource(ResourceRef(CALENDAR, "a", "1"), ics()), WINDOW, ZONE)
    assert (reading.events, reading.whole) == ((), False)


def test_where_it_raises_at_ours_nothing_is_planned_without_them(tmp_path: Path) -> None:
    life = Life(tmp_path)
    assert life.apply().changes
    life.through = lambda connector: opened(Failing(connector, "read"))
    (life.folder / "a.ics").write_bytes(ics())
    with pytest.raises(UnreadableError, match="the connector odd failed"):
        life.plan()


def test_a_look_that_raises_tells_nothing_and_a_close_is_let_be() -> None:
    connector = opened(Failing(Memory(), "peek", "close", "skew"))
    assert connector.peek(b"") == Peek()
    connector.close()
    assert isinstance(connector, Timed)
    assert connector.skew() is None


@pytest.mark.parametrize("name", ["create", "update", "delete", "annotate", "respond"])
def test_after_a_write_that_raises_it_may_have_been_done(name: str) -> None:
    made = Memory().create(draft())
    arguments = {
        "create": (draft(),), "update": (made, draft(), frozenset()), "delete": (made.ref,), "annotate": (made, ""),
        "respond": (made, None, frozenset(), None),
    }  # fmt: skip
    with pytest.raises(TemporaryError, match="the connector odd failed"):
        getattr(opened(Failing(Memory(), name)), name)(*arguments[name])


def test_what_was_written_before_it_raised_is_not_written_twice(tmp_path: Path) -> None:
    """The next cycle looks, as after a line that broke."""

    class Late(Failing):
        def create(self, *arguments: object) -> None:
            self.inner.create(*arguments)
            oops()

    life = Life(tmp_path)
    life.through = lambda connector: opened(Late(connector))
    with pytest.raises(TemporaryError):
        life.apply()
    before = life.names()
    assert before
    del life.through
    life.now += timedelta(minutes=5)
    life.apply()
    whole = Life(tmp_path / "whole")
    whole.apply()
    assert set(before) < set(life.names()) == set(whole.names())


class Giving(Memory):
    """A store that gives these in place of what is there."""

    given: tuple[Resource | Problem, ...] = ()

    def changes(self, calendar: str, seen: Seen) -> Changes:
        return Changes(changed=iter(self.given), present=frozenset({"a", "b"}))


@pytest.mark.parametrize(
    ("ref", "payload"),
    [
        (ResourceRef(CALENDAR, "\udcff", "1"), b""),
        (ResourceRef(CALENDAR, "a", "\udcff"), b""),
        (ResourceRef(CALENDAR, "a", 1), b""),
        (ResourceRef(CALENDAR, "a", "1"), "text"),
        (ResourceRef(CALENDAR, "a", "1"), None),
    ],
    ids=["a name that is no Unicode", "such a version", "a number", "content that is no bytes", "no content"],
)
def test_what_cannot_be_kept_costs_only_itself(ref: ResourceRef, payload: object) -> None:
    store, sound = Giving(), Resource(ResourceRef(CALENDAR, "b", "1"), ics())
    store.given = (Resource(ref, payload), sound)
    found = looked(opened(store), CALENDAR)
    assert found.changed == (sound,)
    (problem,) = found.problems
    assert problem.where.startswith(f"{CALENDAR}/")
    assert problem.where.isprintable()


def test_a_stream_that_breaks_is_an_unreadable_calendar_and_what_came_is_kept() -> None:
    sound = Resource(ResourceRef(CALENDAR, "b", "1"), ics())

    def broken() -> Iterator[Resource]:
        yield sound
        oops()

    class Breaking(Memory):
        def changes(self, calendar: str, seen: Seen) -> Changes:
            return Changes(changed=broken(), present=frozenset({"b"}))

    stream = iter(opened(Breaking()).changes(CALENDAR, Seen(window=WINDOW)).changed)
    assert next(stream) == sound
    with pytest.raises(UnreadableError, match="the connector odd failed"):
        next(stream)


def test_a_calendar_whose_name_is_no_text_cannot_be_read() -> None:
    class Nameless(Memory):
        def calendars(self) -> list[CalendarInfo]:
            return [CalendarInfo(id="work/\udcff", name="\udcff")]

    with pytest.raises(UnreadableError, match="the connector odd failed"):
        opened(Nameless()).calendars()


def test_what_was_said_on_purpose_is_passed_on() -> None:
    store = Memory(down={CALENDAR})
    with pytest.raises(UnreadableError, match="cannot be read") as said:
        looked(opened(store), CALENDAR)
    assert said.value.remedy == "bring it back"


def test_one_that_cannot_be_opened_is_named() -> None:
    kind = replace(held(ConnectorKind(AccountOptions, oops), "odd"))
    with pytest.raises(ConfigError, match="the connector odd failed"):
        kind.open("work", None, None, None, None)
