"""The journal as Markdown files, one a day, that the user may read, keep and search without unbusy."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

from msgspec import Struct

from daemon.model.errors import UnbusyError
from daemon.system.state_files import make_folder, read_file, replace_file

_PAGE = re.compile(r"\d{4}-\d\d-\d\d\.md", re.ASCII)


class JournalFolder(Struct, frozen=True):
    """See `Journal`."""

    path: Path

    def pages(self, first: date = date.min, last: date = date.max) -> Iterator[tuple[date, str]]:
        """UnbusyError where a file cannot be read."""
        folder = self.path
        try:
            names = sorted(p.name for p in folder.iterdir() if _PAGE.fullmatch(p.name)) if folder.exists() else ()
            for name in names:
                with suppress(ValueError):  # no day of any calendar
                    day = date.fromisoformat(name[:10])
                    if first <= day <= last:
                        yield day, _read(folder / name)
        except OSError as e:
            raise UnbusyError(
                f"cannot read the journal {e.filename or folder}: {e.strerror}", "mend its rights"
            ) from e  # fmt: skip

    def rewrite(self, day: date, change: Callable[[str], str]) -> None:
        """A file that is not changed is not written."""
        path = self.path / f"{day.isoformat()}.md"
        try:
            make_folder(self.path)
            before = _read(path) if os.path.lexists(path) else ""
            after = change(before or f"# {day.isoformat()}\n\n")
            if after != before:
                replace_file(path, after.encode(errors="surrogateescape"))
        except OSError as e:
            raise UnbusyError(
                f"cannot write the journal {path}: {e.strerror}", "free some space or mend its rights"
            ) from e  # fmt: skip


def _read(path: Path) -> str:
    """Bytes that are no UTF-8 come as lone surrogates."""
    return read_file(path).decode(errors="surrogateescape")
