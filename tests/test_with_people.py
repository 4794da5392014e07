"""Practices that concern others, through the whole product: on stores, with gestures, undo, and without the ledger."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.google import sync
from daemon import cycle
from daemon import undo as undoing
from daemon.config import load
from daemon.config.check import faults
from daemon.ledger.notes import CONTACTS
from daemon.model.errors import UnreadableError
from daemon.model.plan import Plan
from daemon.model.protocols import Changes, Seen, Writer
from daemon.model.text import FOOTER
from gcal.shelf import GoogleShelf
from living import GUESTS, ONLY_FOCUS, Life, said
from making import ME, moment
from shelves import Store

OFF = ONLY_FOCUS + "[policies.focus]\nenabled = false\n"
PREPARE = OFF + "[policies.preparation]\nenabled = true\n"
ADVISE = OFF + "[policies.advisors]\nenabled = true\nnotes = true\n"
TOUCH = OFF + (
    "[policies.network]\nenabled = true\n"
    '[[policies.network.people]]\nwho = ["lena@elsewhere.org", "Lena*"]\nevery = "6w"\n'
)
DANA = "dana@example.com"
LENA = "lena@elsewhere.org"


def two(address: str, name: str = "", *, series: bool = True, mine: bool = True) -> str:
    organizer = ME if mine else address
    rule = "RRULE:FREQ=WEEKLY\n" if series else ""
    return (
        f"{rule}ORGANIZER:mailto:{organizer}\nATTENDEE;PARTSTAT=ACCEPTED:mailto:{ME}\n"
        f"ATTENDEE;CN={name or address};PARTSTAT=ACCEPTED:mailto:{address}\n"
    )


def stays(life: Life, forget: Callable[[Life], None] = Life.lose_ledger) -> None:
    """One run is enough, also for a new ledger."""
    assert life.changes() == []
    forget(life)
    assert life.changes() == []


# -- preparation -----------------------------------------------------------------------------------------------------


@pytest.fixture
def prepared(tmp_path: Path, store: Store) -> Life:
    life = Life(tmp_path, policies=PREPARE, store=store)
    life.meet("Thu 14:00-15:00", "Steering", uid="steering")
    life.apply()
    return life


def test_one_run_prepares_and_a_lost_ledger_changes_nothing(prepared: Life) -> None:
    ((key, own),) = prepared.ours().items()
    assert (own.event.summary, own.event.private, len(key)) == ("Prepare", True, 16)
    assert own.event.description.startswith("For ‘Steering’, Thu 14:00: 1 other.")
    stays(prepared)


def test_it_moves_with_its_meeting_and_goes_with_it(prepared: Life) -> None:
    (key,) = prepared.ours()
    prepared.meet("Fri+1 14:00-15:00", "Steering", uid="steering")
    prepared.apply()
    assert prepared.changes() == []
    assert prepared.text(key).startswith("For ‘Steering’, Fri 14:00")
    assert prepared.ours()[key].mark.generation == 0
    prepared.cancel("steering")
    prepared.apply()
    assert prepared.ours() == {}


def test_what_the_user_has_moved_stays_and_what_they_delete_stays_away(prepared: Life) -> None:
    (key,) = prepared.ours()
    prepared.move(key, "Wed 10:00-10:45")
    assert prepared.changes() == []
    prepared.delete(key)
    prepared.apply()
    assert prepared.ours() == {}
    assert prepared.changes() == []


def test_undo_takes_it_back_and_it_stays_back(prepared: Life) -> None:
    with prepared.runtime() as runtime:
        found = undoing.plan_undo(runtime, None, prepared.now)
        undoing.undo(runtime, found, prepared.now)
    assert prepared.ours() == {}
    prepared.now += timedelta(hours=1)
    assert prepared.changes() == []


def test_never_is_about_the_series(tmp_path: Path) -> None:
    life = Life(tmp_path, policies=PREPARE)
    life.meet("Thu 14:00-15:00", "Board", uid="board", more=f"RRULE:FREQ=WEEKLY\n{GUESTS}")
    life.apply()
    first = min(life.ours(), key=lambda key: life.ours()[key].event.span)
    assert len(life.ours()) > 2
    life.type(first, (FOOTER, f"{FOOTER}\n#never"))
    life.apply()
    life.apply()
    assert list(life.ours()) == [first], "what says so stays, and no other comes"


def test_a_pause_clears_it_and_nothing_is_owed_after(prepared: Life) -> None:
    prepared.meet("Wed 00:00-23:59", "unbusy: pause", uid="p1", more="")
    prepared.meet("Thu 00:00-23:59", "unbusy: pause", uid="p2", more="")
    prepared.meet("Tue 00:00-23:59", "unbusy: pause", uid="p3", more="")
    prepared.apply()
    assert prepared.ours() == {}


def test_after_it_what_was_promised(prepared: Life) -> None:
    prepared.now = moment("Thu 07:00")
    prepared.apply()
    after = next(key for key in prepared.ours() if key.startswith("after/"))
    question = "What was decided, who knows it, and what did you promise?"
    prepared.type(after, (question, f"{question}\nHugo gets the numbers."))
    prepared.now = moment("Thu 16:00")
    prepared.apply()
    with prepared.runtime() as runtime:
        entries = cycle.plan(runtime, prepared.now).observation.snapshot.entries
    assert [(e.question_id, e.text, e.evidence) for e in entries] == [
        ("meeting-after", "Hugo gets the numbers.", "After ‘Steering’, Thu 14:00.")
    ]


def test_the_journal_does_not_ask_about_what_was_prepared(tmp_path: Path) -> None:
    """What is worth asking of it was asked before and after it."""
    only = "[policies.overload]\nenabled = false\n[policies.focus]\nenabled = false\n"
    for prepare in (False, True):
        on = "[policies.preparation]\nenabled = true\nafter = '0m'\n" * prepare
        life = Life(tmp_path / str(prepare), policies=f"{only}{on}")
        life.meet("Thu 14:00-15:00", "Steering", uid="steering")
        life.apply()
        life.now = moment("Thu 07:00")
        life.apply()
        assert ("Steering" in life.text("day/2026-12-03")) is not prepare


# -- advisors --------------------------------------------------------------------------------------------------------


@pytest.fixture
def advised(tmp_path: Path) -> Life:
    life = Life(tmp_path, policies=ADVISE, now="Tue 07:00")
    life.meet("Tue 10:00-10:30", "Dana / Ada", uid="dana", more=two(DANA, "Dana Roe"))
    life.apply()
    return life


def test_whom_the_calendar_shows_as_a_report_has_a_slot_before(advised: Life) -> None:
    ((key, own),) = advised.ours().items()
    assert (key, own.event.summary) == ("2026-12-01", "Before your 1:1s")
    assert "– Dana Roe, 10:00" in own.event.description
    assert own.mark.questions[0].startswith("advice-")
    assert "Dana" not in json.dumps([own.event.summary, own.event.location])
    stays(advised)


def test_what_was_noted_comes_back_the_next_time_and_no_second_request(advised: Life) -> None:
    advised.type("2026-12-01", (FOOTER, f"{FOOTER}\nWants the migration."))
    advised.now = moment("Tue 11:00")
    advised.apply()
    advised.now = moment("Tue+1 07:00")
    advised.apply()
    own = advised.ours()["2026-12-08"]
    assert "– Dana Roe, 10:00\nOn Tue 1 Dec you noted: “Wants the migration.”" in own.event.description
    assert own.mark.questions == ()
    stays(advised)


def test_never_about_her(advised: Life) -> None:
    advised.type("2026-12-01", (FOOTER, f"{FOOTER}\n#never dana"))
    advised.apply()
    advised.now = moment("Tue+1 07:00")
    advised.apply()
    assert "2026-12-08" not in advised.ours()


def test_the_weekly_review_names_whom_one_has_not_met_and_what_was_promised(tmp_path: Path) -> None:
    only = "[policies.overload]\nenabled = false\n[policies.focus]\nenabled = false\n"
    on = "[policies.preparation]\nenabled = true\n[policies.advisors]\nenabled = true\n"
    life = Life(tmp_path, policies=f"{only}{on}", now="Thu-2 07:00")
    life.meet("Thu-2 14:00-15:00", "Steering", uid="steering")
    declined = two(DANA, "Dana Roe").replace("PARTSTAT=ACCEPTED", "PARTSTAT=DECLINED")
    life.meet("Mon-3 10:00-10:30", "Dana / Ada", uid="dana", more=declined)
    life.apply()
    after = next(key for key in life.ours() if key.startswith("after/"))
    question = "What was decided, who knows it, and what did you promise?"
    life.type(after, (question, f"{question}\nHugo gets the numbers."))
    life.now = moment("Fri 07:00")
    life.apply()
    said = life.text("week/2026-W49")
    assert "On Thu 19 Nov, after ‘Steering’, you wrote: “Hugo gets the numbers.”" in said
    assert "Not met for 3 weeks: Dana Roe." in said
    stays(life)


# -- network ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def networked(tmp_path: Path, store: Store) -> Life:
    life = Life(tmp_path, policies=TOUCH, now="Tue 07:00", store=store)
    life.meet("Thu-8 12:00-13:00", "Lunch", uid="lunch", more=two(LENA, series=False))
    life.meet("Thu-9 12:00-13:00", "Other", uid="other", more=GUESTS)
    life.apply()
    return life


def contacts(life: Life) -> str:
    with life.runtime() as runtime:
        kept = CONTACTS.get(runtime.ledger.drawer)
    assert kept is not None
    return CONTACTS.text(kept)


def test_the_last_contact_is_found_long_before_the_window(networked: Life) -> None:
    ((_, own),) = networked.ours().items()
    assert own.event.summary == "Keep in touch"
    assert own.event.description.startswith("Lena: last seen 8 Oct. Every 6 weeks is your wish.")
    stays(networked)


def test_dates_are_all_that_is_kept(networked: Life) -> None:
    kept = contacts(networked)
    assert "2026-10-08" in kept
    assert "Lunch" not in kept
    assert "Other" not in kept
    assert set(json.loads(kept)["people"]) == {f"person:{LENA}"}


def test_it_is_gone_through_once(networked: Life) -> None:
    """Until somebody else is named."""
    reads: list[Seen] = []

    class Counting:
        def __init__(self, inner: Writer) -> None:
            self.inner = inner

        def __getattr__(self, name: str) -> object:
            return getattr(self.inner, name)

        def changes(self, calendar: str, seen: Seen) -> Changes:
            reads.append(seen)
            return self.inner.changes(calendar, seen)

    networked.through = Counting  # type: ignore[assignment,method-assign]  # it stands in between
    networked.apply()
    assert len(reads) == 1
    more = '[[policies.network.people]]\nwho = ["tom@elsewhere.org"]\nevery = "8w"\n'
    networked.configure(TOUCH + more)
    networked.apply()
    assert len(reads) == 3
    networked.apply()
    assert len(reads) == 4


def test_google_is_gone_through_to_its_last_page(
    google: GoogleShelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many events lie before the one that tells, and whatever Google gives at once."""
    monkeypatch.setattr(sync, "PAGE", 3)
    life = Life(tmp_path, policies=TOUCH, now="Tue 07:00", store=google)
    for n in range(8):
        life.meet(f"Wed-{10 + n} 12:00-13:00", f"Other {n}", uid=f"other{n}", more=GUESTS)
    life.meet("Thu-8 12:00-13:00", "Lunch", uid="lunch", more=two(LENA, series=False))
    life.apply()
    ((_, own),) = life.ours().items()
    assert own.event.description.startswith("Lena: last seen 8 Oct.")
    pages = [s for s in google.server.requests("events.list") if "pageToken" in s.query]
    assert len(pages) >= 4, "twice three pages and more: the usual read, and the light one"
    stays(life)


