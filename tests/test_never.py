"""`#never`: never again about the subject of an event, until `unbusy forget`; and words in events of the user's own."""

from __future__ import annotations

import json
from datetime import time, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.cli.app import cli
from daemon.commands.answers import HELP
from daemon.model.options import PolicyOptions
from daemon.model.ours.mark_line import read_mark, write_mark
from daemon.model.owner import Field, Mark, Subject
from daemon.model.proposal import Content, Fixed, Role, Want
from daemon.model.protocols import PolicyKind
from daemon.model.snapshot import Snapshot
from daemon.model.text import FOOTER
from daemon.model.times import DAY, TimeRange, at
from daemon.model.user.gesture import Gesture, OwnWord, gestures, is_heavy, never_named, own_words, without_orders
from daemon.model.user.never import meant
from daemon.service.serve import one_cycle
from living import ONLY_FOCUS, Life
from making import ZONE, event, meeting
from policies import POLICIES

LENA, TOM = Subject("person:lena@example.com", "Lena Roe"), Subject("person:tom@example.com", "Tom Li")


def nudges(snapshot: Snapshot, _: PolicyOptions) -> tuple[Want, ...]:
    """One about Lena tomorrow, one about two people the day after."""

    def want(key: str, days: int, *about: Subject) -> Want:
        start = at(snapshot.today + days * DAY, time(14), ZONE)
        when = Fixed(TimeRange(start, start + timedelta(minutes=15)))
        names = " and ".join(s.name for s in about if not snapshot.never(s.id))
        content = Content(title="Keep in touch", reason=f"It is a while since {names}.")
        return Want(policy="nudges", key=key, content=content, when=when, about=about)

    first = snapshot.this_week.key
    return want(f"{first}/one", 1, LENA), want(f"{first}/two", 2, LENA, TOM)


@pytest.fixture
def life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Life:
    kind = PolicyKind(
        options=PolicyOptions, propose=nudges, roles={"": Role.PROMPT}, keys=lambda s, _: (w.key for w in nudges(s, _))
    )
    monkeypatch.setitem(POLICIES, "nudges", kind)  # type: ignore[arg-type]  a dict, to which nobody else writes
    life = Life(tmp_path, policies=f"{ONLY_FOCUS}[policies.focus]\nenabled = false\n")
    life.apply()
    return life


def say(life: Life, key: str, text: str) -> None:
    life.type(key, (FOOTER, f"{FOOTER}\n{text}"))


def problems(life: Life) -> list[str]:
    return [p.what for p in life.plan().problems]


def run(life: Life, *args: str, code: int = 0) -> str:
    now = life.now.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M")
    done = CliRunner().invoke(cli, ["--config", str(life.base / "config.toml"), "--now", now, *args])
    assert (done.return_value or 0) == code or done.exception, done.output
    if done.exception and not isinstance(done.exception, SystemExit):
        return str(getattr(done.exception, "what", done.exception)) + str(getattr(done.exception, "remedy", ""))
    return done.output


@pytest.mark.parametrize("lose", [False, True], ids=["with the ledger", "without it"])
def test_never_again_about_its_subject(life: Life, lose: bool) -> None:
    say(life, "2026-W49/one", "#never")
    life.apply()
    life.now += timedelta(days=7)
    if lose:
        life.lose_ledger()
    life.apply()
    assert {k for k in life.ours() if k.startswith("2026-W50")} == {"2026-W50/two"}
    assert "since Tom Li." in life.text("2026-W50/two")
    assert "# Never again: person:lena@example.com Lena Roe (`unbusy forget`" in run(life, "config", "show")


def test_of_several_the_one_that_is_named(life: Life) -> None:
    say(life, "2026-W49/two", "#never tom")
    life.apply()
    life.now += timedelta(days=7)
    life.apply()
    assert {k for k in life.ours() if k.startswith("2026-W50")} == {"2026-W50/one", "2026-W50/two"}
    assert "since Lena Roe." in life.text("2026-W50/two")


@pytest.mark.parametrize("said", ["#never", "#never Anna", "#never example"])
def test_no_clear_subject_is_said_and_does_nothing(life: Life, said: str) -> None:
    say(life, "2026-W49/two", said)
    (what,) = problems(life)
    assert what == "`#never` has no clear subject there, and does nothing"
    life.apply()
    assert "Never again" not in run(life, "config", "show")
    life.now += timedelta(days=14)
    assert problems(life) == [], "and it is not said for ever"


def test_status_says_that_no_subject_is_clear(life: Life) -> None:
    say(life, "2026-W49/two", "#never")
    with life.runtime() as runtime:
        one_cycle(runtime, life.now, observe=False)
    told = {p["what"]: p for p in json.loads(run(life, "status", "--json"))["problems"]}
    problem = told["`#never` has no clear subject there, and does nothing"]
    assert (problem["where"], problem["code"]) == ("‘Keep in touch’, Wed 2 Dec 14:00–14:15", 0)
    assert problem["remedy"] == "write `#never` with a word of one of: Lena Roe, Tom Li"
    life.type("2026-W49/two", (f"{FOOTER}\n#never", f"{FOOTER}\n#never tom"))
    with life.runtime() as runtime:
        one_cycle(runtime, life.now, observe=False)
    assert json.loads(run(life, "status", "--json"))["problems"] == []


