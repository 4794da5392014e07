"""Every kind of event that the policies make, and what the user does to it, on every kind of store.

Wednesday 2026-12-02 07:00, with all policies on; the same is asked of each kind.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from connectors.rfc5545.lines import escaped
from daemon import cycle
from daemon import undo as undoing
from daemon.model.times import When
from living import EVENT, Life
from making import ME, span
from shelves import Store

POLICIES = """\
[accounts.home]
type = "vdir"
path = "{home}"
[people]
reports = ["ben@example.com"]
[policies.breaks]
lunch = true
[policies.preparation]
enabled = true
after = "15m"
[policies.advisors]
enabled = true
[policies.network]
enabled = true
people = [{{ who = ["lena@example.org"], every = "6w" }}]
[policies.habits]
items = [{{ preset = "walk" }}, {{ preset = "office-hours" }}]
[policies.mirror]
from = ["home"]
[[away]]
from = 2026-12-07
to = 2026-12-11
"""
KINDS = {
    "focus 2026-": "focus", "focus landing": "landing", "focus handover": "handover", "breaks lunch": "lunch",
    "breaks calm": "pause", "preparation": "preparation", "advisors": "before 1:1s", "network": "nudge",
    "habits walk": "habit", "habits office": "office hours", "mirror": "hold", "overload": "flag",
    "reflection": "journal",
}  # fmt: skip
"""How the wishes of each kind begin."""

MEETINGS = (
    ("Wed 13:30-14:00", "1:1 Ben", "ben@example.com", "RRULE:FREQ=WEEKLY\n"),
    ("Wed 14:00-14:30", "Layoff talk", "p1@example.com", ""),
    ("Fri 14:00-15:00", "Steering", "p1@example.com", ""),
    ("Thu 09:00-15:00", "Offsite", "p1@example.com", ""),
)


@pytest.fixture
def life(tmp_path: Path, store: Store) -> Life:
    """At least one of each kind stands."""
    home, at = tmp_path / "private" / "Home", span("Fri 11:00-12:00")
    home.mkdir(parents=True)
    (home / "x.ics").write_text(EVENT.format(uid="x", start=at.start, end=at.end, title="Dentist", more=""))
    policies, top = POLICIES.format(home=home.parent), "horizon = '14d'\nmax_per_day = 30\nmax_per_week = 90"
    life = Life(tmp_path, now="Wed 07:00", policies=policies, top=top, store=store)
    for when, title, who, more in MEETINGS:
        guests = "".join(f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{one}\n" for one in (ME, who))
        life.meet(when, title, more=f"ORGANIZER:mailto:{who}\n{guests}{more}")
    life.apply(force=True)
    assert set(each(life).values()) == set(KINDS.values())
    return life


def each(life: Life) -> dict[str, str]:
    """The keys of ours, each with its kind."""
    wishes = {key: str(own.wish) for key, own in life.ours().items()}
    return {key: next(kind for start, kind in KINDS.items() if wish.startswith(start)) for key, wish in wishes.items()}


def one_of_each(life: Life) -> dict[str, str]:
    """By kind, the key of one."""
    return {kind: key for key, kind in each(life).items()}


def write(life: Life, key: str, words: str) -> None:
    """Behind all that its text says."""
    life.edit(key, ("DESCRIPTION", f":{escaped(f'{life.text(key)}{chr(10)}{words}')}"))


def filed(life: Life) -> str:
    with life.runtime() as runtime:
        return "".join(page for _, page in runtime.journal.pages())


def whens(life: Life, keys: Iterable[str]) -> dict[str, When]:
    ours = life.ours()
    return {key: ours[key].event.when for key in keys}


def test_a_title_of_the_users_stays_on_each(life: Life) -> None:
    keys = one_of_each(life)
    for key in keys.values():
        life.edit(key, ("SUMMARY", f"Mine {key}"))
    for _ in range(2):
        life.apply(force=True)
        ours = life.ours()
        assert {k: ours[k].event.summary for k in keys.values()} == {k: f"Mine {k}" for k in keys.values()}
        life.lose_ledger()
    assert life.changes() == []


@pytest.mark.parametrize("how", ["deleted", "#skip"])
def test_what_the_user_turns_down_goes_and_stays_away(life: Life, how: str) -> None:
    keys = one_of_each(life)
    for key in keys.values():
        if how == "deleted":
            life.delete(key)
        else:
            write(life, key, f"Not now {key}. #skip")
    for _ in range(2):
        life.apply(force=True)
        life.apply(force=True)
        assert each(life).keys().isdisjoint(keys.values())
        life.lose_ledger()
    assert how == "deleted" or [k for k in keys.values() if f"Not now {k}." not in filed(life)] == []


@pytest.mark.parametrize("word", ["#pin", "#done"])
def test_what_is_pinned_or_done_stays_whatever_is_booked_over_it(life: Life, word: str) -> None:
    ours = life.ours()
    keys = {kind: key for kind, key in one_of_each(life).items() if not ours[key].event.all_day}
    for key in keys.values():
        write(life, key, f"As it is {key}. {word}")
    life.apply(force=True)
    before = whens(life, keys.values())
    for n, day in enumerate(("Wed", "Thu", "Fri", "Mon+1", "Mon+2")):
        life.meet(f"{day} 08:00-18:00", "Crisis", uid=f"crisis-{n}")
    for _ in range(2):
        life.apply(force=True)
        assert whens(life, keys.values()) == before
        life.lose_ledger()
    assert [k for k in keys.values() if f"As it is {k}." not in filed(life)] == []


def test_undo_takes_each_back_and_again_brings_each(life: Life) -> None:
    made = each(life)
    with life.runtime() as runtime:
        undoing.undo(runtime, undoing.plan_undo(runtime, None, life.now), life.now)
    assert each(life) == {}
    life.apply(force=True)
    assert each(life) == {}
    with life.runtime() as runtime:
        planned = cycle.plan(runtime, life.now, again=True)
        cycle.carry_out(runtime, planned, life.now, command="apply --again", force=True)
    assert each(life) == made
    assert life.changes() == []


def test_purge_removes_each(life: Life) -> None:
    theirs = {name for name in life.names() if not name.startswith("unbusy-")}
    with life.runtime() as runtime:
        cycle.purge(runtime, cycle.plan_purge(runtime, life.now), life.now)
    assert set(life.names()) == theirs