def test_what_cannot_be_gone_through_says_nothing_of_anybody(tmp_path: Path) -> None:
    life = Life(tmp_path, policies=OFF, now="Tue 07:00", store="memory")
    life.meet("Thu-8 12:00-13:00", "Lunch", uid="lunch", more=two(LENA, series=False))
    life.apply()
    life.configure(TOUCH)

    class Failing:
        def __init__(self, inner: Writer) -> None:
            self.inner = inner

        def __getattr__(self, name: str) -> object:
            return getattr(self.inner, name)

        def changes(self, calendar: str, seen: Seen) -> Changes:
            if not seen.state and seen.window.start < moment("Mon-10 00:00"):
                raise UnreadableError("it is closed", "wait")
            return self.inner.changes(calendar, seen)

    life.through = Failing  # type: ignore[assignment,method-assign]  # it stands in between
    plan: Plan = life.apply()
    assert [p.what for p in plan.problems] == ["when people were last met is not known: it is closed"]
    assert life.ours() == {}
    life.through = lambda connector: connector
    assert life.changes() == [], "not again on the same day"
    life.now = moment("Wed 07:00")
    (change,) = life.plan().changes
    assert said(change).endswith("Wed 13:00-13:15")


def test_what_leaves_the_window_is_not_forgotten(networked: Life) -> None:
    """The mirror and the window go on; the date stays, though the event be deleted by then."""
    networked.meet("Mon 12:00-13:00", "Lena", uid="new", more=two(LENA, series=False))
    networked.apply()
    networked.now = moment("Wed+1 07:00")
    networked.apply()
    networked.cancel("new")
    networked.now = moment("Tue+5 07:00")
    networked.apply()
    assert "2026-11-30" in contacts(networked)