@pytest.mark.parametrize("lose", [False, True], ids=["with the ledger", "without it"])
def test_what_is_forgotten_comes_again_though_the_word_still_stands(life: Life, lose: bool) -> None:
    say(life, "2026-W49/one", "#never")
    life.apply()
    assert "Forgotten: Lena Roe." in run(life, "forget", "lena")
    if lose:
        life.lose_ledger()
    life.now += timedelta(days=7)
    life.apply()
    assert {k for k in life.ours() if k.startswith("2026-W50")} == {"2026-W50/one", "2026-W50/two"}
    assert "Never again" not in run(life, "config", "show")


def test_forget_asks_which_one_is_meant(life: Life) -> None:
    assert "nothing was said never to come of 'lena'" in run(life, "forget", "lena", code=2)
    say(life, "2026-W49/one", "#never")
    say(life, "2026-W49/two", "#never tom")
    life.apply()
    assert "'example' means more than one subject" in run(life, "forget", "example", code=2)
    assert "Tom Li" in run(life, "forget", TOM.id)


def test_the_word_alone_is_no_answer_and_what_stands_beside_it_is(life: Life) -> None:
    say(life, "2026-W49/two", "#never Tom\nWe met on Friday, by chance")
    life.apply()
    said = json.loads(run(life, "journal", "export", "--json"))
    assert [e["text"] for e in said["entries"]] == ["#never Tom\nWe met on Friday, by chance"]


def test_the_words_are_listed() -> None:
    assert all(word in HELP for word in (*Gesture, *OwnWord, "#ignore"))


# -- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("#never", ("",)),
        ("thanks. #NEVER!", ("",)),
        ("#never Lena", ("Lena",)),
        ("#never Lena Roe.\nMore", ("Lena Roe",)),
        ("#never\nLena", ("",)),
        ("#never because it takes too long", ("",)),
        ("#never Lena\n#never Tom", ("Lena", "Tom")),
        ("‘#never Lena’", ()),
        ("#nevermore", ()),
        ("x#never", ()),
    ],
)
def test_what_is_named(text: str, names: tuple[str, ...]) -> None:
    assert never_named([text]) == names
    assert (Gesture.NEVER in gestures([text])) is bool(names)


def test_what_is_left_without_the_order() -> None:
    assert without_orders("#never Lena") == ""
    assert without_orders("#never because it takes too long") == " because it takes too long"


@pytest.mark.parametrize(
    ("name", "subjects", "found"),
    [
        ("", (LENA,), LENA), ("", (LENA, TOM), None), ("", (), None), ("Lena", (LENA, TOM), LENA),
        ("LENA roe", (LENA, TOM), LENA), ("example", (LENA, TOM), None), ("Len", (LENA, TOM), None),
        ("Anna", (LENA,), None), ("tom", (TOM,), TOM),
    ],
)  # fmt: skip
def test_which_subject_is_meant(name: str, subjects: tuple[Subject, ...], found: Subject | None) -> None:
    assert meant(name, subjects) == found


@pytest.mark.parametrize(
    ("title", "text", "words"),
    [
        ("Talk #heavy", "", {OwnWord.HEAVY}),
        ("Talk", "please\n#KEEP.", {OwnWord.KEEP}),
        ("Talk", "(#keep, #heavy)", {OwnWord.KEEP, OwnWord.HEAVY}),
        ("Talk #keeper", "x#heavy", set()),
    ],
)
def test_words_in_the_users_own_events(title: str, text: str, words: set[OwnWord]) -> None:
    mine = meeting("Tue 10:00-11:00", title, mine=True, description=text)
    assert own_words(mine) == words
    assert own_words(meeting("Tue 10:00-11:00", title, description=text)) == set(), "an invitation gives no order"
    assert is_heavy(mine) is (OwnWord.HEAVY in words)


def test_a_category_makes_it_heavy() -> None:
    assert is_heavy(event("Tue 10:00-11:00", categories=("Heavy",), mine=True))
    assert not is_heavy(event("Tue 10:00-11:00", categories=("Heavy",)))


# -- the mark ---------------------------------------------------------------------------------------------------------

PLAIN = Mark("ada@example.com", "network", "2026-W49", 0, dict.fromkeys(Field, "x" * 16))


def test_the_mark_says_what_an_event_is_about() -> None:
    for about in ((), (LENA,), (LENA, TOM), (Subject("landing"),)):
        found = read_mark(write_mark(replace(PLAIN, about=about)))
        assert found is not None
        assert found.about == about


IDS = st.from_regex(r"[a-z]+:[^\s]{1,80}", fullmatch=True)


@given(st.lists(st.tuples(IDS, st.text("abc é", max_size=40)), max_size=9))
def test_a_mark_never_grows_too_long_for_it(about: list[tuple[str, str]]) -> None:
    subjects = tuple(Subject(i, " ".join(n.split())) for i, n in about)
    found = read_mark(write_mark(replace(PLAIN, about=subjects)))
    assert found is not None
    assert found.about == subjects[: len(found.about)]
