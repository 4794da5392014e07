"""What an adversary could try, one section for each topic: on real stores, through the whole product.

Week 2026-W49; Monday 07:00, unless a section says otherwise.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from html import escape
from pathlib import Path

import pytest
from msgspec.structs import replace

from connectors.rfc5545.lines import escaped
from daemon import cycle
from daemon.cli.assistant import answers as assistant
from daemon.cli.json_rows import plan_json
from daemon.cli.session import Session
from daemon.model.errors import ConfigError
from daemon.model.ours.mark_line import read_mark, write_mark
from daemon.model.owner import Mark
from daemon.model.text import FOOTER, composed
from daemon.model.user.gesture import Gesture
from daemon.model.words import PRIVATE, quoted
from daemon.planning.snapshots import Memory, as_ours
from daemon.service.serve import one_cycle
from daemon.views.health import health
from living import EVENT, GUESTS, Life
from making import CALENDAR, ME, ZONE, moment, own, span
from shelves import LOCAL, Folder, Store

# -- what is said where: titles that are nobody else's business --------------------------------------------------------

HIDDEN = {
    "a private event": ("work", "CLASS:PRIVATE\n"),
    "a confidential event": ("work", "CLASS:CONFIDENTIAL\n"),
    "an event of a class that is not known": ("work", "CLASS:X-BOARD\n"),
    "an event of another account": ("home", ""),
}
SECRETS = {f"Zebra{n}": kind for n, kind in enumerate(HIDDEN)}
UNANSWERED = GUESTS.replace("ACCEPTED", "NEEDS-ACTION")
CONFIGS = """\
{quote}
[accounts.home]
type = "vdir"
path = "{home}"
{quote}
[policies.focus]
buffer = "5m"
[policies.preparation]
enabled = true
per_week = 4
[policies.advisors]
enabled = true
[policies.network]
enabled = true
people = [{{ who = ["p1@example.com"], every = "1w" }}]
"""


class Spied:
    """A week in which all that could be quoted has such a title, of each kind in turn.

    `heard`: all that was written meanwhile, and what the log, `plan` and `status` said.
    """

    def __init__(self, base: Path, *, quoting: bool) -> None:
        self.heard: dict[str, str] = {}
        self.planted = 0
        self.home = base / "home"
        self.home.mkdir()
        policies = CONFIGS.format(home=self.home, quote="quote_titles = true" * quoting)
        self.life = Life(base, policies=policies, top="log_titles = true\nhorizon = '1d'")

    def meets(self, when: str, title: str, guests: str = GUESTS) -> None:
        at, secret = span(when), list(SECRETS)[self.planted % len(SECRETS)]
        account, more = HIDDEN[SECRETS[secret]]
        uid, self.planted = f"planted-{self.planted}", self.planted + 1
        text = EVENT.format(uid=uid, start=at.start, end=at.end, title=f"{secret} {title}", more=guests + more)
        ((self.home if account == "home" else self.life.folder) / f"{uid}.ics").write_text(text)

    def asks(self, when: str, title: str) -> None:
        self.life.meet(when, f"unbusy: {title}", uid=re.sub(r"[ :]", "-", f"ask {title} {when}"), more="")

    def runs(self, at: str) -> None:
        self.life.now = moment(at)
        with self.life.runtime() as runtime:
            rows = plan_json(cycle.plan(runtime, self.life.now).plan, ZONE)
            cycle.confirm(runtime, self.life.now)
            self.heard[f"log {at}"] = one_cycle(runtime, self.life.now, observe=False)[0].line
            self.heard[f"status {at}"] = str(health(runtime, self.life.now))
        rows.pop("notes")  # they are for the user's own terminal
        self.heard[f"plan {at}"] = json.dumps(rows, ensure_ascii=False)
        places = (*self.life.folder.glob("*.ics"), *(self.life.base / "state" / "journal").glob("*"))
        for place in (p for p in places if not p.name.startswith("planted")):
            self.heard[f"{place.name} {at}"] = place.read_text().replace("\r\n ", "").replace("\n ", "")

    def types(self, words: str) -> None:
        """Under every question of ours."""
        for key, mine in self.life.ours().items():
            lines = [f"{line}\n{words}" * line.startswith("▸") or line for line in mine.event.description.split("\n")]
            self.life.edit(key, ("DESCRIPTION", f":{escaped(chr(10).join(lines))}"))

    def over_focus(self, title: str, day: str) -> None:
        """A meeting over each block of ours of that day."""
        for mine in self.life.ours().values():
            start, end = (m.astimezone(ZONE) for m in (mine.event.span.start, mine.event.span.end))
            if mine.mark.policy == "focus" and f"{start:%a}" == day:
                self.meets(f"{start:%a %H:%M}-{end:%H:%M}", title)

    def week(self) -> dict[str, str]:
        for day in ("Tue", "Wed"):  # over every limit
            for n, hour in enumerate(range(9, 17)):
                self.meets(f"{day} {hour:02}:00-{hour + 1:02}:00", f"incident {n}")
        self.meets("Mon 14:00-15:00", "escalation")
        self.meets("Mon 18:00-20:00", "evening")
        self.meets("Mon 15:00-15:30", "invitation", UNANSWERED)
        self.meets("Thu 14:00-17:30", "alone", "")
        for hour in ("09", "10", "11", "12"):  # one of each kind
            self.meets(f"Thu {hour}:00-{hour}:30", "board")
        for quarter in ("11:00-11:15", "11:15-11:30", "11:30-11:45", "11:45-12:00"):  # one of each kind
            self.meets(f"Thu {quarter}", "Go/no-go")
        self.asks("Mon 14:30-14:45", "why")
        self.asks("Fri 17:00-17:15", "report")
        self.asks("Mon 08:00-08:15", "focus 2h write by friday")
        self.runs("Mon 07:00")
        self.types("I said no.")
        self.runs("Mon 20:30")
        self.over_focus("booked over", "Fri")
        self.runs("Mon 20:45")
        self.runs("Thu 07:00")
        self.over_focus("took it", "Thu")
        self.runs("Fri 07:00")
        self.asks_an_assistant("Thu 09:10", "Thu 10:10", "Thu 11:20")
        return self.heard

    def asks_an_assistant(self, *moments: str) -> None:
        session = Session(str(self.life.base / "config.toml"), self.life.now.isoformat(), verbose=False)
        said = [assistant.plan(session), assistant.week(session, ""), assistant.report(session, 1)]
        said += [assistant.why(session, moment(at).isoformat()) for at in moments]
        self.heard["assistant"] = json.dumps(said, ensure_ascii=False)


def test_a_title_that_is_nobodys_business_stands_nowhere(tmp_path: Path) -> None:
    heard = Spied(tmp_path, quoting=False).week()
    found = [(SECRETS[s], where) for where, text in heard.items() for s in SECRETS if s.casefold() in text.casefold()]
    assert found == []
    assert any(PRIVATE in text for text in heard.values()), "its time stands in its place"


def test_what_was_typed_is_told_to_no_assistant(tmp_path: Path) -> None:
    spied = Spied(tmp_path, quoting=True)
    spied.meets("Mon 14:00-15:00", "escalation")
    spied.runs("Mon 07:00")
    spied.types("I said no.")
    spied.life.edit("month/2026-11", ("SUMMARY", "I said no, too"))
    spied.asks_an_assistant("Mon 10:00")
    assert "I said no" not in spied.heard["assistant"]
    assert "prompt, titled by you" in spied.heard["assistant"]
    assert "Zebra0" in spied.heard["assistant"], "quoted, as the account says"
    config = spied.life.base / "config.toml"
    config.write_text(config.read_text() + "[mcp]\njournal = true\n")
    spied.asks_an_assistant()
    assert "Focus: I said no" in spied.heard["assistant"]
    assert "I said no, too" in spied.heard["assistant"]


def calendar_gone_for_a_day(base: Path, more: str = "") -> str:
    """All that stands on the calendar, and in the journal, once one of another account cannot be read."""
    home = base / "homes" / "Zebra"
    home.mkdir(parents=True)
    at = span("Mon 19:00-20:00")
    (home / "a.ics").write_text(EVENT.format(uid="a", start=at.start, end=at.end, title="Yoga", more=""))
    life = Life(base, policies=f"[accounts.home]\ntype = 'vdir'\npath = '{home.parent}'\n{more}", top="horizon = '1d'")
    life.apply()
    home.rename(base / "elsewhere")
    life.now += timedelta(hours=25)
    life.meet("Wed 07:00-07:15", "unbusy: why", more="")
    life.meet("Wed 07:15-07:30", "unbusy: focus 2h write by friday", more="")
    life.apply()
    places = (*life.folder.glob("*.ics"), *(base / "state" / "journal").glob("*"))
    return "\n".join(place.read_text().replace("\r\n ", "").replace("\n ", "") for place in places)


def test_the_name_of_a_calendar_of_another_account_stands_nowhere(tmp_path: Path) -> None:
    said = calendar_gone_for_a_day(tmp_path)
    assert said.count("nother calendar could not be read for") == 1
    assert said.count("another calendar cannot be read") == 1, "in the answer to why"
    assert "zebra" not in said.casefold()


def test_who_wants_it_has_the_name_quoted_there(tmp_path: Path) -> None:
    said = calendar_gone_for_a_day(tmp_path, "quote_titles = true\n")
    assert said.count("The calendar Zebra could not be read for") == 1
    assert said.count("the calendar Zebra cannot be read") == 1


def test_who_wants_it_has_it_quoted_in_each_of_these_places(tmp_path: Path) -> None:
    """So the test above looks where such titles would stand."""
    heard = Spied(tmp_path, quoting=True).week()
    told = {(re.split("[- ]", where)[0], s) for where, text in heard.items() for s in SECRETS if s in text}
    assert {place for place, _ in told} >= {"unbusy", "ask", "plan"}
    assert {secret for _, secret in told} == {*SECRETS}


# -- what is said where: a title that gives orders ---------------------------------------------------------------------

TITLES = {
    "an order": "#skip",
    "one in quotation marks of ours": "x’ #skip ‘y",
    "one in other ones": 'x" #pin “y',
    "one behind an apostrophe": "Ben's #skip now",
    "one on a line of its own": "x\n\n#done\n\ny",
    "one in capitals, with a stop": "x. #SKIP-WEEK. y",
}
ANSWER = "What of it?"


def broken(text: str) -> str:
    """Lines of at most 12 characters, as far as words let it be."""
    return re.sub(r"(.{1,12})(?: |$)", r"\1\n", text)


CLIENTS: dict[str, Callable[[str], str]] = {
    "leaves it": str,
    "bends straight quotes": lambda t: re.sub(r"(\w)'", r"\1’", t).replace('"', "”"),
    "straightens quotes": lambda t: re.sub("[‘’]", "'", re.sub("[“”]", '"', t)),
    "doubles them": lambda t: t.replace("‘", "“").replace("’", "”"),
    "drops them": lambda t: re.sub("[‘’“”'\"]", "", t),
    "cannot write them": lambda t: re.sub("[‘’“”]", "?", t),
    "makes HTML of it": lambda t: "".join(f"<p>{escape(line)}</p>" for line in t.split("\n")),
    "makes HTML of it twice": lambda t: "".join(f"<p>{escape(escape(line))}</p>" for line in t.split("\n")),
    "names the quotes": lambda t: t.replace("‘", "&lsquo;").replace("’", "&#8217;"),
    "breaks lines": broken,
    "breaks lines and loses our signs": lambda t: broken(t.replace("▸ ", "").replace(FOOTER, "")),
    "puts blank lines between": lambda t: t.replace("\n", "\n\n"),
    "cites it": lambda t: "\n".join(f"> {line}" for line in t.split("\n")),
}


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("title", TITLES)
def test_a_title_that_we_quote_is_no_order_whatever_a_client_makes_of_it(title: str, client: str) -> None:
    """In our reason and in a question, with words of the user's under it."""
    said = quoted(TITLES[title])
    text = composed(f"Moved for {said}, and for {said}.", (f"What of {said} was yours?", ANSWER))
    assert orders(text, CLIENTS[client](text)) == set()
    assert orders(text, CLIENTS[client](text.replace(ANSWER, f"{ANSWER}\nNothing."))) == set()
    told = text.replace(ANSWER, f"{ANSWER}\n#pin it")
    assert orders(text, CLIENTS[client](told)) == {Gesture.PIN}, "the user's own word counts all the same"