def test_a_new_ledger_knows_how_often_it_was_about_her(networked: Life) -> None:
    """By our own events, however old, so that it rests after three in a row."""
    for week in (2, 4):
        networked.now = moment(f"Tue+{week} 07:00")
        networked.apply()
    assert len(networked.names()) == 5
    networked.now = moment("Tue+8 07:00")
    assert networked.changes() == []
    networked.lose_ledger()
    assert networked.changes() == []
    networked.now = moment("Tue+13 07:00")
    assert [c.partition(" ")[0] for c in networked.changes()] == ["create"]


def test_done_is_a_contact(networked: Life) -> None:
    (key,) = networked.ours()
    networked.type(key, (FOOTER, f"{FOOTER}\n#done"))
    networked.now = moment("Tue+3 07:00")
    networked.apply()
    assert list(networked.ours()) == [key]
    networked.lose_ledger()
    networked.now = moment("Tue+5 07:00")
    assert networked.changes() == []
    networked.now = moment("Tue+6 07:00")
    assert len(networked.changes()) == 1


# -- the config ------------------------------------------------------------------------------------------------------

WRONG = {
    "[policies.network]\nhistory = '5y'\n": "write it like '6w' or '10d'",
    "[[policies.network.people]]\nwho = ['a@b.c']\n": "missing",
    "[[policies.network.people]]\nwho = []\nevery = '6w'\n": "expected",
    "[[policies.network.people]]\nwho = ['a@b.c']\nevery = 'often'\n": "is not a number of weeks or days",
    "[policies.advisors]\ndrift = '0d'\n": "is not a number of weeks or days",
    "[policies.advisors]\nlength = '2m'\n": "it takes 5m to 1h",
    "[policies.preparation]\nlength = '5m'\n": "each takes 15m to 4h",
    "[policies.preparation]\nper_weak = 3\n": "per_week",
}


