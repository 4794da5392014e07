"""The picture in docs/report.md, and the text beside it: `make pictures`."""

from __future__ import annotations

from pathlib import Path

from daemon.views.report import reported
from daemon.views.report.page import alone
from daemon.views.report.parts import parts
from daemon.views.report.text import lines
from making import ZONE
from story import leader, report

DOCS = Path(__file__).parents[1] / "docs"
PICTURE, PAGE = DOCS / "report.svg", DOCS / "report.md"
BEGIN, END = "```text\n", "\n```\n"


def drawn() -> str:
    """The week of the story as a heat map."""
    first = next(parts(report(), ZONE))
    assert first.picture
    return alone(first.picture, first.legend)


def told() -> str:
    """The page with the last two weeks of the story as `unbusy report --weeks 2` prints them."""
    page = PAGE.read_text()
    start = page.index(BEGIN) + len(BEGIN)
    return page[:start] + "\n".join(lines(reported(leader(), 2))) + page[page.index(END, start) :]


if __name__ == "__main__":
    PICTURE.write_text(drawn())
    PAGE.write_text(told())
