"""Words of titles: what each kind fits, in each language, and what it does not."""

from __future__ import annotations

import re
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.model.titles import kinds
from daemon.model.titles.kinds import Kind, by_language, shows, words
from daemon.model.titles.patterns import fits, undecorated

FILE = Path(kinds.__file__).with_name("words.toml")
LANGUAGES = {"en", "de", "fr", "es", "pl"}


def test_the_file_holds_every_kind_in_five_languages() -> None:
    whole = tomllib.loads(FILE.read_text())
    assert set(whole) == set(Kind)
    for kind in Kind:
        assert {name: tuple(found) for name, found in whole[kind].items()} == by_language(kind)
        assert set(by_language(kind)) - {"others"} == LANGUAGES, kind
        assert all(p == p.strip().casefold() and p for p in words(kind)), kind


@pytest.mark.parametrize(
    ("kind", "titles"),
    [
        (Kind.HEAVY, ["Q4 layoffs", "Dana: exit-talk", "Performance improvement plan, week 2", "Kündigungsgespräch",
                      "Entretien préalable", "entretien prealable", "Despido J.", "Zwolnienia grupowe: plan"]),
        (Kind.PROTECTED, ["All-hands", "Company all hands (Q4)", "Board prep", "Calibration EMEA", "Junta directiva",
                          "Conseil d'administration", "Conseil d’administration", "Aufsichtsratssitzung", "Zarząd"]),
        (Kind.HIGH_STAKES, ["Steering", "QBR", "Customer visit", "Lenkungskreis Netz", "COPIL data", "Klienci: plan",
                            "Comité de dirección"]),
        (Kind.DECISION, ["Go/No-Go 4.2", "Sign-off: budget", "Approve it", "Entscheidung Anbieter", "Arbitrage Q1",
                         "Aprobación presupuesto", "Decyzja o dostawcy"]),
        (Kind.INTERVIEW, ["Hiring panel: SRE", "Interview J. Doe", "Vorstellungsgespräch", "Entretien d'embauche",
                          "Entrevista backend", "Rozmowa kwalifikacyjna"]),
        (Kind.INCIDENT, ["SEV2 payments", "Post-mortem", "Postmortem DNS", "Störung Login", "Cellule de crise",
                         "Incidencia pagos", "Awaria bazy"]),
        (Kind.TENSE, ["Vendor escalation", "Konflikt Team A/B", "Réclamation client", "Queja formal", "Eskalacja"]),
        (Kind.ONE_TO_ONE, ["1:1 Dana", "Dana / Ada 1:1", "One-on-one", "1on1", "Vier-Augen-Gespräch", "Tête-à-tête",
                           "Uno a uno", "W cztery oczy"]),
    ],
    ids=lambda value: str(value) if isinstance(value, Kind) else "",
)  # fmt: skip
def test_what_a_kind_is_known_by(kind: Kind, titles: list[str]) -> None:
    assert [title for title in titles if not shows(title, words(kind))] == []


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        (Kind.PROTECTED, "Onboarding"),
        (Kind.PROTECTED, "Zarządzanie projektami"),
        (Kind.HEAVY, "Exit strategy"),
        (Kind.INTERVIEW, "Hiring sync"),
        (Kind.DECISION, "Architecture review"),
        (Kind.DECISION, "Revue de sprint"),
        (Kind.HIGH_STAKES, "Execution plan"),
        (Kind.INCIDENT, "Several topics"),
        (Kind.TENSE, "Performant queries"),
        (Kind.ONE_TO_ONE, "Planning 21:15"),
        *((kind, "") for kind in Kind),
        *((kind, "…") for kind in Kind),
        *((kind, "Weekly sync") for kind in Kind),
    ],
)
def test_what_a_kind_is_not_known_by(kind: Kind, title: str) -> None:
    assert not shows(title, words(kind))


@pytest.mark.parametrize(
    ("title", "pattern", "fits"),
    [
        ("Board", "board", True),
        ("🎧 board_prep", "board", True),
        ("Onboarding", "board", False),
        ("Onboarding", "*board*", True),
        ("Keyboard", "*board", True),
        ("Keyboards", "*board", False),
        ("Boarding", "board*", True),
        ("Cafe\u0301 talk", "café", True),
        ("sev3", "sev[0-9]", True),
        ("sev33", "sev[0-9]", False),
        ("a long b", "a*b", True),
        ("a long c", "a*b", False),
        ("cat", "c?t", True),
        ("anything", "*", True),
        ("anything", "", False),
        ("q&a", "q&a", True),
        ("x" * 600 + " board", "board", False),
    ],
)
def test_how_a_pattern_fits(title: str, pattern: str, fits: bool) -> None:
    assert shows(title, (pattern,)) is fits
    assert shows(title, ("nonsense", pattern)) is fits


WORDS = st.text(alphabet="ab* ?[]!é", max_size=5)


@given(title=st.text(alphabet="ab é[]", max_size=8), patterns=st.lists(WORDS, max_size=4).map(tuple))
def test_a_pattern_for_a_whole_title_fits_as_fnmatch_has_it(title: str, patterns: tuple[str, ...]) -> None:
    plain = title.strip()
    said = {plain, undecorated(plain)} if plain and not plain[0].isalnum() else {plain}
    assert fits(title, patterns) is any(fnmatchcase(s, p) for s in said for p in patterns)


def matches(title: str, patterns: tuple[str, ...]) -> bool:
    """As 0.1 had it: a pattern for the title, or a word of it."""
    plain = title.casefold()
    words_of = {plain, *re.findall(r"\w+", plain), *re.findall(r"[\w/-]+", plain)}
    return any(fnmatchcase(word, p.casefold()) for word in words_of for p in patterns)


@given(st.text("ab -/*é[0-9]?", max_size=8), st.text("abé*?[0-9]", min_size=1, max_size=5))
def test_what_fitted_before_fits_still(title: str, pattern: str) -> None:
    if title and any(c.isalnum() for c in pattern) and matches(title, (pattern,)):
        assert shows(title, (pattern,))
