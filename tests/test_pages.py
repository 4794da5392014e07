"""Every page of the docs: commands are run and their output is compared, configs are read, links lead somewhere."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from pathlib import Path

import click
import pytest
import tomli_w

import remedies
from daemon.cli.app import cli
from daemon.config import load
from daemon.example import example_config
from daemon.fleet import settings
from pages import BLOCK, ELSEWHERE, PAGES, ROOT, ZONE, Ada, Section, agrees, blocks, sections, with_block

SECTIONS = [(page, s) for page in PAGES if page not in ELSEWHERE for s in sections(page)]


def named(value: object) -> str:
    return value.title if isinstance(value, Section) else str(value)


@pytest.mark.parametrize(("page", "section"), [(p, s) for p, s in SECTIONS if s.steps], ids=named)
def test_commands_do_what_the_page_says(page: str, section: Section, tmp_path: Path) -> None:
    ada = Ada(tmp_path, section)
    for step in section.steps:
        said = ada.runs(step.command)
        assert agrees(said, step.said), f"`python tests/pages.py {page}` writes it anew\n$ {step.command}\n{said}"


def test_the_comparison_misses_nothing() -> None:
    assert agrees("a\nb\nc\n", "a\n…\nc\n")
    assert agrees("a\n", "a\n…\n")
    assert not agrees("a\nb\n", "a\n")
    assert not agrees("a\nb\nc\n", "a\n…\nb\n")


LINES = [
    (page, line)
    for page in PAGES
    for block in blocks((ROOT / page).read_text())
    if block.kind in {"sh", "console"}
    for line in block.text.replace("\\\n", " ").splitlines()
    if re.match(r"(\$ )?(sudo )?unbusy ", line)
]


@pytest.mark.parametrize(("page", "line"), LINES)
def test_every_command_that_a_page_names_is_one(page: str, line: str) -> None:
    words = shlex.split(re.split(r"[|>;&]", line.removeprefix("$ "))[0], comments=True)
    words = words[words.index("unbusy") + 1 :]
    context = cli.make_context("unbusy", words, resilient_parsing=True)
    command: click.Command = cli
    while isinstance(command, click.Group):
        name, found, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        assert found is not None
        command = found
        context = command.make_context(name, rest, parent=context, resilient_parsing=isinstance(found, click.Group))


@pytest.mark.parametrize("page", PAGES)
def test_every_config_is_one(page: str, tmp_path: Path) -> None:
    found = [b for b in blocks((ROOT / page).read_text()) if b.kind == "toml"]
    for block in (b for b in found if b.file):
        (tmp_path / block.file).write_text(block.text)
    base = tomllib.loads(example_config(str(tmp_path), ZONE.key, str(tmp_path / "state")))
    for block in (b for b in found if not b.file and page not in ELSEWHERE):
        if block.text.startswith("# /etc/unbusy/fleet.toml\n"):
            (tmp_path / "fleet.toml").write_text(block.text)
            fleet = settings.read(tmp_path / "fleet.toml")
            assert all(settings.config_of(fleet, cohort, {}, "ada@example.com") for cohort in fleet.cohorts)
            continue
        (tmp_path / "config.toml").write_text(tomli_w.dumps(with_block(base, block.text)))
        load(tmp_path / "config.toml")


@pytest.mark.parametrize("page", PAGES)
def test_every_block_of_json_is_json(page: str) -> None:
    for block in blocks((ROOT / page).read_text()):
        if block.kind == "json":
            json.loads(block.text)


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_leads_to_is_there(page: str) -> None:
    text = BLOCK.sub("", (ROOT / page).read_text())
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def anchors(page: Path) -> set[str]:
    """The names of its headings, as GitHub and MyST make them."""
    heads = re.findall(r"^#+ (.*)$", BLOCK.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_the_index_leads_to_every_page() -> None:
    listed = set(re.findall(r"\]\(([\w./-]+\.md)\)", (ROOT / "docs/index.md").read_text()))
    assert {p.removeprefix("docs/") for p in PAGES if p.startswith("docs/") and p != "docs/index.md"} <= listed


def test_every_message_with_a_remedy_is_on_its_page() -> None:
    assert len(remedies.messages()) > 100
    assert remedies.PAGE.read_text() == remedies.page(), "`python tests/remedies.py` writes it anew"
