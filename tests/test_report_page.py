"""`report --html`: a page that asks nothing of anybody, looked at in a real browser; and what it does not tell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

import drawing
from daemon.cli import main
from daemon.model.figures.series import series_costs
from daemon.model.figures.strips import SIGNS
from daemon.model.figures.told import Aim, NotMet, Quote
from daemon.model.plan import Problem
from daemon.model.times import WorkingHours, week_of
from daemon.model.words import NO_TITLE, TITLE, one_line
from daemon.views.report import Report, reported
from daemon.views.report.page import rendered
from daemon.views.report.text import lines
from living import Life
from making import MONDAY, ZONE, day, moment, profile, snapshot
from story import leader, report, with_

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HOSTILE = (
    "<script>document.title = 'taken'</script>",
    "<img src=x onerror=\"document.title='taken'\">",
    "</title></svg></style><b>bold",
    "\"' onload='document.title=1' x=\"",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;i&gt; &amp;",
    "javascript:document.title=1",
)
"""Titles, names and words that are text and nothing else."""
SCHEMES = ("light", "dark")
FORBIDDEN = (
    "connect-src", "frame-src", "img-src", "script-src-attr", "script-src-elem", "style-src-attr", "style-src-elem",
)  # fmt: skip
"""What the policy of the page keeps from loading and running."""


def hostile() -> Report:
    """A report in which all that comes from others, and all that the user has typed, is hostile."""
    blocks = ("Tue-4 09:00-11:00", "Thu-3 14:30-16:30", "Thu-4 14:30-16:30", "Fri-4 09:00-11:00", "Tue-3 09:00-11:00")
    meetings = [with_(when, text, text, uid=when) for when, text in zip(blocks, HOSTILE, strict=False)]
    made = report(*meetings)
    week = week_of(MONDAY, 0)
    told = replace(
        made.told,
        aims=tuple(Aim(week, text, landed=True) for text in HOSTILE),
        words=tuple(Quote(day("Tue"), f"“{text}”") for text in HOSTILE),
        not_met=tuple(NotMet(name=text, every=21, last=day("Mon-4")) for text in HOSTILE),
    )
    costs = tuple(
        replace(made.costs[0], latest=with_("Mon 10:00-11:00", text, "grace", uid=f"c{n}"))
        for n, text in enumerate(HOSTILE[:6])
    )
    return replace(made, told=told, costs=costs)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Report], str]:
    """The address of the page of a report."""
    folder = tmp_path_factory.mktemp("pages")

    def written(made: Report) -> str:
        path = folder / f"{len(list(folder.iterdir()))}.html"
        path.write_text(rendered(made, ZONE))
        return path.as_uri()

    return written


@pytest.fixture(scope="module", params=SCHEMES)
def shown(request: pytest.FixtureRequest, browser: Browser, file: Callable[[Report], str]) -> Iterator[Page]:
    """The page of the story, in light and in dark; `heard`: what the browser has asked for and said."""
    page = browser.new_page(color_scheme=request.param, viewport={"width": 1100, "height": 900})
    page.heard = heard = list[str]()
    page.on("request", lambda asked: heard.append(asked.url))
    page.on("console", lambda said: heard.append(f"{said.type}: {said.text}"))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.address = file(report())
    page.goto(page.address)
    yield page
    page.close()


# -- in a browser -----------------------------------------------------------------------------------------------------


def test_it_asks_for_nothing_and_complains_of_nothing(shown: Page) -> None:
    assert shown.heard == [shown.address]


def test_every_picture_is_drawn(shown: Page) -> None:
    """Each is something else than the card behind it, and every kind in its legend has a look of its own."""
    pictures = shown.locator("svg.picture")
    assert pictures.count() == 3
    for picture in pictures.all():
        there = picture.screenshot()
        picture.evaluate("p => { for (const c of p.children) c.setAttribute('visibility', 'hidden') }")
        assert picture.screenshot() != there
        picture.evaluate("p => { for (const c of p.children) c.removeAttribute('visibility') }")
    look = "r => { const s = getComputedStyle(r); return s.fill + s.stroke }"
    looks = {
        r.get_attribute("class"): r.evaluate(look) for r in shown.locator("svg.picture").first.locator("rect").all()
    }
    assert len(set(looks.values())) == len(looks) == 6, looks


def test_light_and_dark_are_two(browser: Browser, file: Callable[[Report], str]) -> None:
    page, seen = browser.new_page(), []
    page.goto(file(report()))
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        seen.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    page.close()
    assert len(set(seen)) == 2


def test_nobody_is_kept_out(shown: Page) -> None:
    """By axe-core: contrast, names of pictures, headings, tables; also in the tables that are closed at first."""
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415  only with a browser

    shown.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
    found = Axe().run(shown)
    assert not found.response["violations"], found.generate_report()
    assert shown.evaluate("axe.version") >= "4"


def test_what_others_write_is_text(browser: Browser, file: Callable[[Report], str]) -> None:
    page, heard = browser.new_page(), list[str]()
    page.on("request", lambda asked: heard.append(asked.url))
    page.on("console", lambda said: heard.append(said.text))
    page.goto(address := file(hostile()))
    page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
    text = page.locator("body").text_content() or ""
    assert [said for said in HOSTILE if text.count(said) < 3] == []
    took = page.get_by_role("table", name="Focus time by meeting").text_content() or ""
    assert [said for said in HOSTILE[:5] if f"{said}, {said}@example.com" not in took] == []
    assert page.title() == "Week 49 – unbusy"
    assert page.locator("script, img, iframe, object, b, i, body [onload], a").count() == 0
    assert heard == [address]
    page.close()


def test_its_policy_holds(browser: Browser, file: Callable[[Report], str]) -> None:
    """Were there a hole in the escaping, the browser would still load, run and style nothing."""
    page = browser.new_page()
    got = list[str]()
    page.on("requestfinished", lambda asked: got.append(asked.url))
    page.goto(address := file(report()))
    blocked = page.evaluate(
        """async count => {
            const seen = new Set()
            const all = new Promise(done => {
                document.addEventListener('securitypolicyviolation', e => {
                    seen.add(e.effectiveDirective)
                    if (seen.size === count) done()
                })
                setTimeout(done, 20000)
            })
            document.body.insertAdjacentHTML('beforeend', `<img src="http://127.0.0.1:9/i"><style>p{}</style>
                <p style="color:red"></p><iframe src="http://127.0.0.1:9/f"></iframe>
                <svg onload="document.title='x'"/>`)
            const script = document.createElement('script')
            script.textContent = "document.title = 'taken'"
            document.body.append(script)
            fetch('http://127.0.0.1:9/').catch(() => 0)
            await all
            return [...seen].sort()
        }""",
        len(FORBIDDEN),
    )
    assert tuple(blocked) == FORBIDDEN
    assert page.title() == "Week 49 – unbusy"
    assert got == [address]
    page.close()


def test_it_is_whole_without_script(browser: Browser, file: Callable[[Report], str]) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file(report()))
    page.get_by_text("As a table").first.click()
    assert page.get_by_role("table", name="Time of each day").is_visible()
    context.close()


def test_nothing_sticks_out_of_a_screen(browser: Browser, file: Callable[[Report], str]) -> None:
    page = browser.new_page()
    page.goto(file(hostile()))
    for width in (320, 375, 800, 1600):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_it_prints_on_two_pages(browser: Browser, file: Callable[[Report], str]) -> None:
    page = browser.new_page()
    page.goto(file(report()))
    printed = page.pdf(prefer_css_page_size=True)
    page.close()
    assert printed.startswith(b"%PDF")
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= 2


# -- as text in a client ----------------------------------------------------------------------------------------------

FONTS = (
    "sans-serif",
    "serif",
    "monospace",
    "system-ui",
    "DejaVu Sans",
    "DejaVu Serif",
    "Liberation Sans",
    "Liberation Serif",
)


def test_the_signs_of_the_review_are_equally_wide_in_any_font(browser: Browser) -> None:
    """As a client shows it that makes HTML of a description; a picture that is a little off is none."""
    page = browser.new_page()
    signs = sorted(set(SIGNS.values()))
    page.set_content("".join(f"<span>{sign * 17}</span><br>" for sign in signs))
    for font in FONTS:
        page.evaluate("font => { document.body.style.fontFamily = `'${font}', ${font}` }", font)
        widths = page.locator("span").evaluate_all("spans => spans.map(s => s.getBoundingClientRect().width)")
        assert max(widths) - min(widths) < max(widths) / 17 / 2, (font, dict(zip(signs, widths, strict=True)))
    page.close()


# -- what it tells ----------------------------------------------------------------------------------------------------


def test_titles_that_may_not_be_said_are_not() -> None:
    """Neither who belongs to them; where the user looks by themself, they are."""
    secret = (
        with_("Fri 09:00-10:00", "Oncology", "weiss", uid="oncology", spoken=""),
        with_("Thu 10:00-17:00", "School board", "novak", uid="school", spoken="", series=True),
    )
    made = report(*secret)
    page = rendered(made, ZONE)
    assert not [word for word in ("Oncology", "weiss", "School", "novak", "Dentist") if word in page]
    assert page.count("a private appointment") == 3, "as what took focus, as whose that was, and as a series"
    assert "School board, novak@example.com" in "\n".join(lines(made))


class Parsed(HTMLParser):
    """What a parser of HTML makes of a page: its elements, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements, self.text = set[str](), ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        assert not [name for name, _ in attrs if name.startswith("on") or name in {"src", "href", "style"}]

    def handle_data(self, data: str) -> None:
        self.text += data


