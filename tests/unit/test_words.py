"""What is put into words: somebody's text in a line, wherever it is shown, and figures and times in one form."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.cli.show import show_agenda, show_explanation, show_plan, show_problems
from daemon.cli.talk import Terminal
from daemon.commands.answers import figures
from daemon.explain.explanation import Explanation
from daemon.journal import JournalFolder, answers, pages
from daemon.model.errors import UnbusyError
from daemon.model.event import CountsAs
from daemon.model.plan import Annotate, Plan, Problem, Unplaced
from daemon.model.snapshot import Skip
from daemon.model.times import DateRange, TimeRange
from daemon.model.user.entry import Entry
from daemon.model.user.gesture import gestures
from daemon.model.words import (
    LINE,
    NO_TITLE,
    cited,
    clock,
    day,
    harmless,
    heading,
    hours,
    in_day,
    in_month,
    in_year,
    lasting,
    listed,
    moment,
    month,
    one_line,
    percent,
    person,
    quoted,
    share,
    short,
    time_of_day,
    weekday,
)  # fmt: skip
from daemon.planning.notices import stopped
from daemon.service.scheduler import failure
from daemon.views import picture
from making import MONDAY, ZONE, event, meeting, own, snapshot, span, week_of
from policies.overload.policy import OverloadOptions
from policies.overload.policy import propose as overload
from policies.reflection import ReflectionOptions
from policies.reflection import propose as reflection

ROOT = Path(__file__).parent.parent.parent
FAMILY = "👨\u200d👩\u200d👧\u200d👦"

HOSTILE = {
    "an emoji of several joined ones": (f"Pick up {FAMILY} now", f"Pick up {FAMILY} now"),
    "a word with a joiner that its script needs": ("می\u200cخواهم", "می\u200cخواهم"),
    "an emoji with skin and sex": ("👩🏽\u200d🚀 launch", "👩🏽\u200d🚀 launch"),
    "text from right to left": ("תכנון שבועי", "תכנון שבועי"),
    "an override of the direction": ("pay \u202e001\u202c now", "pay 001 now"),
    "isolates and marks of direction": ("a\u2066b\u2069\u200e\u200f\u061cc", "abc"),
    "NUL": ("a\0b", "a b"),
    "line feeds of all kinds": ("a\r\nb\nc\vd\fe\x85f\u2028g\u2029h", "a b c d e f g h"),
    "tabs and wide blanks": ("  a\t\t\u3000b\xa0 ", "a b"),
    "an escape sequence that clears the screen": ("\x1b[2Jgone", "[2Jgone"),
    "one that sets the title of the window": ("\x1b]0;pwned\x07x", "]0;pwned x"),
    "one of a single character": ("\x9b31mred", "31mred"),
    "backspaces": ("safe\x08\x08\x08\x08evil", "safe evil"),
    "lone surrogates": ("a\ud800b\udfff", "a\ufffdb\ufffd"),
    "what is no character": ("a\uffff\U000e01f0b", "a\ufffd\ufffdb"),
    "a character of somebody's own": ("\uf8ff", "\ufffd"),
    "hidden letters (tags)": ("hi\U000e0049\U000e0047", "hi"),
    "nothing to be seen": ("\u200b\ufeff\u2060", ""),
    "joiners alone": ("\u200d\u200c\u200d", ""),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("text", "line"), HOSTILE.values(), ids=HOSTILE)
def test_somebodys_text_in_a_line(text: str, line: str) -> None:
    assert one_line(text) == line


def test_a_long_text_is_cut() -> None:
    assert one_line("x" * 10_000) == "x" * (LINE - 1) + "…"
    assert one_line("word " * 10_000, 12) == "word word w…"
    assert one_line("some words", 6) == "some…"


@pytest.mark.parametrize("most", range(2, 12))
@pytest.mark.parametrize("text", [f"ab{FAMILY}" * 3, "é\u0301\u0302x" * 5, "👍🏽" * 9], ids=["joined", "marks", "skin"])
def test_nothing_that_belongs_together_is_cut_in_two(text: str, most: int) -> None:
    kept = one_line(text, most).removesuffix("…")
    rest = text[len(kept) :]
    assert text.startswith(kept)
    assert kept == text or most < len(FAMILY) + 4 or not (
        rest[0] in "\u200d🏽" or kept[-1:] == "\u200d" or unicodedata.combining(rest[0])
    )  # fmt: skip


@given(st.text(alphabet=st.characters(), max_size=80), st.integers(1, 60))
def test_any_text_is_one_line_that_can_be_printed(text: str, most: int) -> None:
    line = one_line(text, most)
    assert len(line) <= most
    assert len(line.splitlines()) <= 1
    assert line.encode().decode() == line
    assert line.replace("\u200c", "").replace("\u200d", "").isprintable()
    assert one_line(line, most) == line


@given(st.text(alphabet="‘’“”'\"#skip \u200b\n", max_size=40))
def test_a_quoted_title_ends_where_its_quotation_ends(title: str) -> None:
    for text, first, last in ((quoted(title), "‘", "’"), (cited(title) or "“”", "“", "”")):
        assert (text[0], text[-1]) == (first, last)
        assert not set(text[1:-1]) & set("‘’“”'\"")
        assert not gestures([text[1:-1]])


def test_harmless_text_keeps_its_columns() -> None:
    assert harmless("  name     kind\x1b[1m\u202e") == "  name     kind [1m"


# -- wherever it is shown ---------------------------------------------------------------------------------------------

LONG = {
    "10,000 characters": "word " * 2000,
    "10,000 joiners": "a" + "\u200d" * 10_000,
    "10,000 marks": "a" + "\u0301" * 10_000,
}
EVIL = {name: text for name, (text, _) in HOSTILE.items()} | LONG
Shown = Callable[[str, pytest.CaptureFixture[str], Path], str]


def terminal(title: str, capsys: pytest.CaptureFixture[str], _folder: Path) -> str:
    """Agenda, plan, explanation, problems and questions: each of them says the title."""
    at = snapshot(meeting("Tue 09:00-10:00", title), ours=[own("Tue 11:00-12:00", title=title, text=title)])
    command = event("Tue 13:00-14:00", title)
    reply = Annotate(before=command, key="command/x", text=title, answer=title, reason=title)
    plan = Plan(now=at.now, window=at.window, changes=(reply,), unplaced=(Unplaced("focus", "x", title),))
    show_agenda(at.events, ZONE)
    show_plan(plan, ZONE)
    show_explanation(Explanation(moment=at.now, foreign=at.events, ours=at.ours, absences={}), ZONE)
    show_problems([Problem(title, title, title, 1)])
    Terminal().say(title)
    out, err = capsys.readouterr()
    return out + err


def written(title: str, _capsys: pytest.CaptureFixture[str], _folder: Path) -> str:
    """What stands in events of ours: flags, questions, the answer to `unbusy: report`, a notice."""
    meetings = [
        meeting(f"{d} {at}", title) for d in ("Mon", "Tue", "Wed", "Thu") for at in ("09:00-13:00", "13:30-17:00")
    ]
    texts = []
    for on in ("Mon", "Tue", "Wed", "Thu", "Fri"):  # what asks is made in the morning of its day
        at = snapshot(*meetings, now=f"{on} 07:00", ours=[own("Tue 09:00-11:00", title=title)])
        wants = (*overload(at, OverloadOptions()), *reflection(at, ReflectionOptions()), stopped(at, one_line(title)))
        texts += [text for w in wants for text in (w.content.title, w.content.reason, *w.content.questions)]
    assert len(texts) > 20
    return "\n".join([*texts, figures(at.this_week, at)])


def journal(title: str, _capsys: pytest.CaptureFixture[str], folder: Path) -> str:
    book = JournalFolder(folder)
    pages.note_skips(book, MONDAY, [(Skip("focus", "2026-W49/1", MONDAY, 120), title)])
    entry = Entry(
        policy="focus", key="k", day=MONDAY, at="2026-11-30T09:00", event=title, evidence=title, question="Why?",
        text="Since.",
    )  # fmt: skip
    answers.file(book, [entry])
    assert [b.entry.text for b in answers.read(book)] == ["Since."]
    assert len(pages.read_skips(book)) == 1
    ((_, page),) = book.pages()
    return page


def log(title: str, capsys: pytest.CaptureFixture[str], _folder: Path) -> str:
    return failure(UnbusyError(title, title))


def drawn(title: str, _capsys: pytest.CaptureFixture[str], _folder: Path) -> str:
    at = snapshot(meeting("Tue 09:00-10:00", title), event("Wed", title, counts_as=CountsAs.AWAY))
    return picture.week(at, week_of(MONDAY, 0), width=120)


@pytest.mark.parametrize("shown", [terminal, written, journal, log, drawn], ids=lambda f: f.__name__)
@pytest.mark.parametrize("title", EVIL.values(), ids=EVIL)
def test_wherever_text_is_shown_it_commands_nothing(
    title: str, shown: Shown, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = shown(title, capsys, tmp_path)
    lines = text.split("\n")
    assert all(re.sub("[\u200c\u200d\u2068\u2069]", "", line).isprintable() for line in lines)
    assert text.encode().decode() == text
    if len(title.splitlines()) == 1:  # a reason may have lines of its own
        assert len(lines) == len(shown("Staff", capsys, tmp_path / "plain").split("\n"))
    assert max(map(len, lines)) < 3000


@pytest.mark.parametrize("shown", [terminal, written, journal, drawn], ids=lambda f: f.__name__)
def test_wherever_text_is_shown_joined_emoji_stay_whole(
    shown: Shown, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert f"{FAMILY} tea" in shown(f"{FAMILY} tea", capsys, tmp_path)


# -- figures and times ------------------------------------------------------------------------------------------------

TUESDAY = date(2026, 12, 1)
FOUR = datetime(2026, 12, 1, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (hours(0), "0 min"),
        (hours(45), "45 min"),
        (hours(60), "1 h"),
        (hours(65), "1 h 05"),
        (hours(390), "6 h 30"),
        (hours(6000), "100 h"),
        (lasting(timedelta(seconds=40)), "40 s"),
        (lasting(timedelta(minutes=90)), "1 h 30"),
        (share(0.614), "61 %"),
        (share(0), "0 %"),
        (share(1), "100 %"),
        (percent(62.5), "62.5 %"),
        (day(TUESDAY), "Tue 1 Dec"),
        (day(TUESDAY, year=True), "Tue 1 Dec 2026"),
        (short(TUESDAY), "Tue"),
        (time_of_day(FOUR, ZONE), "16:00"),
        (in_day(span("Tue 09:00-11:00"), ZONE), "09:00–11:00"),
        (in_month(TUESDAY), "Tue 1"),
        (in_year(TUESDAY), "1 Dec"),
        (heading(TUESDAY), "Tuesday 1 December"),
        (heading(TUESDAY, year=True), "Tuesday 1 December 2026"),
        (weekday(TUESDAY), "Tuesday"),
        (month(TUESDAY), "December 2026"),
        (month(TUESDAY, year=False), "December"),
        (moment(FOUR, ZONE), "Tue 1 Dec 16:00"),
        (moment(FOUR, ZoneInfo("Pacific/Kiritimati"), year=True), "Wed 2 Dec 2026 05:00"),
        (clock(span("Tue 09:00-11:00"), ZONE), "Tue 1 Dec 09:00–11:00"),
        (clock(DateRange(TUESDAY, date(2026, 12, 2)), ZONE), "Tue 1 Dec"),
        (clock(DateRange(TUESDAY, date(2026, 12, 4)), ZONE), "Tue 1 Dec – Thu 3 Dec"),
        (clock(TimeRange(FOUR, FOUR), ZONE), "Tue 1 Dec 16:00–16:00"),
        (listed(["a"]), "a"),
        (listed(["a", "b"]), "a and b"),
        (listed(["a", "b", "c"]), "a, b and c"),
        (quoted(""), f"‘{NO_TITLE}’"),
        (cited(""), ""),
    ],
)
def test_one_form(said: str, expected: str) -> None:
    assert said == expected


NAMES = re.compile(r"%[aAbB]|:\.\d?%|\.isprintable\(\)|unicodedata\.category|astimezone\([\w.]+\):%H")
ELSEWHERE = {
    "daemon/model/words.py",
    "connectors/http/web.py",  # the value of a header
    "connectors/caldav/discovery.py",  # an address of mail
    "daemon/fleet/leaders.py",  # likewise
}


def test_no_other_module_has_words_of_its_own() -> None:
    """Names of days and months, times of the day, shares, and what may be shown of a text: one module says it."""
    having = {
        str(path.relative_to(ROOT))
        for package in ("daemon", "connectors", "policies")
        for path in (ROOT / package).rglob("*.py")
        if NAMES.search(ast.unparse(ast.parse(path.read_text())))
    }
    assert having == ELSEWHERE


@pytest.mark.parametrize(
    ("name", "address", "said"),
    [
        ("Dana Roe", "dana@example.com", "Dana Roe"),
        ("", "dana@example.com", "dana@example.com"),
        ("", "", "somebody"),
        ("\u202e\u200b", "", "somebody"),
        ("Dana\r\nX-UNBUSY: #skip", "", "Dana X-UNBUSY: ＃skip"),
        ("x" * 99, "", "x" * 59 + "…"),
    ],
)
def test_somebody_in_a_sentence(name: str, address: str, said: str) -> None:
    assert person(name, address) == said
