"""The pages as a site: whole, from a folder, without any request to anywhere, and with a search that finds."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pages import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as `make docs` does; a warning of Sphinx would end it."""
    to = tmp_path_factory.mktemp("site")
    subprocess.run([sys.executable, "docs/make_site.py", str(to)], cwd=ROOT, check=True)
    return to


def test_every_page_is_there_and_loads_nothing_from_elsewhere(site: Path) -> None:
    pages = {p.stem for p in (ROOT / "docs").glob("*.md")} | {
        "readme",
        "contributing",
        "changelog",
        "systemd",
        "config",
    }
    assert pages <= {p.stem for p in site.glob("*.html")}
    for page in site.glob("*.html"):
        loads = re.findall(r"<(?:link|script|img|iframe|source)\b[^>]*?(?:href|src)=\"([^\"]*)\"", page.read_text())
        assert loads
        assert [load for load in loads if "//" in load] == [], page.name
    for style in site.glob("_static/**/*.css"):
        assert not re.search(r"(url\(|@import)\s*[\"']?(https?:)?//", style.read_text()), style.name


def test_the_search_finds_from_a_folder_without_a_network(site: Path, browser: Browser) -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site.as_uri()}/index.html")
    page.fill("input[name=q]", "pharmacy")
    page.press("input[name=q]", "Enter")
    page.wait_for_selector("#search-results li a")
    found = page.locator("#search-results li a").evaluate_all("links => links.map(link => link.href)")
    page.close()
    assert any("/mirror.html" in link for link in found)
    assert not any("/glossary.html" in link for link in found)
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