PLAIN = Parsed(rendered(report(), ZONE)).elements


PIECES = (
    "<", ">", "</", "<b>", "<i", "<script>", "<!--", "]]>", "&", "&lt;", '"', "'", " onload=", "{{", "}}", "{% raw %}",
    "x", " ", "\u202e", "é", "\0", "定",
)  # fmt: skip
MARKUP = st.lists(st.sampled_from(PIECES), max_size=8).map("".join) | st.text(max_size=30)


@settings(max_examples=25)
@given(title=MARKUP, who=MARKUP, clock=st.integers(0, 22), starts=st.integers(0, 6))
def test_whatever_a_title_holds_the_page_is_the_same_but_for_its_text(
    title: str, who: str, clock: int, starts: int
) -> None:
    meeting = with_(f"Thu {clock:02}:00-{clock + 1:02}:30", title, who, uid="x", series=True)
    at = replace(leader(meeting), profile=profile(week_starts=starts))
    costs = tuple(replace(cost, latest=meeting) for cost in series_costs(at, day("Mon"), day("Sun")))
    page = Parsed(rendered(replace(reported(at, 2), costs=costs), ZONE))
    assert page.elements <= PLAIN
    assert (one_line(title, TITLE) or NO_TITLE) in page.text


def test_a_page_says_what_could_not_be_read() -> None:
    made = replace(report(), problems=(Problem("home", "no connection"),))
    assert "Not everything could be read: home." in rendered(made, ZONE)
    assert "Not everything" not in rendered(report(), ZONE)


