"""A report as one page for a browser: it asks nothing of anybody, runs nothing, and is whole by itself.

What it shows of others' events is what may be said of them: a page is easily handed on.  Every word comes to it through
the templates, which escape by themselves; the policy in its head allows its own style sheet and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator
from importlib.resources import files
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from daemon.model.words import dates, moment
from daemon.views.report import Report
from daemon.views.report.parts import lead, parts, tiles
from daemon.views.report.pictures import Picture

if TYPE_CHECKING:  # few ask for a page
    from jinja2 import Environment
    from markupsafe import Markup

_UNIT = re.compile(r"(?<=\d) (?=(?:h|min|%)(?!\w))|(?<=\d\Wh) (?=\d\d)")
_COUNTS = "Meetings count as they are booked, also ahead; focus counts once it has come."
_PRIVATE = "Private appointments, and those of other accounts, are not named here."


def rendered(report: Report, zone: ZoneInfo) -> str:
    """The whole page, as HTML (https://html.spec.whatwg.org)."""
    css = _css()
    return (
        _engine()
        .get_template("page.html")
        .render(
            title=f"Week {int(report.week.key[-2:])}",
            dates=dates(report.week.days[0], report.week.days[-1]),
            digest=_digest(css),
            css=css,
            lead=lead(report),
            tiles=list(tiles(report)),
            parts=list(parts(report, zone)),
            foot=list(_foot(report, zone)),
        )
    )


def alone(picture: Picture, legend: Iterable[tuple[str, str]]) -> str:
    """One of its pictures as a file of its own, as SVG."""
    drawing = _engine().get_template("drawing.html").make_module()
    return str(drawing.alone(picture, list(legend), _css()))  # type: ignore[attr-defined]  # a macro of the template


def _engine() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined  # noqa: PLC0415  few ask for a page

    loader = FunctionLoader(_file)
    engine = Environment(autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True, loader=loader)
    engine.filters["tight"] = _tight
    return engine


def _file(name: str) -> str:
    return (files(__package__) / name).read_text("utf-8")


def _css() -> Markup:
    from markupsafe import Markup  # noqa: PLC0415  as above

    return Markup(_file("page.css"))  # noqa: S704  it is ours


def _digest(css: str) -> str:
    """The source expression that allows this style sheet alone (https://www.w3.org/TR/CSP3/#grammardef-hash-source)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()}"


def _tight(text: str) -> str:
    """A figure stays with its unit: '6 h 30', '61 %'."""
    return _UNIT.sub("\N{NO-BREAK SPACE}", text)


def _foot(report: Report, zone: ZoneInfo) -> Iterator[str]:
    yield f"Made by unbusy on {moment(report.now, zone, year=True)}. {_COUNTS}"
    yield _PRIVATE
    if report.problems:
        yield f"Not everything could be read: {report.problems[0].where}."
