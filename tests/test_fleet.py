"""A company's leaders: who takes part and who does not, what each may set, and that nothing of one reaches another."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from clusters import Cluster
from daemon.fleet import jobs, leaders, settings, turns
from daemon.journal import replies
from daemon.ledger.notes import REPLIES, SKIPS_TAKEN_UP
from daemon.model.event import PartStat
from daemon.model.user.reply import Replied, Sent
from fleets import Company, company


@pytest.fixture
def firm(postgres: Cluster, tmp_path: Path) -> Iterator[Company]:
    with company(postgres, tmp_path) as made:
        yield made


def serve(firm: Company, *numbers: int) -> None:
    with firm.station() as station:
        for number in numbers:
            turns.serve(station, number)


# -- taking part ------------------------------------------------------------------------------------------------------


def test_nothing_is_written_before_somebody_has_joined(firm: Company) -> None:
    number = firm.leader("ada", join=False)
    with firm.station() as station:
        jobs.tick(station)
        turns.serve(station, number)
        turns.look(station, number)
    assert (firm.row(number).status, firm.ours("ada")) == ("invited", {})
    assert {r.name for r in firm.google.requests("events.list")} <= {"calendar.events.list"}
    assert all("q=unbusy" in r.query for r in firm.google.requests("events.list"))
    assert firm.rows("SELECT count(*) FROM resource") == [(0,)]


def test_who_has_asked_to_join_is_served(firm: Company) -> None:
    number = firm.leader("ada", join=False)
    firm.say("ada", "Unbusy:  join")
    with firm.station() as station:
        turns.look(station, number)
    assert firm.row(number).status == "active"
    serve(firm, number)
    row = firm.row(number)
    assert (row.trouble, row.synced) == ("", True)
    assert len(firm.ours("ada")) > 2
    join = next(b for b in firm.live("ada").values() if b["summary"] == "Unbusy:  join")
    assert "You take part" in join["description"]


@pytest.mark.parametrize("body", [
    pytest.param({"attendees": [{"email": "ada@example.com"}, {"email": "bob@example.com"}]}, id="an invitation"),
    pytest.param({"summary": "unbusy: join us"}, id="other words"),
])  # fmt: skip
def test_joining_is_an_event_of_ones_own(firm: Company, body: dict[str, object]) -> None:
    number = firm.leader("ada", join=False)
    event = firm.say("ada", "unbusy: join")
    firm.google.person("bob@example.com")
    firm.google.person("ada@example.com").patch(event, **body)
    with firm.station() as station:
        turns.look(station, number)
    assert firm.row(number).status == "invited"


def test_a_second_cycle_writes_nothing(firm: Company) -> None:
    number = firm.leader("ada")
    serve(firm, number)
    before = firm.live("ada")
    serve(firm, number)
    assert firm.live("ada") == before


def test_a_cohort_that_observes_is_not_written_for(postgres: Cluster, tmp_path: Path) -> None:
    with company(postgres, tmp_path, cohorts="[cohorts.first]\nobserve = true") as firm:
        first, unknown, rest = (firm.leader(n, cohort=c) for n, c in (("ada", "first"), ("bob", "second"), ("cyd", "")))
        serve(firm, first, unknown, rest)
        assert (firm.ours("ada"), firm.ours("bob")) == ({}, {})
        assert firm.ours("cyd")
        assert {firm.row(n).trouble for n in (first, unknown, rest)} == {""}


# -- settings ---------------------------------------------------------------------------------------------------------

LOCKED = 'locked = ["policies.focus.title", "horizon"]'
GOAL = '[policies.focus]\nweekly_goal = "2h"\n'


def settings_answer(firm: Company, name: str) -> str:
    return str(next(b for b in firm.live(name).values() if b["summary"] == "unbusy: settings").get("description", ""))


def test_a_leader_sets_what_is_theirs(firm: Company) -> None:
    number = firm.leader("ada")
    firm.say("ada", "unbusy: settings", GOAL.replace("\n", "<br>"))
    serve(firm, number)
    assert "This holds" in settings_answer(firm, "ada")
    serve(firm, number)
    with firm.station() as station, station.connection() as connection:
        leader = firm.row(number)
        _, clock = turns.moment(connection)
        with turns.open_house(
            station.fleet, leader, station.secrets, station.database(connection, leader), clock
        ) as house:
            assert "weekly_goal=120," in str(house.config.policies["focus"])


@pytest.mark.parametrize(("text", "said"), [
    pytest.param('[policies.focus]\ntitle = "Mine"', "policies.focus.title is set by your organisation", id="locked"),
    pytest.param('[accounts.work]\nemails = ["eve@example.com"]', "set by your organisation", id="accounts"),
    pytest.param('[policies.reflection]\nquestions = "/etc/passwd"', "set by your organisation", id="files"),
    pytest.param('[policies.reflection]\npage = "/tmp"', "set by your organisation", id="folders"),
    pytest.param("max_changes = 10000", "max_changes is set by your organisation", id="limits"),
    pytest.param("= 3", "not TOML", id="no TOML"),
    pytest.param("fill = 7", "fill", id="out of bounds"),
    pytest.param('journal = "everybody"', "journal is", id="no journal of that kind"),
])  # fmt: skip
def test_what_is_wrong_is_said_under_it_and_holds_in_no_part(
    postgres: Cluster, tmp_path: Path, text: str, said: str
) -> None:
    with company(postgres, tmp_path, top=LOCKED) as firm:
        number = firm.leader("ada")
        firm.say("ada", "unbusy: settings", f"week_starts = 'sunday'\n{text}".replace("\n", "<br>"))
        serve(firm, number)
        assert "It does not hold" in settings_answer(firm, "ada")
        assert said in settings_answer(firm, "ada").replace("&lt;", "<").replace("&quot;", '"')
        assert firm.row(number).trouble == ""


def test_whatever_names_a_file_is_not_the_leaders_to_set(firm: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also an option that nobody has thought of here."""
    monkeypatch.setattr(settings, "CLOSED", frozenset())
    for text in ('[policies.reflection]\npage = "/tmp"', 'state = "/tmp"'):
        own, wrong = settings.own_settings(firm.file(), "", text, "ada@example.com")
        assert own == {}
        assert "names a file" in wrong[0]
    assert settings.own_settings(firm.file(), "", "fill = 0.5", "ada@example.com") == ({"fill": 0.5}, ())