def test_a_page_of_a_calendar_without_anything() -> None:
    page = rendered(reported(snapshot(who=profile(hours=WorkingHours(((),) * 7))), 1), ZONE)
    assert "Nothing is booked" in page


@pytest.fixture
def life(tmp_path: Path) -> Life:
    life = Life(tmp_path)
    life.meet("Mon 09:00-10:00", "Budget <b>")
    life.apply()
    life.now = moment("Thu 10:00")
    return life


def unbusy(life: Life, *args: str) -> int:
    return main(["--config", str(life.base / "config.toml"), "--now", f"{life.now:%Y-%m-%dT%H:%M%z}", *args])


def test_a_page_is_for_nobody_else(life: Life, capsys: pytest.CaptureFixture[str]) -> None:
    """It is whole or not there; a link in its place is replaced, and what it led to stands."""
    page, other = life.base / "week.html", life.base / "other"
    other.write_text("mine")
    page.symlink_to(other)
    assert unbusy(life, "report", "--html", str(page)) == 0
    assert not page.is_symlink()
    assert page.stat().st_mode & 0o777 == 0o600
    assert other.read_text() == "mine"
    assert page.read_text().endswith("</html>\n")
    heard = capsys.readouterr()
    assert (heard.out, "Wrote" in heard.err) == ("", True)
    assert sorted(p.name for p in life.base.iterdir()) == ["calendars", "config.toml", "other", "state", "week.html"]


def test_where_no_page_can_be_written_that_is_said(life: Life, capsys: pytest.CaptureFixture[str]) -> None:
    assert unbusy(life, "report", "--html", str(life.base / "none" / "week.html")) == 1
    assert "cannot write" in capsys.readouterr().err


def test_picture_and_text_in_the_docs_are_as_they_are_made() -> None:
    assert drawing.PICTURE.read_text() == drawing.drawn(), "run `make pictures`"
    assert drawing.PAGE.read_text() == drawing.told(), "run `make pictures`"
