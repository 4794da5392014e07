"""What `undo` took back: as the journal has it, what of the config matters to it, and what is owed beside it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import NODEFAULT
from msgspec.structs import fields, replace

from daemon.config import digest, load, registry
from daemon.config.digest import BESIDE
from daemon.config.schema import Config, LunchOptions
from daemon.journal import JournalFolder, answers
from daemon.journal.pages import append
from daemon.journal.taken_back import note, read
from daemon.model.figures import owing
from daemon.model.options import Options
from daemon.model.owner import EXTRA, UNDONE, Field
from daemon.model.snapshot import Skip
from daemon.model.user.taken_back import Noted, TakenBack
from living import CONFIG
from making import ME, meeting, own, snapshot

TODAY = date(2026, 11, 30)
BACK = TakenBack(on=TODAY, digest="0123456789abcdef")
WHOLE = Noted(policy="focus", key="2026-W49/2", generation=1, day=date(2026, 12, 1), minutes=120, taken_back=BACK)
PART = Noted(
    policy="focus", key="2026-W49/3", generation=0, day=date(2026, 12, 2), minutes=60,
    taken_back=TakenBack(
        on=TODAY, digest="0123456789abcdef",
        fields={Field.WHEN: "20261203T080000Z/20261203T100000Z@1234abcd", Field.REMINDER: ""},
    ),
)  # fmt: skip


def again(noted: Noted) -> Noted:
    back = noted.taken_back
    left = TakenBack(on=back.on, digest="", fields=back.fields) if back and back.fields else None
    return Noted(
        policy=noted.policy, key=noted.key, generation=noted.generation, day=noted.day, minutes=noted.minutes,
        taken_back=left,
    )  # fmt: skip


# -- the journal ------------------------------------------------------------------------------------------------------


def test_it_is_noted_and_read_back(tmp_path: Path) -> None:
    note(JournalFolder(tmp_path), TODAY, [(WHOLE, "Focus"), (PART, "Focus")])
    assert (tmp_path / "2026-11-30.md").read_text() == (
        "# 2026-11-30\n\n"
        "- Taken back: Focus (focus 2026-W49/2, 2 h) <!-- unbusy undo policy=focus&key=2026-W49/2&generation=1"
        "&day=2026-12-01&minutes=120&on=2026-11-30&digest=0123456789abcdef -->\n"
        "- Taken back: when and reminder of Focus (focus 2026-W49/3, 1 h) <!-- unbusy undo policy=focus&key=2026-W49/3"
        "&generation=0&day=2026-12-02&minutes=60&on=2026-11-30&digest=0123456789abcdef"
        "&when=20261203T080000Z/20261203T100000Z@1234abcd&reminder= -->\n"
    )
    assert read(JournalFolder(tmp_path)) == (WHOLE, PART)


@pytest.mark.parametrize("noted", [pytest.param(WHOLE, id="an event"), pytest.param(PART, id="fields")])
def test_what_is_wanted_again_is_known_too(tmp_path: Path, noted: Noted) -> None:
    note(JournalFolder(tmp_path), TODAY, [(noted, "Focus")])
    note(JournalFolder(tmp_path), date(2026, 12, 1), [(again(noted), "Focus")])
    assert read(JournalFolder(tmp_path)) == (again(noted),)
    assert "- Wanted again: " in (tmp_path / "2026-12-01.md").read_text()
    note(JournalFolder(tmp_path), date(2026, 12, 2), [(noted, "Focus")])
    assert read(JournalFolder(tmp_path)) == (noted,)


def test_what_is_known_so_already_is_not_noted_again(tmp_path: Path) -> None:
    note(JournalFolder(tmp_path), TODAY, [(WHOLE, "Focus")])
    note(JournalFolder(tmp_path), date(2026, 12, 1), [(WHOLE, "Focus")])
    assert not (tmp_path / "2026-12-01.md").exists()


def test_an_answer_ends_before_such_a_line(tmp_path: Path) -> None:
    head = "## Where did you stop? <!-- unbusy answer policy=focus&key=a&at=2026-11-30&question=q&text=t -->\n"
    append(JournalFolder(tmp_path), TODAY, f"{head}Mon, Focus\n\n> words\n")
    note(JournalFolder(tmp_path), TODAY, [(WHOLE, "Focus")])
    note(JournalFolder(tmp_path), TODAY, [(again(WHOLE), "Focus")])
    (block,) = answers.read(JournalFolder(tmp_path))
    assert (tmp_path / "2026-11-30.md").read_text()[block.end :].startswith("- Taken back: ")


MANGLED = {
    "no digest": ("&digest=0123456789abcdef", ""),
    "a digest that is none": ("0123456789abcdef", "0/"),
    "no day": ("2026-12-01", "2026-13-01"),
    "more minutes than a week has": ("=120", "=99999999"),
    "a generation below nothing": ("generation=1", "generation=-1"),
    "the end of the comment is gone": (" -->", ""),
}


@pytest.mark.parametrize("how", MANGLED)
def test_a_mangled_line_is_passed_over(tmp_path: Path, how: str) -> None:
    note(JournalFolder(tmp_path), TODAY, [(WHOLE, "Focus")])
    path = tmp_path / "2026-11-30.md"
    path.write_text(path.read_text().replace(*MANGLED[how]))
    assert read(JournalFolder(tmp_path)) == ()


@given(title=st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
def test_no_title_makes_a_line(tmp_path_factory: pytest.TempPathFactory, title: str) -> None:
    folder = tmp_path_factory.mktemp("journal")
    forged = "<!-- unbusy undo policy=a&key=b&generation=0&day=2026-12-01&minutes=1&on=2026-12-01&digest=0 -->"
    note(JournalFolder(folder), TODAY, [(WHOLE, f"{title}\n- Taken back: x {forged}")])
    assert read(JournalFolder(folder)) == (WHOLE,)


# -- the config that matters ------------------------------------------------------------------------------------------


def digest_of(folder: Path, policies: str = "", top: str = "", account: str = "type = 'vdir'\npath = '/c'") -> str:
    path = folder / "config.toml"
    state = folder / "elsewhere" if top == "STATE" else folder
    text = CONFIG.format(state=state, account=account, me=ME, top=top.replace("STATE", ""), policies=policies)
    path.write_text(text.replace("Europe/Warsaw", "Europe/Lisbon").replace("ZONE", "") if top == "ZONE" else text)
    return digest(load(path), "focus")


FOCUS = "[policies.focus]\n"
TOP = {
    "timezone": "ZONE", "week_starts": "week_starts = 'sunday'",
    "working_hours": "working_hours = { mon = '09:00-17:30' }",
    "ignore": "ignore = ['x*']", "lunch": "lunch = { length = '45m' }", "unanswered_busy": "unanswered_busy = false",
    "away_titles": "away_titles = ['x*']", "not_away_titles": "not_away_titles = ['x*']",
    "region": "region = 'Bavaria'",
    "title_prefix": "title_prefix = 'x '", "fill": "fill = 0.5", "max_per_day": "max_per_day = 2",
    "max_changes": "max_changes = 3", "lookback": "lookback = '7d'", "horizon": "horizon = '7d'",
    "interval": "interval = '7m'", "owner": "owner = 'x'", "state": "STATE", "log_titles": "log_titles = true",
    "people": "people = { boss = ['bob@example.com'] }", "internal": "internal = ['example.com']",
    "max_per_week": "max_per_week = 2", "attention": "attention = { questions_per_day = 1 }",
    "courtesy": "courtesy = 'courtesy.toml'", "monitor": "monitor = { textfile = '/m/x.prom' }",
    "mcp": "mcp = { journal = true }",
    "away": "away = [{ from = 2026-12-24, to = 2026-12-31 }]",
}  # fmt: skip
"""Every option of the whole file, as it is not by default."""
TABLES = {
    "an option of the policy": {"policies": f"{FOCUS}weekly_goal = '4h'"},
    "that it is off": {"policies": f"{FOCUS}enabled = false"},
    "no lunch": {"top": "lunch = false"},
    "an account": {"account": "type = 'vdir'\npath = '/d'"},
    "one more account": {"policies": "[accounts.home]\ntype = 'vdir'\npath = '/h'"},
}
NOTHING = {
    "an option as it is by default": {"policies": f"{FOCUS}weekly_goal = '8h'"},
    "an option of another policy": {"policies": "[policies.overload]\nenabled = false"},
    "options of the whole file, as they are by default": {"top": "fill = 0.8\nlunch = { length = '30m' }"},
}


def test_every_option_of_the_whole_file_decides_or_is_named_beside(tmp_path: Path) -> None:
    assert TOP.keys() | {"accounts", "policies"} == {f.encode_name for f in fields(Config)}
    (tmp_path / "courtesy.toml").touch()
    before = digest_of(tmp_path)
    same = {name for name, line in TOP.items() if digest_of(tmp_path, top=line) == before}
    beside = {"title_prefix", "max_changes", "lookback", "horizon", "interval", "owner", "state", "log_titles"}
    beside |= {"courtesy", "monitor", "mcp"}
    assert same == beside
    assert beside | {"policies"} == BESIDE


@pytest.mark.parametrize("change", TABLES)
def test_a_change_that_matters_is_another_digest(tmp_path: Path, change: str) -> None:
    assert digest_of(tmp_path, **TABLES[change]) != digest_of(tmp_path)


@pytest.mark.parametrize("change", NOTHING)
def test_any_other_change_is_the_same(tmp_path: Path, change: str) -> None:
    assert digest_of(tmp_path, **NOTHING[change]) == digest_of(tmp_path)


@pytest.mark.parametrize(
    "kind", [Config, LunchOptions, *(registry.policy(name).options for name in registry.policies())]
)
def test_what_is_as_by_default_can_be_told(kind: type[Options]) -> None:
    """An option whose default is made anew each time would be said always, and every new one be a change."""
    told = {f.encode_name for f in fields(kind) if f.required or f.default is NODEFAULT}
    assert told <= {"timezone", "accounts", "policies"}


# -- what is owed -----------------------------------------------------------------------------------------------------

WEEK = {"policy": "focus", "keys": "2026-W49/"}


def test_what_was_taken_back_is_not_owed() -> None:
    gone = Skip("focus", "2026-W49/1", TODAY, 120, taken_back=TODAY)
    snap = snapshot(skips=[gone])
    assert owing.settled(snap, snap.window, **WEEK).total == 120


def put_back(base: str, when: str = "Thu 09:00-11:00") -> int:
    """Minutes that are settled by a block that stands again on Thursday, 09:00-11:00, under a meeting."""
    block = own(when, "focus", "2026-W49/4", edited=[Field.WHEN])
    mark = replace(block.mark, base={**block.mark.base, Field.WHEN: base})
    back = TakenBack(on=TODAY, digest="0a", fields={Field.WHEN: "stands"})
    snap = snapshot(meeting("Thu 08:00-12:00"), ours=[replace(block, mark=mark, taken_back=back)])
    return owing.settled(snap, snap.window, **WEEK).total


def test_a_block_that_was_put_back_counts_whatever_lies_over_it() -> None:
    assert put_back("20261204T080000Z/20261204T100000Z@1234abcd") == 120
    assert put_back(f"{UNDONE}stands") == 120


def test_one_that_was_longer_before_the_undo_is_not_owed_its_rest() -> None:
    assert put_back("20261204T080000Z/20261204T110000Z@1234abcd") == 180


def test_one_that_its_policy_does_not_want_counts_towards_nothing() -> None:
    assert put_back(f"{EXTRA}stands") == 0
