"""First contact with a server: what it hides from a time range is read, and what is not read yet is not planned into.

Week 2026-W49; Monday 07:00, goal 8 h, on a server that answers as it is told to.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connectors.caldav import sync
from daemon import cycle
from daemon.explain import explanation
from daemon.model.plan import Create, Plan
from daemon.views.agenda import agenda
from daemon.views.health import health
from davsite import DavSite, Remote, serving
from living import EVENT, GUESTS, ONLY_FOCUS, Life
from making import moment, span
from modelserver import hidden
from typing_in import ROOT

DAY = span("Mon 09:00-17:30")
STANDUP = EVENT.format(uid="daily", start=DAY.start, end=DAY.end, title="Daily", more="RRULE:FREQ=DAILY\n" + GUESTS)
OVERRIDE = f"""\
BEGIN:VEVENT
UID:daily
RECURRENCE-ID:20261202T080000Z
DTSTART:20261202T080000Z
DTEND:20261202T163000Z
SUMMARY:Daily, on its day
{GUESTS}END:VEVENT
"""
OVERRIDE_FIRST = STANDUP.replace("BEGIN:VEVENT", f"{OVERRIDE}BEGIN:VEVENT", 1)
"""A daily meeting of the whole working day whose file has an override before its master."""

SEVERAL = "".join(f"RDATE:{month}{day:02}T080000Z\n" for month in (202612, 202701) for day in range(1, 32))
BY_DATES = EVENT.format(uid="dates", start=DAY.start, end=DAY.end, title="Daily", more=SEVERAL + GUESTS)


def meeting(n: int, when: str = "Tue 12:00-12:30") -> bytes:
    at = span(when)
    return EVENT.format(uid=f"m{n}", start=at.start, end=at.end, title=f"Meeting {n}", more=GUESTS).encode()


def many(count: int, when: str = "Tue-40 12:00-12:30") -> dict[str, bytes]:
    return {f"m{n:05}.ics": meeting(n, when) for n in range(count)}


@pytest.fixture
def site() -> Iterator[DavSite]:
    with serving(DavSite()) as found:
        yield found


@pytest.fixture
def life(site: DavSite, tmp_path: Path) -> Life:
    return Life(tmp_path, store=Remote(site), policies=ONLY_FOCUS)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A portion is 50 resources, asked for ten at a time."""
    monkeypatch.setattr(sync, "PORTION", 50)
    monkeypatch.setattr(sync, "MULTIGET", 10)


def placed(plan: Plan) -> list[Create]:
    return [c for c in plan.changes if isinstance(c, Create)]


def read(life: Life) -> int:
    """How many of the resources the mirror knows."""
    with life.runtime() as runtime:
        return len(runtime.ledger.mirror.intake("work/Work", moment("Mon-4 00:00").toordinal()).versions())


@pytest.mark.parametrize("sync", [True, False], ids=["by a sync report", "by a listing"])
@pytest.mark.parametrize("series", [OVERRIDE_FIRST, BY_DATES], ids=["an override first", "RDATE"])
@pytest.mark.parametrize(
    "hides", [hidden, lambda payload: b"RRULE" in payload or b"RDATE" in payload, lambda _: True],
    ids=["as sabre/dav does", "every series", "everything"],
)  # fmt: skip
def test_nothing_is_placed_into_a_daily_meeting_that_a_time_range_hides(
    life: Life, site: DavSite, hides: Callable[[bytes], bool], series: str, sync: bool, small: None
) -> None:
    site.hides, site.sync = hides, sync
    near = {f"n{name}": payload for name, payload in many(20, "Tue 18:00-18:30").items()}
    for name, payload in (near | many(60) | {"zz.ics": series.encode()}).items():
        site.put(name, payload)
    plans = [life.apply() for _ in range(3)]
    assert [c for plan in plans for c in placed(plan)] == []
    assert [bool(p.problems) for p in plans] == [True, False, False]
    life.remove("zz.ics")
    assert placed(life.plan()), "it was the reason"