def orders(written: str, found: str) -> set[Gesture]:
    """The gestures of an event of ours whose text has become another one."""
    mine = own("Wed 09:00-11:00", text=written)
    event = replace(mine.event, description=found)
    return {*as_ours(event, mine.mark, Memory(writing=frozenset({CALENDAR}))).gestures}


def test_nor_is_one_in_a_quotation_that_a_client_has_torn_in_two() -> None:
    """As texts of 0.1 have them, with the order as it is in the title."""
    written = composed("Time to think.", ("What of ‘Plan #skip all’ was yours?",))
    torn = written.replace("Plan #skip", "Plan\n#skip")
    assert orders(written, torn) == set()
    assert orders(written, torn.replace("was yours?", "was yours?\n#skip")) == {Gesture.SKIP}


# -- two writers, loops, machines --------------------------------------------------------------------------------------


@pytest.fixture
def life(tmp_path: Path, store: Store) -> Life:
    """The blocks of two weeks stand."""
    life = Life(tmp_path, store=store, top="horizon = '7d'")
    life.apply()
    return life


@pytest.fixture
def fresh(tmp_path: Path, store: Store) -> Life:
    """Nothing stands yet."""
    return Life(tmp_path, top="horizon = '1d'", store=store)


def test_a_program_that_writes_everything_back_makes_no_endless_load(life: Life) -> None:
    """Every event of ours is put back as it was, after each cycle, for a day."""
    old = {name: life.get(name) for name in life.names()}
    for n, when in enumerate(("Tue+1 08:30-12:00", "Wed+1 08:30-12:00", "Thu+1 08:30-12:00")):
        life.meet(when, uid=f"m{n}")
    writes: Counter[str] = Counter()
    for _ in range(10):
        life.now += timedelta(minutes=15)
        writes.update(c.uid for c in life.apply().changes)
        for name, payload in old.items():
            life.put(name, payload)
    assert len(writes) > 2
    assert set(writes.values()) == {3}


