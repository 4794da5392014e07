"""The files that come with the program beside its packages: docs, the example of a config, units, man pages.

Installed they stand under PREFIX/share, where the record of the distribution says; in a source tree, in the tree.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from daemon.model.errors import UnbusyError

TREE = Path(__file__).parents[2]
"""The top of a source tree, where this is one."""


def shared(name: str) -> Path:
    """A file by its name in the source tree, 'docs/calendar.md'."""
    if (TREE / "pyproject.toml").is_file() and (TREE / name).is_file():
        return TREE / name
    for path in _installed():
        if path.as_posix().endswith(f"share/unbusy/{name}") and path.is_file():
            return path
    raise UnbusyError(f"{name} was not installed with unbusy", "install it anew, with pipx or pip")


def pages() -> dict[str, Path]:
    """The pages of the docs by their names, 'calendar'."""
    folder = TREE / "docs"
    here = folder.glob("*.md") if (TREE / "pyproject.toml").is_file() else ()
    found = [*here] or [p for p in _installed() if p.parent.as_posix().endswith("share/unbusy/docs")]
    return {path.stem: path for path in sorted(found)}


def _installed() -> list[Path]:
    try:
        files = distribution("unbusy").files or ()
    except PackageNotFoundError:
        return []
    return [Path(str(file.locate())).resolve() for file in files if "share/unbusy/" in file.as_posix()]