def test_a_calendar_that_one_read_takes_in_is_asked_for_once(life: Life, site: DavSite) -> None:
    """A listing and contents a hundred at a time; where all comes at once, no order is asked for."""
    for name, payload in (many(120, "Tue 12:00-12:30") | {"far.ics": meeting(1, "Tue+60 12:00-12:30")}).items():
        site.put(name, payload)
    life.plan()
    assert site.asked == ["start", "home", "sync", "multiget 100", "multiget 21"]
    assert sorted(site.given) == sorted(site.stored)
    site.asked.clear()
    life.plan()
    assert site.asked == ["sync"]


def test_a_calendar_of_many_is_read_in_portions_and_each_resource_once(life: Life, site: DavSite) -> None:
    for name, payload in (many(12_000) | {"now.ics": meeting(1), "z.ics": meeting(2, "Wed 12:00-12:30")}).items():
        site.put(name, payload)
    plans = [life.plan() for _ in range(4)]
    assert [bool(placed(p)) for p in plans] == [False, False, True, True]
    assert site.given[:2] == ["now.ics", "z.ics"], "what lies in the window comes first"
    assert len(site.given) == len(set(site.given)) == 12_002
    assert [[p.what for p in plan.problems] for plan in plans] == [
        ["still being read: 5,000 of 12,002; until it is read, nothing new is placed"],
        ["still being read: 10,000 of 12,002; until it is read, nothing new is placed"], [], [],
    ]  # fmt: skip


def test_agenda_plan_and_status_say_so(life: Life, site: DavSite, small: None) -> None:
    part = "still being read: 50 of 61"
    for name, payload in many(61).items():
        site.put(name, payload)
    with life.runtime() as runtime:
        _, problems = agenda(runtime, life.now, None, None)
        assert [(p.where, p.what) for p in problems] == [
            ("work/Work", f"{part}; until it is read, nothing new is placed")
        ]
        assert health(runtime, life.now)["reading"] == [f"work/Work: {part}"]
    assert life.plan().problems == ()
    with life.runtime() as runtime:
        assert health(runtime, life.now)["reading"] == []


def test_another_calendar_that_is_still_being_read_keeps_new_blocks_away(
    site: DavSite, tmp_path: Path, small: None
) -> None:
    """Also while its server is gone before it has given the rest; `plan` and `explain` say why."""
    home = ONLY_FOCUS + f'[accounts.home]\ntype = "caldav"\nurl = "{site.url}"\n'
    life = Life(tmp_path, policies=home, top="max_changes = 99")
    assert placed(life.plan())
    for name, payload in (many(61) | {"z.ics": STANDUP.encode()}).items():
        site.put(name, payload)
    part = "still being read: 50 of 62"
    reason = f"another calendar is {part}; until it is read, no new events are made"
    site.hides = lambda _: True
    with life.runtime() as runtime:
        planned = cycle.plan(runtime, life.now)
        said = explanation.explain(runtime, planned, moment("Tue 09:00"))
    assert (placed(planned.plan), {u.reason for u in planned.plan.unplaced}) == ([], {reason})
    assert [o.because for o in said.absences["focus"].obstacles] == [f"another calendar is {part}"]
    site.gives = 0
    assert placed(life.plan()) == []
    site.gives = None
    assert placed(life.plan()) == [], "the daily meeting is known"
    life.configure()
    assert placed(life.plan())