@pytest.mark.parametrize("store", [*LOCAL, "radicale", "xandikos"])  # elsewhere a program has no name
def test_the_name_that_a_program_gives_itself_commands_no_terminal(life: Life) -> None:
    name = life.name("2026-W50/3")
    evil = life.get(name).replace(
        b"PRODID:-//unbusy//unbusy//EN", b"PRODID:\x1b[2J#skip-week \xe2\x80\xae" + b"x" * 9000
    )
    life.meet("Wed+1 08:30-12:00")
    for _ in range(3):
        life.apply()
        life.put(name, evil)
    with life.runtime() as runtime:
        one_cycle(runtime, life.now, observe=False)
        said = str(health(runtime, life.now)["problems"])
    assert "has rewritten ‘Focus’" in said
    assert "\x1b" not in said
    assert "\u202e" not in said
    assert len(said) < 1000


@pytest.mark.parametrize("forged", ["zzzzzz", "a b", "a" * 500, "\x1b[2J", "#skip"])
def test_a_forged_name_of_an_installation_is_none(forged: str) -> None:
    """Or one that looks like any other: it names itself, and nothing is done for its sake."""
    line = f"{write_mark(own('Mon 09:00-11:00').mark)}&by={forged}"
    mark = read_mark(line)
    assert mark is None or (mark.by == "" and mark.owner == "ada@example.com")


