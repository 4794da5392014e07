"""The pages as a site: `python docs/make_site.py FOLDER`.

Sphinx with Furo, which asks for nothing from anywhere: the site is read from a folder, its search too.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from sphinx.application import Sphinx

ROOT = Path(__file__).parent.parent
BESIDE = {
    "README.md": "readme.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md",
    "systemd/README.md": "systemd.md",
}  # fmt: skip
"""Pages that stand elsewhere in the repository, with their names in the site."""
EXAMPLE = "config.example.toml"
LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")
SETTINGS = {
    "project": "unbusy", "author": "", "copyright": "", "release": version("unbusy"), "language": "en",
    "extensions": ["myst_parser"], "myst_heading_anchors": 4, "html_theme": "furo", "html_title": "unbusy",
    "html_show_sphinx": False, "html_show_copyright": False, "html_copy_source": False,
    "html_show_search_summary": False,  # it would be fetched, which a browser refuses for files
    "html_theme_options": {"top_of_page_buttons": []}, "exclude_patterns": [], "nitpicky": True,
}  # fmt: skip


def build(to: Path) -> None:
    """The site in a folder; whatever Sphinx warns of is an error."""
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch) / "source"
        source.mkdir()
        for name, text in pages().items():
            (source / name).write_text(text)
        for picture in (ROOT / "docs").glob("*.svg"):
            (source / picture.name).write_bytes(picture.read_bytes())
        app = Sphinx(
            str(source), None, str(to), f"{scratch}/doctrees", "html", SETTINGS, status=None, warningiserror=True
        )
        app.build()


def pages() -> dict[str, str]:
    """Each page by its name in the site, with links that hold there."""
    found = {path.name: path for path in sorted((ROOT / "docs").glob("*.md"))}
    found |= {name: ROOT / path for path, name in BESIDE.items()}
    texts = {name: linked(path.read_text(), path.parent) for name, path in found.items()}
    texts["index.md"] += "".join(tables(texts["index.md"]))
    texts["config.md"] = f"# {EXAMPLE}\n\n```toml\n{(ROOT / EXAMPLE).read_text()}```\n"
    return texts


def linked(text: str, folder: Path) -> str:
    """A page with its links as they are in the site; what is not in it stays as words."""

    def link(found: re.Match[str]) -> str:
        words, target = found.groups()
        path, _, anchor = target.partition("#")
        if "://" in target or not path:
            return found[0]
        place = (folder / path).resolve().relative_to(ROOT).as_posix()
        name = BESIDE.get(place) or ("config.md" if place == EXAMPLE else place.removeprefix("docs/"))
        inside = place in BESIDE or place == EXAMPLE or Path(place).parent == Path("docs")
        return f"[{words}]({name}{'#' * bool(anchor)}{anchor})" if inside else words

    return LINK.sub(link, text)


def tables(index: str) -> Iterator[str]:
    """What stands at the side of each page: the sections of the index."""
    for section in re.split(r"^## ", index, flags=re.MULTILINE)[1:]:
        title = section.partition("\n")[0]
        names = dict.fromkeys(m[2].partition("#")[0].removesuffix(".md") for m in LINK.finditer(section))
        yield f"\n```{{toctree}}\n:hidden:\n:caption: {title}\n\n" + "".join(f"{name}\n" for name in names) + "```\n"


if __name__ == "__main__":
    build(Path(sys.argv[1]))
