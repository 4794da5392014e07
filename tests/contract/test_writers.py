"""Every kind of store that can be written to is written as `writer.py` promises."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors import CONNECTORS
from connectors.local.vdir import Vdir, VdirOptions
from contract.stores import WRITERS, Remembered, writer
from contract.writer import WriterContract, WriterStore
from memory import NOW


class TestWriters(WriterContract):
    @pytest.fixture(params=WRITERS)
    def store(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[WriterStore]:
        with writer(request.param, request, tmp_path) as store:
            yield store


def test_the_table_names_what_comes_with_unbusy() -> None:
    assert {name for name in CONNECTORS if CONNECTORS[name].writes} == {"caldav", "google", "vdir"}
    found = CONNECTORS["vdir"].open("home", VdirOptions(path="~/.calendars"), lambda: NOW, str, Remembered())
    assert isinstance(found, Vdir)
    assert found.root == Path.home() / ".calendars"