def test_copies_of_ours_by_the_hundred_take_no_time(fresh: Life) -> None:
    """Whoever may write into a calendar that is read can fill it; what is put over our blocks moves none of them."""
    life = fresh
    home = life.shelf.another("Home")
    life.apply()
    for n in range(400 if isinstance(home, Folder) else 40):
        at = span(("Mon", "Tue", "Wed", "Thu")[n % 4] + " 09:00-11:00")
        text = EVENT.format(uid=f"c{n}", start=at.start, end=at.end, title="Busy", more="")
        home.put(f"c{n}.ics", text.encode())
    first = life.apply().changes
    assert life.changes() == [], "at one time there is one copy, so the others move a block once, and that is all"
    assert len(first) <= 4


def test_a_calendar_in_the_year_2100_is_left_alone(life: Life) -> None:
    """A machine whose clock is wrong by decades writes nothing."""
    with life.runtime() as runtime:
        one_cycle(replace(runtime, told=False), life.now, observe=False)
    before = life.names()
    life.now = moment("Mon 07:00") + timedelta(days=365 * 74)
    with life.runtime() as runtime:
        assert "observing" in one_cycle(replace(runtime, told=False, newest=None), life.now, observe=False)[0].line
    assert life.names() == before


# -- whose is it: names that anybody can compute, and names that two people have ---------------------------------------