@pytest.mark.parametrize(("text", "said"), WRONG.items(), ids=WRONG)
def test_what_is_wrong_is_said_with_what_would_be_right(text: str, said: str) -> None:
    account = '[accounts.a]\ntype = "vdir"\npath = "/tmp"\nwrite = "w"\n'
    found = [f.text for f in faults(tomllib.loads(account + text))]
    assert len(found) == 1
    assert said in found[0]


def test_they_are_off_until_the_config_says_so(tmp_path: Path) -> None:
    life = Life(tmp_path, policies=OFF)
    config = load(life.base / "config.toml")
    assert not any(config.policies[name].enabled for name in ("preparation", "advisors", "network"))


# -- undo ------------------------------------------------------------------------------------------------------------

ANSWER = OFF + "[policies.invitations]\nenabled = true\n"
ASKED = f"ORGANIZER:mailto:p1@example.com\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:{ME}\nATTENDEE:mailto:p1@example.com\n"
KINDS = {
    "before a meeting": (PREPARE, ("Thu 14:00-15:00", "Steering", GUESTS), "Mon 07:00"),
    "after a meeting": (PREPARE, ("Tue 14:00-15:00", "Steering", GUESTS), "Tue 07:00"),
    "before a 1:1": (ADVISE, ("Tue 10:00-10:30", "Dana / Ada", two(DANA, "Dana Roe")), "Tue 07:00"),
    "about somebody": (TOUCH, ("Thu-8 12:00-13:00", "Lunch", two(LENA, series=False)), "Tue 07:00"),
    "to answer": (ANSWER, ("Thu 18:00-19:00", "Late", ASKED), "Tue 07:00"),
}


@pytest.mark.parametrize(("policies", "meets", "now"), KINDS.values(), ids=KINDS)
def test_undo_takes_each_kind_back_and_apply_again_brings_it(
    tmp_path: Path, policies: str, meets: tuple[str, str, str], now: str
) -> None:
    """It stays back, also for a new ledger; wanted again, it is as it was."""
    life = Life(tmp_path, policies=policies, now=now)
    when, title, more = meets
    life.meet(when, title, uid="it", more=more)
    life.apply()
    made = {key: (own.event.span, own.event.description) for key, own in life.ours().items()}
    with life.runtime() as runtime:
        found = undoing.plan_undo(runtime, None, life.now)
        assert found.kept == ()
        undoing.undo(runtime, found, life.now)
    assert (bool(made), life.ours()) == (True, {})
    stays(life)
    with life.runtime() as runtime:
        cycle.carry_out(runtime, cycle.plan(runtime, life.now, again=True), life.now, command="apply")
    assert {key: (own.event.span, own.event.description) for key, own in life.ours().items()} == made
    assert life.changes() == []