# -- leaving ----------------------------------------------------------------------------------------------------------


def dump(firm: Company) -> str:
    """Every row of the database, as a copy of it has them."""
    tables = firm.rows(
        "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    return "".join(str(firm.rows(f"SELECT t::text FROM {t} t")) for (t,) in tables)  # noqa: S608  the database's own names


def test_a_leaver_leaves_nothing(firm: Company) -> None:
    number, other = firm.leader("ada"), firm.leader("bob")
    serve(firm, number, other)
    theirs = {i: b for i, b in firm.live("ada").items() if i not in firm.ours("ada")}
    typed = min(firm.ours("ada"))
    firm.google.person("ada@example.com").append(typed, "I am tired of it")
    firm.say("ada", "unbusy: leave")
    serve(firm, number)
    assert firm.row(number).status == "leaving"
    with firm.station() as station:
        jobs.tick(station)
    firm.work()
    assert set(firm.ours("ada")) == {typed}, "what they have typed into is theirs"
    assert theirs.keys() <= firm.live("ada").keys()
    assert firm.rows("SELECT count(*) FROM leader WHERE id = %s", number) == [(0,)]
    said = dump(firm)
    for trace in ("ada@example.com", "Secret of ada", "tired", b"Secret of ada".hex()):
        assert trace not in said
    assert "bob@example.com" in said
    assert [(w, b) for w, b in firm.rows("SELECT what, by FROM audit WHERE leader = %s ORDER BY id", number)][-1] == (
        "left", "a worker",
    )  # fmt: skip
    for table in ("calendar", "resource", "own", "run", "change", "note", "page", "lease"):
        assert firm.rows(f"SELECT count(*) FROM {table} WHERE tenant = %s", number) == [(0,)], table  # noqa: S608  the names of our own tables
    serve(firm, other)
    assert firm.row(other).trouble == ""


def test_titles_stand_in_no_row_and_no_job(firm: Company) -> None:
    number = firm.leader("ada")
    serve(firm, number)
    with firm.station() as station:
        jobs.tick(station)
    said = dump(firm)
    assert "Secret" not in said
    assert b"Secret of".hex() not in said
    assert "ada@example.com" in said
    assert firm.rows("SELECT args FROM procrastinate_jobs") == [({"leader": number},)]


# -- what goes wrong --------------------------------------------------------------------------------------------------


def test_who_may_not_be_read_is_paused_and_the_administrator_told(firm: Company) -> None:
    number = firm.leader("ada")
    firm.google.oauth.service = None
    serve(firm, number)
    row = firm.row(number)
    assert (row.status, row.trouble) == ("paused", "RefusedError")
    done = firm.command("status", "--json")
    (one,) = json.loads(done.stdout)["leaders"]
    assert not one["works"]


def test_who_is_refused_later_on_is_named_too(firm: Company) -> None:
    number = firm.leader("ada")
    serve(firm, number)
    firm.google.expire_access()
    firm.google.oauth.service = None
    serve(firm, number)
    assert firm.row(number).trouble == "RefusedError"


def test_a_limit_that_stops_somebody_is_named_and_lifted_once(firm: Company) -> None:
    number = firm.leader("ada")
    firm.path.write_text(firm.path.read_text().replace('horizon = "7d"', 'horizon = "7d"\nmax_changes = 0'))
    serve(firm, number)
    for event in firm.ours("ada").values():
        over = {"summary": "Over it", "start": event["start"], "end": event["end"]}
        firm.google.person("ada@example.com").insert(over)
    serve(firm, number)
    assert (firm.row(number).trouble, firm.row(number).stopped is not None) == ("StoppedError", True)
    assert firm.command("force", "ada@example.com").returncode == 0
    serve(firm, number)
    row = firm.row(number)
    assert (row.trouble, row.forced) == ("", False)


def test_all_writing_stops_where_many_meet_their_limits(firm: Company) -> None:
    numbers = [firm.leader(f"l{n}", meetings=1) for n in range(4)]
    firm.rows("UPDATE leader SET stopped = now() WHERE id = ANY(%s)", numbers[:3])
    with firm.station() as station, station.connection() as connection:
        leaders.brake_if(connection, 0.02)
        assert leaders.braked(connection)
    serve(firm, numbers[3])
    assert firm.ours("l3") == {}
    assert firm.command("force", "--brake").returncode == 0
    serve(firm, numbers[3])
    assert firm.ours("l3")


def test_a_figure_is_of_ten_people_or_it_is_not_given(firm: Company) -> None:
    for n in range(3):
        firm.leader(f"l{n}", meetings=0)
    said = json.loads(firm.command("status", "--json").stdout)
    assert set(said["figures"].values()) == {None}
    for n in range(3, 10):
        firm.leader(f"l{n}", meetings=0)
    said = json.loads(firm.command("status", "--json").stdout)
    assert said["figures"]["active"] == 10


def test_a_new_ledger_takes_up_what_the_journal_tells(firm: Company) -> None:
    number = firm.leader("ada")
    serve(firm, number)
    reply = Replied(
        answer=PartStat.DECLINED, rule="late", on=date(2026, 11, 30), until=date(2026, 12, 3), sent=Sent.DONE
    )
    with firm.station() as station, station.connection() as connection:
        leader, (_, clock) = firm.row(number), turns.moment(connection)
        database = station.database(connection, leader)
        with turns.open_house(station.fleet, leader, station.secrets, database, clock) as house:
            replies.note(house.journal, [("c3v1", reply, "Demo")])
            SKIPS_TAKEN_UP.put(house.ledger.drawer, None)
            assert house.ledger.own.fresh
            REPLIES.put(house.ledger.drawer, None)
    with firm.station() as station, station.connection() as connection:
        database = station.database(connection, leader)
        with turns.open_house(station.fleet, leader, station.secrets, database, clock) as house:
            assert REPLIES.get(house.ledger.drawer) == {"c3v1": reply}
