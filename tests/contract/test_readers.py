"""Every kind of store that comes with unbusy is read as `reader.py` promises."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.reader import ReaderContract, ReaderStore
from contract.stores import READERS, opened


class TestReaders(ReaderContract):
    @pytest.fixture(params=READERS)
    def store(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ReaderStore]:
        with opened(request.param, request, tmp_path) as store:
            yield store