OURS_BY_NAME = Mark(ME, "focus", "2026-W49/1", 0, {}).uid
FROM_MALLORY = f"ORGANIZER:mailto:mallory@example.com\nATTENDEE;PARTSTAT=ACCEPTED:mailto:{ME}\n"


def planted(life: Life, more: str) -> bytes:
    at = span("Fri 13:00-14:00")
    text = EVENT.format(uid=OURS_BY_NAME, start=at.start, end=at.end, title="Sync", more=more)
    life.put(f"{OURS_BY_NAME}.ics", text.encode())
    return life.get(f"{OURS_BY_NAME}.ics")


@pytest.mark.parametrize("later", ["", "STATUS:CANCELLED\n"], ids=["it stays", "it is cancelled"])
def test_an_invitation_with_one_of_our_uids_keeps_no_block_away(fresh: Life, later: str) -> None:
    """Nor does it become ours, or a skip, whatever is done to it later."""
    life = fresh
    planted(life, FROM_MALLORY)
    life.apply()
    before = planted(life, FROM_MALLORY + later)
    life.lose_ledger()
    assert life.changes() == []
    assert sorted(life.ours()) == [f"2026-W49/{n}" for n in (1, 2, 3, 4)]
    assert life.get(f"{OURS_BY_NAME}.ics") == before
    assert "#skip" not in before.decode()
    assert not list((life.base / "state" / "journal").glob("*.md"))


@pytest.mark.parametrize(
    "mark",
    [
        pytest.param("owner=mallory&policy=focus&key=2026-W49/1&generation=0", id="of somebody else"),
        pytest.param("&".join(f"x{n}=" for n in range(200)), id="of two hundred parts"),
        pytest.param("zone=../../../etc/passwd&local=20261204T130000/20261204T140000", id="with a path for a zone"),
        pytest.param("\\n\\n#skip", id="with an order"),
        pytest.param("%00" * 150, id="of nothing"),
    ],
)
def test_a_mark_that_anybody_has_written_moves_nothing(fresh: Life, mark: str) -> None:
    life = fresh
    life.apply()
    name = life.name("2026-W49/3")
    life.edit("2026-W49/3", ("X-UNBUSY", f":{mark}"))
    before = life.get(name)
    assert life.apply().changes == ()
    assert life.get(name) == before
    assert len(life.ours()) == 4


def test_two_people_whose_accounts_have_one_name_do_not_touch_each_others(tmp_path: Path, store: Store) -> None:
    """One calendar, two installations: a purge of one leaves the other's."""
    ada = Life(tmp_path / "ada", top="horizon = '1d'", store=store)
    bob = Life(tmp_path / "bob", top="horizon = '1d'", store=ada.shelf)
    config = bob.base / "config.toml"
    config.write_text(config.read_text().replace(ME, "bob@example.com"))
    ada.apply()
    mine = {name: ada.get(name) for name in ada.names()}
    bob.apply()
    with bob.runtime() as runtime:
        cycle.purge(runtime, cycle.plan_purge(runtime, bob.now), bob.now)
    assert {name: ada.get(name) for name in ada.names()} == mine
    config.write_text(config.read_text().replace('emails = ["bob@example.com"]\n', ""))
    with pytest.raises(ConfigError), bob.runtime():
        pass
