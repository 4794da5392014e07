"""A single .ics file: a resource for each UID, read again only when it changes, and never written."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from connectors.local.ics import KIND
from connectors.local.ics_file import Ics
from connectors.local.ics_options import IcsOptions
from daemon.model.errors import ConfigError, UnreadableError
from daemon.model.protocols import Writer
from living import Life
from making import ME, ZONE, span
from memory import NOW
from payloads import WINDOW, ics, looked, vevent

LONG_AGO = 1_780_000_000
NEW_YORK = """\
BEGIN:VTIMEZONE
TZID:Office
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:-0500
TZOFFSETTO:-0500
END:STANDARD
END:VTIMEZONE""".replace("\n", "\r\n")


def opened(path: Path) -> Ics:
    return Ics("work", IcsOptions(path=str(path)), lambda: NOW)


def saved(path: Path, payload: bytes, seconds: int = LONG_AGO) -> Ics:
    path.write_bytes(payload)
    os.utime(path, (seconds, seconds))
    return opened(path)


def uids(account: Ics, known: dict[str, str] | None = None, state: str = "") -> list[str]:
    found = looked(account, "work/export", known or {}, state)
    return sorted(e.ref.uid for r in found.changed for e in account.read(r, WINDOW, ZONE).events)


def test_each_uid_is_a_resource_with_its_overrides(tmp_path: Path) -> None:
    daily = vevent("RRULE:FREQ=DAILY;COUNT=3", uid="a")
    override = vevent("RECURRENCE-ID:20261202T090000Z", uid="a", start="DTSTART:20261202T120000Z",
                      end="DTEND:20261202T130000Z")  # fmt: skip
    account = saved(tmp_path / "export.ics", ics(daily, vevent(uid="b"), override))
    found = looked(account, "work/export")
    assert (len(found.changed), len(found.present)) == (2, 2)
    times = {e.span for r in found.changed for e in account.read(r, WINDOW, ZONE).events if e.ref.uid == "a"}
    assert times == {span("Tue 10:00-11:00"), span("Wed 13:00-14:00"), span("Thu 10:00-11:00")}


def test_the_zones_of_the_file_go_with_each_event(tmp_path: Path) -> None:
    event = vevent(start="DTSTART;TZID=Office:20261201T090000", end="DTEND;TZID=Office:20261201T100000")
    account = saved(tmp_path / "export.ics", ics(NEW_YORK, event))
    (resource,) = looked(account, "work/export").changed
    (found,) = account.read(resource, WINDOW, ZONE).events
    assert (found.span, found.uncertain) == (span("Tue 15:00-16:00"), False)


def test_nothing_is_read_again_while_the_file_stays(tmp_path: Path) -> None:
    account = saved(tmp_path / "export.ics", ics(vevent(uid="a"), vevent(uid="b")))
    first = looked(account, "work/export")
    known = {r.ref.href: r.ref.version for r in first.changed}
    again = looked(account, "work/export", known, first.state)
    assert (again.changed, again.present, again.state) == ((), first.present, first.state)


@pytest.mark.parametrize("how", ["in place", "by rename", "twice"])
def test_a_save_is_noticed_and_only_what_changed_is_new(tmp_path: Path, how: str) -> None:
    path = tmp_path / "export.ics"
    account = saved(path, ics(vevent(uid="a"), vevent(uid="b")))
    first = looked(account, "work/export")
    known = {r.ref.href: r.ref.version for r in first.changed}
    after = ics(vevent(uid="a"), vevent("SUMMARY:New", uid="b"))
    if how == "by rename":
        (tmp_path / "new").write_bytes(after)
        (tmp_path / "new").rename(path)
    else:
        path.write_bytes(b"" if how == "twice" else after)
        path.write_bytes(after)
    assert uids(account, known, first.state) == ["b"]


def test_a_young_file_is_read_again_until_it_is_old(tmp_path: Path) -> None:
    path = tmp_path / "export.ics"
    path.write_bytes(ics(vevent(uid="a")))
    account = opened(path)
    first = looked(account, "work/export")
    assert first.state.endswith("~")
    assert not looked(saved(path, path.read_bytes()), "work/export").state.endswith("~")


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b"<html>Log in</html>", "not a calendar file", id="no calendar"),
        pytest.param(ics()[:-15], "cut off", id="cut off"),
    ],
)
def test_what_is_no_whole_calendar_is_unreadable(tmp_path: Path, payload: bytes, said: str) -> None:
    with pytest.raises(UnreadableError, match=said):
        looked(saved(tmp_path / "export.ics", payload), "work/export")


def test_a_missing_file_is_named_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError) as failure:
        looked(opened(tmp_path / "export.ics"), "work/export")
    assert str(tmp_path / "export.ics") in failure.value.what
    assert failure.value.remedy


def test_there_is_nothing_to_write_with(tmp_path: Path) -> None:
    account = saved(tmp_path / "export.ics", ics())
    assert [c.writable for c in account.calendars()] == [False]
    assert not isinstance(account, Writer)
    assert not KIND.writes


def test_it_is_not_the_account_to_write_to(tmp_path: Path) -> None:
    life = Life(tmp_path)
    config = tmp_path / "config.toml"
    config.write_text(config.read_text().replace('type = "vdir"', 'type = "ics"').replace("calendars", "team.ics"))
    with pytest.raises(ConfigError) as refused:
        life.plan()
    assert "accounts.work.write: accounts of type 'ics' are only read; write to another" in str(refused.value)


def test_a_relative_path_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="relative"):
        msgspec.convert({"path": "export.ics"}, IcsOptions)


def test_its_meetings_are_planned_around(tmp_path: Path) -> None:
    life = Life(tmp_path)
    expected = life.changes()
    guests = f"ATTENDEE:mailto:{ME}\nATTENDEE:mailto:p1@example.com"
    busy = vevent(guests, uid="x", start="DTSTART:20261201T070000Z", end="DTEND:20261201T170000Z")
    (tmp_path / "team.ics").write_bytes(ics(busy))
    path = tmp_path / "config.toml"
    path.write_text(path.read_text() + f'[accounts.team]\ntype = "ics"\npath = "{tmp_path}/team.ics"\n')
    changes = life.changes()
    assert changes != expected
    assert not any("Tue 0" in c for c in changes)
