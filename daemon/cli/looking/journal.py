"""`unbusy journal`: what you wrote on the events of unbusy, as text, found again, or for other programs.

It reads nothing but the files of the journal; no account is asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

import click

from daemon.cli.session import Session
from daemon.model.errors import ConfigError

if TYPE_CHECKING:  # these cost more than `unbusy --help` should
    from daemon.journal import Journal
    from daemon.model.user.entry import Entry

FROM = click.option("--from", "first", metavar="DAY", help="First day, as in 2026-12-01.")
TO = click.option("--to", "last", metavar="DAY", help="Last day.")


@click.group()
def journal() -> None:
    """What you wrote on the events of unbusy."""


@journal.command()
@FROM
@TO
@click.pass_obj
def show(session: Session, first: str | None, last: str | None) -> None:
    """The answers of some days (default: the last seven)."""
    pages, today = _journal(session)
    start, end = day(first, today - timedelta(days=6)), day(last, date.max)
    _shown(entries(pages, start, end), "Nothing was written in these days.")


@journal.command()
@click.argument("words", nargs=-1, required=True)
@FROM
@TO
@click.pass_obj
def search(session: Session, words: tuple[str, ...], first: str | None, last: str | None) -> None:
    """The answers in which all of these words stand; upper or lower case is the same."""
    pages, _ = _journal(session)
    _shown(matching(entries(pages, day(first, date.min), day(last, date.max)), words), "Nothing was found.")


@journal.command()
@FROM
@TO
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
@click.pass_obj
def export(session: Session, first: str | None, last: str | None, as_json: bool) -> None:
    """All of it, or some days: as Markdown, or as JSON (docs/json.md)."""
    pages, _ = _journal(session)
    start, end = day(first, date.min), day(last, date.max)
    if as_json:
        rows = [entry_json(e) for e in entries(pages, start, end)]
        click.echo(json.dumps({"entries": rows}, ensure_ascii=False, indent=2))
        return
    for _, page in pages.pages(start, end):
        click.echo(page.encode(errors="surrogateescape"), nl=not page.endswith("\n"))


def entry_json(entry: Entry) -> dict[str, object]:
    """One row of `journal export --json`: `entries[]`."""
    return {
        "day": entry.day.isoformat(), "at": entry.at, "policy": entry.policy, "key": entry.key, "event": entry.event,
        "evidence": entry.evidence, "question": entry.question, "question_id": entry.question_id, "text": entry.text,
    }  # fmt: skip


def _journal(session: Session) -> tuple[Journal, date]:
    """The journal, and the day of this run."""
    from daemon.config import profile
    from daemon.stages.runtime import open_journal

    config = session.config()
    zone = profile(config).zone
    return open_journal(config), session.now(zone).astimezone(zone).date()


def matching(entries: Iterable[Entry], words: Iterable[str]) -> list[Entry]:
    """Those in which all of these words stand: in the answer, its question, or the title above it."""
    wanted = [word.casefold() for word in words]
    return [e for e in entries if all(w in f"{e.event}\n{e.question}\n{e.text}".casefold() for w in wanted)]


def entries(pages: Journal, first: date, last: date) -> list[Entry]:
    """The answers of some days."""
    from daemon.journal import answers

    return [block.entry for block in answers.read(pages, first, last)]


def day(text: str | None, otherwise: date) -> date:
    """A day as it is typed; ConfigError for what is none."""
    try:
        return date.fromisoformat(text) if text else otherwise
    except ValueError:
        raise ConfigError(f"{text!r} is not a day", "write it like 2026-12-01") from None


def _shown(entries: Iterable[Entry], otherwise: str) -> None:
    from daemon.cli.terminal import put

    for line in list(_lines(entries)) or [otherwise]:
        put(line)


def _lines(entries: Iterable[Entry]) -> Iterator[str]:
    """By day and event; what was written stands indented, as it was written."""
    from daemon.model.words import harmless, heading, one_line

    for day, rows in groupby(entries, key=lambda e: e.day):
        yield heading(day, year=True)
        for (at, event), answers in groupby(rows, key=lambda e: (e.at, e.event)):
            yield f"  {at.partition('T')[2] or 'all day'}  {one_line(event)}"
            for entry in answers:
                yield from ([f"    {one_line(entry.question)}"] if entry.question else [])
                yield from (f"      {harmless(line)}".rstrip() for line in entry.text.split("\n"))
