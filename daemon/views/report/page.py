"""A report as one page for a browser: it asks nothing of anybody, runs nothing, and is whole by itself.

What it shows of others' events is what may be said of them: a page is easily handed on.  Every word comes to it through
the template (`page.html`), which escapes by itself; the policy in its head allows its own style sheet and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from importlib.resources import files
from zoneinfo import ZoneInfo

from daemon.model.words import dates, moment
from daemon.views.report import Report
from daemon.views.report.parts import lead, parts, tiles

_FOOT = (
    "Meetings count as they are booked, also ahead; focus counts once it has come.",
    "Private appointments, and those of other accounts, are not named here.",
)


def rendered(report: Report, zone: ZoneInfo) -> str:
    """The whole page, as HTML (https://html.spec.whatwg.org)."""
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415  few have asked for it
    from markupsafe import Markup  # noqa: PLC0415  likewise

    page = files(__package__)
    css = (page / "page.css").read_text("utf-8")
    engine = Environment(autoescape=True, undefined=StrictUndefined)
    return engine.from_string((page / "page.html").read_text("utf-8")).render(
        title=f"Week {int(report.week.key[-2:])}",
        dates=dates(report.week.days[0], report.week.days[-1]),
        digest=_digest(css),
        css=Markup(css),  # noqa: S704  it is ours
        lead=lead(report),
        tiles=list(tiles(report)),
        parts=list(parts(report, zone)),
        foot=list(_foot(report, zone)),
    )


def _digest(css: str) -> str:
    """The source expression that allows this style sheet alone (https://www.w3.org/TR/CSP3/#grammardef-hash-source)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()}"


def _foot(report: Report, zone: ZoneInfo) -> Iterator[str]:
    yield f"Made by unbusy on {moment(report.now, zone, year=True)}. {_FOOT[0]}"
    yield _FOOT[1]
    if report.problems:
        yield f"Not everything could be read: {report.problems[0].where}."
