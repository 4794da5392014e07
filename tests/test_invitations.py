"""Replies by rule through the whole product: on every store, once, and never over what the user or others do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from msgspec import structs

from daemon import cycle
from daemon import undo as undoing
from daemon.cli.app import cli
from daemon.journal.replies import read
from daemon.ledger.notes import REPLIES
from daemon.model.errors import RefusedError, TemporaryError, UnbusyError
from daemon.model.event import PartStat
from daemon.model.plan import Respond
from daemon.model.user.reply import Sent
from daemon.stages.history import left
from daemon.stages.runtime import Runtime
from gcal.shelf import GoogleShelf
from living import ONLY_FOCUS, Life
from making import ME, moment
from memory import Memory
from power import JOURNAL, RECORDS, WRITES, Killed, Power, Wired
from shelves import Store

OFF = ONLY_FOCUS + "[policies.focus]\nenabled = false\n"
RULE = '[policies.invitations]\nenabled = true\n[[policies.invitations.rules]]\ntitle = ["demo*"]\nanswer = "decline"\n'
RULES = OFF + RULE


EVERY_DAY = ONLY_FOCUS + '[policies.focus]\nweekly_goal = "10h"\nper_day = "2h"\n' + RULE


def asked(reply: str = "NEEDS-ACTION", organizer: str = "p1@example.com", me: str = ME, more: str = "") -> str:
    return (
        f"CREATED:20261116T080000Z\nORGANIZER:mailto:{organizer}\nATTENDEE;PARTSTAT={reply}:mailto:{me}\n"
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{organizer}\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:p2@example.com\n{more}"
    )


def partstats(life: Life, uid: str) -> dict[str, str]:
    text = life.get(f"{uid}.ics").decode().replace("\r\n ", "").replace("\n ", "").upper()
    rows = re.findall(r"^ATTENDEE[^\n]*PARTSTAT=([A-Z-]+)[^\n]*MAILTO:(\S+?)\r?$", text, re.MULTILINE)
    return {address.lower(): answer for answer, address in rows}


@pytest.fixture
def life(tmp_path: Path, store: Store) -> Life:
    life = Life(tmp_path, policies=RULES, store=store)
    life.meet("Thu 10:00-11:00", "Demo of tools", uid="demo", more=asked())
    life.meet("Thu 14:00-15:00", "Staff", uid="staff", more=asked())
    return life


@pytest.fixture
def folder(tmp_path: Path) -> Life:
    life = Life(tmp_path, policies=RULES)
    life.meet("Thu 10:00-11:00", "Demo of tools", uid="demo", more=asked())
    life.meet("Thu 14:00-15:00", "Staff", uid="staff", more=asked())
    return life


ANSWERED = ["respond declined Demo of tools"]


def test_what_a_rule_answers_is_shown_and_written_once(life: Life) -> None:
    before, other = partstats(life, "demo"), life.get("staff.ics")
    assert life.changes() == ANSWERED
    assert partstats(life, "demo") == before, "a plan writes nothing"
    life.apply()
    assert partstats(life, "demo") == before | {ME: "DECLINED"}
    assert life.get("staff.ics") == other
    assert life.changes() == []


def mine(life: Life, uid: str, answer: str) -> None:
    """The user changes their own answer."""
    text = life.get(f"{uid}.ics").decode().replace("\r\n ", "").replace("\n ", "")
    new, count = re.subn(rf"(?mi)^(ATTENDEE[^\n]*PARTSTAT=)[A-Z-]+([^\n]*mailto:{ME}\r?)$", rf"\g<1>{answer}\2", text)
    assert count == 1, text
    life.put(f"{uid}.ics", new.encode())


def test_what_the_user_answers_afterwards_stays(life: Life) -> None:
    """Also for a new ledger; and where they take their answer back, nobody gives one for them."""
    life.apply()
    for answer in ("ACCEPTED", "NEEDS-ACTION"):
        mine(life, "demo", answer)
        assert life.changes() == []
    life.lose_ledger()
    assert life.changes() == []
    life.now += timedelta(days=1)
    assert not any("respond" in c for c in life.changes())


def test_what_is_asked_anew_is_the_users_to_answer(folder: Life) -> None:
    """The organizer moves it, and asks everybody again."""
    folder.apply()
    folder.meet("Fri 10:00-11:00", "Demo of tools", uid="demo", more=asked(more="SEQUENCE:1\n"))
    assert folder.changes() == []


def test_on_a_folder_every_other_byte_stays(folder: Life) -> None:
    before = folder.get("demo.ics")
    folder.apply()
    mine_ = f"ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:{ME}".encode()
    assert folder.get("demo.ics") == before.replace(mine_, mine_.replace(b"NEEDS-ACTION", b"DECLINED"))


def test_what_is_declined_takes_no_time_in_the_same_plan(tmp_path: Path) -> None:
    """One run is enough: what is placed, is placed as if it were answered."""
    life = Life(tmp_path, policies=EVERY_DAY, top="horizon = '7d'")
    life.meet("Thu 09:00-17:30", "Demo of tools", uid="demo", more=asked())
    life.apply()
    assert life.changes() == []
    assert any(o.event.span.start.date() == moment("Thu 09:00").date() for o in life.ours().values())


# -- races and crashes -----------------------------------------------------------------------------------------------


def between(life: Life, act: Callable[[], None]) -> None:
    """Something happens after the plan was made, and before it is carried out."""
    with life.runtime() as runtime:
        planned = cycle.plan(runtime, life.now)
        cycle.confirm(runtime, life.now)
        act()
        cycle.carry_out(runtime, planned, life.now, command="apply")


def test_an_answer_of_the_users_meanwhile_stands(folder: Life) -> None:
    between(folder, lambda: mine(folder, "demo", "ACCEPTED"))
    assert partstats(folder, "demo")[ME] == "ACCEPTED"
    assert folder.changes() == []


def test_what_was_changed_meanwhile_is_looked_at_anew(folder: Life) -> None:
    between(folder, lambda: folder.meet("Thu 11:00-12:00", "Demo of tools", uid="demo", more=asked()) and None)
    assert partstats(folder, "demo")[ME] == "NEEDS-ACTION"
    assert folder.changes() == ANSWERED
    folder.meet("Thu 11:00-12:00", "Demo of tools", uid="demo", more=asked(organizer="eve@vendor.org"))
    assert folder.changes() == [], "now somebody from outside asks"


def test_what_was_called_off_meanwhile_needs_no_answer(folder: Life) -> None:
    between(folder, lambda: folder.cancel("demo"))
    assert folder.changes() == []


def test_nothing_is_put_where_a_meeting_stays_after_all(tmp_path: Path) -> None:
    life = Life(tmp_path, policies=EVERY_DAY, top="horizon = '7d'")
    life.meet("Thu 09:00-17:30", "Demo of tools", uid="demo", more=asked())
    between(life, lambda: mine(life, "demo", "ACCEPTED"))
    days = [o.event.span.start.date() for o in life.ours().values()]
    assert moment("Thu 09:00").date() not in days
    assert len(days) > 3, "the others stand"


class Wires(Life):
    """A calendar in memory, with a switch for the power of it, of the ledger and of the journal."""

    power = Power()

    def wire(self, power: Power) -> None:
        self.power = power
        self.through = lambda connector: Wired(connector, dict.fromkeys(WRITES), power)

    @contextmanager
    def runtime(self) -> Iterator[Runtime]:
        with super().runtime() as runtime:
            ledger, journal = Wired(runtime.ledger, RECORDS, self.power), Wired(runtime.journal, JOURNAL, self.power)
            yield structs.replace(runtime, ledger=ledger, journal=journal)


MEANWHILE = [
    (f"{side} {name}", after)
    for name in ("respond", "intend", "put", "put_resource", "rewrite", "conclude", "finish", "remember", "begin")
    for side in ("before", "after")
    for after in (range(4) if name == "put" else range(1))
]
"""Every effect of a run that answers; notes are put several times."""


@pytest.mark.parametrize(("point", "after"), MEANWHILE, ids=[f"{p}, {n}" for p, n in MEANWHILE])
def test_wherever_it_ends_one_answer_is_written(tmp_path: Path, point: str, after: int) -> None:
    life = Wires(tmp_path, policies=RULES, store="memory")
    life.meet("Thu 10:00-11:00", "Demo of tools", uid="demo", more=asked())
    power = Power()
    power.cut([point], after, Killed())
    life.wire(power)
    with suppress(Killed):
        life.apply()
    power.restore()
    life.apply()
    assert partstats(life, "demo")[ME] == "DECLINED"
    assert life.changes() == []
    store = life.shelf.connector
    assert isinstance(store, Memory)
    assert store.writes.count("respond demo.ics") == 1
    life.lose_ledger()
    mine(life, "demo", "NEEDS-ACTION")
    assert life.changes() == [], "the journal knows, whatever was lost"


@pytest.mark.parametrize("point", ["before respond", "after respond"])
def test_a_process_that_ends_around_the_write_answers_once(tmp_path: Path, point: str) -> None:
    life = Wires(tmp_path, policies=RULES, store="memory")
    life.meet("Thu 10:00-11:00", "Demo of tools", uid="demo", more=asked())
    power = Power()
    power.cut([point], 0, Killed())
    life.wire(power)
    with pytest.raises(Killed):
        life.apply()
    power.restore()
    written = point == "after respond"
    assert partstats(life, "demo")[ME] == ("DECLINED" if written else "NEEDS-ACTION")
    assert life.changes() == ([] if written else ANSWERED)
    life.apply()
    assert partstats(life, "demo")[ME] == "DECLINED"
    mine(life, "demo", "NEEDS-ACTION")
    assert life.changes() == [], "and whatever the user makes of it, it stays"
    store = life.shelf.connector
    assert isinstance(store, Memory)
    assert store.writes.count("respond demo.ics") == 1


def test_after_a_crash_the_journal_says_what_was_sent(tmp_path: Path) -> None:
    life = Wires(tmp_path, policies=RULES, store="memory")
    life.meet("Thu 10:00-11:00", "Demo of tools", uid="demo", more=asked())
    power = Power()
    power.cut(["after respond"], 0, Killed())
    life.wire(power)
    with pytest.raises(Killed):
        life.apply()
    power.restore()
    life.apply()
    life.lose_ledger()
    mine(life, "demo", "NEEDS-ACTION")
    assert life.changes() == []


def test_an_answer_that_may_have_been_written_and_was_taken_back_is_not_written_again(tmp_path: Path) -> None:
    """A crash, and before the next run the user takes the answer back: nobody can tell, so it is theirs."""
    life = Wires(tmp_path, policies=RULES, store="memory")
    life.meet("Thu 10:00-11:00", "Demo of tools", uid="demo", more=asked())
    power = Power()
    power.cut(["after respond"], 0, Killed())
    life.wire(power)
    with pytest.raises(Killed):
        life.apply()
    power.restore()
    mine(life, "demo", "NEEDS-ACTION")
    assert life.changes() == []


FAILURES = {
    "a server that does not answer": (TemporaryError("no answer"), True, ANSWERED),
    "one that refuses the login": (RefusedError("no"), True, ANSWERED),
    "a store that does not take it": (UnbusyError("it was left as it is"), False, []),
}


@pytest.mark.parametrize(("failure", "raised", "then"), FAILURES.values(), ids=FAILURES)
def test_what_fails(tmp_path: Path, failure: UnbusyError, raised: bool, then: list[str]) -> None:
    life = Wires(tmp_path, policies=RULES, store="memory")
    life.meet("Thu 10:00-11:00", "Demo of tools", uid="demo", more=asked())
    power = Power()
    power.cut(["before respond"], 0, failure)
    life.wire(power)
    if raised:
        with pytest.raises(type(failure)):
            life.apply()
    else:
        life.apply()
    power.restore()
    assert life.changes() == then
    assert partstats(life, "demo")[ME] == "NEEDS-ACTION"


def test_the_daemon_lets_a_reply_rest_that_fails(tmp_path: Path) -> None:
    life = Wires(tmp_path, policies=RULES, store="memory")
    life.meet("Thu 10:00-11:00", "Demo of tools", uid="demo", more=asked())
    power = Power()
    power.cut(["before respond"], 0, RefusedError("no"))
    life.wire(power)
    with pytest.raises(RefusedError):
        life.apply()
    with life.runtime() as runtime:
        plan = cycle.plan(runtime, life.now, patient=True).plan
        assert plan.changes == ()
        assert any("respond invitations reply/" in p.what for p in plan.problems)
        assert cycle.plan(runtime, life.now).plan.changes != ()


# -- what else holds it back ------------------------------------------------------------------------------------------


def test_a_daemon_answers_nobody_before_an_apply_was_confirmed(folder: Life) -> None:
    with folder.runtime() as runtime:
        planned = cycle.plan(runtime, folder.now)
        assert [type(c) for c in planned.plan.changes] == [Respond]
        assert cycle.without_deletions(planned).plan.changes == ()


@pytest.mark.parametrize("read", [True, False], ids=["read before", "never read"])
def test_nothing_is_answered_while_a_calendar_cannot_be_read(tmp_path: Path, read: bool) -> None:
    """What is in the way may have come there since; and what is sent cannot be taken back."""
    folder = tmp_path / "home"
    life = Life(tmp_path, policies=f'{RULES}[accounts.home]\ntype = "vdir"\npath = "{folder}"\n')
    if read:
        folder.mkdir()
        assert life.changes() == []
        folder.rmdir()
    life.meet("Thu 10:00-11:00", "Demo of tools", uid="demo", more=asked())
    assert not any("respond" in c for c in life.changes())
    folder.mkdir()
    assert life.changes() == ANSWERED


def test_never_said_of_a_rule_ends_it(tmp_path: Path) -> None:
    boss = '[people]\nboss = ["p1@example.com"]\n'
    life = Life(tmp_path, policies=RULES, top=boss)
    life.meet("Thu 18:00-19:00", "Demo of tools", uid="demo", more=asked())
    life.apply()
    ((key, own),) = life.ours().items()
    assert "Your rule ‘demo\\*’ leaves it to you." in own.event.description.replace("demo*", "demo\\*")
    life.type(key, ("Change, move", "#never demo\nChange, move"))
    life.apply()
    life.meet("Fri 10:00-11:00", "Demo of more", uid="more", more=asked(organizer="p3@example.com"))
    assert not any("respond" in c for c in life.changes())


def test_at_most_five_a_day(folder: Life) -> None:
    for hour in range(9, 16):
        folder.meet(f"Fri {hour:02}:00-{hour:02}:30", f"Demo {hour}", uid=f"demo{hour}", more=asked())
    folder.apply()
    assert folder.changes() == []
    folder.now += timedelta(days=1)
    assert sum("respond" in c for c in folder.changes()) == 3


# -- undo, log, journal, and what commands show -----------------------------------------------------------------------


def test_undo_lists_it_as_sent_with_the_way_back(life: Life) -> None:
    life.apply()
    with life.runtime() as runtime:
        found = undoing.plan_undo(runtime, None, life.now)
    assert found.planned.plan.changes == ()
    (kept,) = found.kept
    assert "the reply to ‘Demo of tools’ (declined) was sent" in kept
    assert "in your calendar" in kept


def run(life: Life, *args: str) -> str:
    now = life.now.astimezone(UTC).isoformat()
    done = CliRunner().invoke(cli, ["--config", str(life.base / "config.toml"), "--now", now, *args])
    assert done.exit_code == 0, done.output + str(done.exception)
    return done.output


def test_plan_shows_it_to_people_and_programs(folder: Life) -> None:
    said = run(folder, "plan")
    assert "@ 10:00–11:00   Demo of tools" in said
    assert "your rule ‘demo*’ declines it: its title fits" in said
    assert "| declined, to p1@example.com" in said
    assert "To reply to: 1 invitation." in said
    (row,) = json.loads(run(folder, "plan", "--json"))["changes"]
    assert (row["action"], row["policy"], row["summary"]) == ("respond", "invitations", "Demo of tools")
    assert (row["reply"], row["organizer"], row["comment"]) == ("declined", "p1@example.com", "")


def test_explain_says_who_has_answered(folder: Life) -> None:
    assert "A rule of yours" not in run(folder, "explain", "2026-12-03 10:30")
    folder.apply()
    assert "A rule of yours answered it on 30 Nov: declined." in run(folder, "explain", "2026-12-03 10:30")


def test_a_comment_goes_where_the_store_has_a_place_for_it(life: Life) -> None:
    life.configure(RULES + 'comment = "No time"\n')
    (change,) = life.plan().changes
    assert isinstance(change, Respond)
    life.apply()
    if not isinstance(life.shelf, GoogleShelf):
        assert change.rsvp.comment == ""
        assert b"No time" not in life.get("demo.ics")
        return
    assert change.rsvp.comment == "No time"
    (body,) = (b for b in life.shelf.server.live().values() if b["summary"] == "Demo of tools")
    assert [a.get("comment") for a in body["attendees"] if a["email"] == ME] == ["No time"]


def test_log_and_journal_tell_it(folder: Life) -> None:
    folder.apply()
    assert "@ Demo of tools" in run(folder, "log")
    (row,) = json.loads(run(folder, "log", "--json"))["runs"][0]["changes"]
    assert (row["action"], row["summary"], row["outcome"]) == ("respond", "Demo of tools", "done")
    (page,) = (folder.base / "state" / "journal").glob("*.md")
    assert "- Answered: declined, by a rule of yours: Demo of tools <!-- unbusy reply " in page.read_text()
    with folder.runtime() as runtime:
        assert read(runtime.journal) == {
            k: structs.replace(r, version="") for k, r in (REPLIES.get(runtime.ledger.drawer) or {}).items()
        }
        (one,) = read(runtime.journal).values()
    assert (one.answer, one.sent, str(one.on), str(one.until)) == (
        PartStat.DECLINED, Sent.DONE, "2026-11-30", "2026-12-03",
    )  # fmt: skip


def test_what_is_long_over_is_forgotten(folder: Life) -> None:
    folder.apply()
    folder.now = moment("Mon+60 07:00")
    folder.meet("Thu+60 10:00-11:00", "Demo again", uid="again", more=asked())
    folder.apply()
    with folder.runtime() as runtime:
        assert len(REPLIES.get(runtime.ledger.drawer) or {}) == 1


def test_the_history_of_replies_moves_nothing_of_ours(folder: Life) -> None:
    """What stood in the calendar of others has never been a place of ours."""
    folder.apply()
    with folder.runtime() as runtime:
        rows = runtime.ledger.runs.done_since(moment("Mon 00:00").astimezone(UTC))
        assert left(rows, (), moment("Mon 00:00").date()) == {}