def test_a_process_that_is_killed_while_it_reads_loses_a_page_at_most(life: Life, site: DavSite) -> None:
    """Of what it has read a page of the ledger is a MiB."""
    for name, payload in many(1_200).items():
        site.put(name, payload.replace(b"SUMMARY", b"COMMENT:" + b"x" * 4_000 + b"\nSUMMARY"))
    rest: list[subprocess.Popen[bytes]] = []

    def kill() -> None:
        if len(site.given) >= 800:
            rest[0].kill()

    site.before = kill
    command = [
        sys.executable,
        "-m",
        "daemon",
        "--config",
        life.base / "config.toml",
        "--now",
        "2026-11-30T07:00",
        "plan",
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as child:
        rest.append(child)
        assert child.wait() == -9
    site.before = lambda: None
    before = len(site.given)
    again = 800 - read(life)
    assert 0 <= again <= 2**20 / 4_000 + 1
    assert placed(life.plan())
    assert len(site.given) - before == 400 + again
    assert sorted(set(site.given)) == sorted(site.stored)


@pytest.mark.parametrize("gives", [10, 20, 40, 50])
def test_what_was_read_before_the_server_failed_is_not_asked_for_again(
    life: Life, site: DavSite, gives: int, monkeypatch: pytest.MonkeyPatch, small: None
) -> None:
    """As soon as it fills a page of the ledger; here each resource does."""
    monkeypatch.setattr("daemon.ledger.sqlite.mirror.PAGE", 1)
    for name, payload in many(61).items():
        site.put(name, payload)
    site.gives = gives
    assert life.plan().problems
    assert read(life) == gives
    site.gives = None
    for _ in range(2):
        life.plan()
    assert (read(life), sorted(site.given)) == (61, sorted(site.stored))


def test_ours_are_not_missing_while_a_calendar_is_read_again(
    life: Life, site: DavSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new mirror beside what is known of ours: what was not read yet was not deleted by the user."""
    monkeypatch.setattr(sync, "MULTIGET", 1)
    life.apply()
    monkeypatch.setattr(sync, "PORTION", 3)
    standing = set(life.names())
    assert standing
    with life.runtime() as runtime:
        runtime.ledger.mirror.forget("work/Work")
    plans = [life.apply() for _ in range(len(standing) // 3 + 1)]
    assert "3 of" in plans[0].problems[0].what
    assert not plans[-1].problems
    assert ([p.changes for p in plans], set(life.names())) == ([()] * len(plans), standing)
    assert len(life.ours()) == len(standing) > 3
    assert list((life.base / "state" / "journal").glob("*")) == [], "no skip was noted"


@pytest.mark.parametrize("status", [404, 410])
def test_what_goes_between_the_listing_and_the_reading_is_not_there(life: Life, site: DavSite, status: int) -> None:
    for name, payload in many(3).items():
        site.put(name, payload)
    site.refuses["m00001.ics"] = status
    plan = life.plan()
    assert (plan.problems, read(life)) == ((), 2)
    assert placed(plan)
    site.refuses.clear()
    life.plan()
    assert read(life) == 3


def test_what_is_forbidden_between_is_named_and_nothing_waits_for_it(life: Life, site: DavSite) -> None:
    for name, payload in many(3).items():
        site.put(name, payload)
    site.refuses["m00001.ics"] = 403
    plan = life.plan()
    assert [p.where for p in plan.problems] == ["work/Work/m00001.ics"]
    assert placed(plan)


def test_a_question_for_the_order_that_fails_costs_nothing(life: Life, site: DavSite, small: None) -> None:
    for name, payload in many(60).items():
        site.put(name, payload)
    site.answers["range"] = b"<html>no</html>"
    assert "50 of 60" in life.plan().problems[0].what
    assert (life.plan().problems, read(life)) == ((), 60)


def test_a_portion_ends_by_its_size_too(
    life: Life, site: DavSite, monkeypatch: pytest.MonkeyPatch, small: None
) -> None:
    monkeypatch.setattr(sync, "PORTION_SIZE", 2_000)
    for name, payload in many(40).items():
        site.put(name, payload)
    assert "10 of 40" in life.plan().problems[0].what
    for _ in range(3):
        life.plan()
    assert read(life) == 40


def test_many_new_events_in_a_calendar_that_is_known_keep_new_blocks_away(
    life: Life, site: DavSite, small: None
) -> None:
    assert placed(life.plan())
    for name, payload in many(61, "Tue 12:00-12:30").items():
        site.put(name, payload)
    assert placed(life.plan()) == []
    assert placed(life.plan())
    assert read(life) == 61
