"""The history of years stays within a bound: a user's calendar from January to January, and again.

A week has a Monday on which blocks are made and a Thursday on which one of them has to move.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from daemon.stages import applying
from living import Life

WEEKS = 8
"""That the history lasts here, so that a year tells."""


@pytest.mark.parametrize("store", ["memory"])
def test_over_a_year_the_history_stops_growing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: str) -> None:
    monkeypatch.setattr(applying, "KEPT", timedelta(weeks=WEEKS))
    monkeypatch.setattr(applying, "NEWEST", 3)
    life = Life(tmp_path, store=store, top="horizon = '1d'\nlookback = '1d'")  # type: ignore[arg-type]  # one of them
    rows, begun = list[int](), life.now
    for week in range(52):
        for day in (0, 3):
            life.now = begun + timedelta(weeks=week, days=day)
            life.apply()
            if day == 0:
                now = life.now + timedelta(hours=26)
                meet(life, now.strftime("%Y%m%dT%H0000Z"), week)
        with life.runtime() as runtime:
            found = runtime.ledger.database.rows("SELECT count(*), min(run) FROM change")
            rows.append(found[0][0])
            oldest = runtime.ledger.runs.latest(10_000)[-1]
            assert life.now - oldest.at <= timedelta(weeks=WEEKS) + timedelta(days=4)
    assert rows[-1] > 0
    assert max(rows[WEEKS + 2 :]) <= 1.5 * rows[WEEKS + 1], rows


def meet(life: Life, start: str, n: int) -> None:
    at = f"DTSTART:{start}\nDURATION:PT6H\n"
    head = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\n"
    text = f"{head}UID:m{n}\nDTSTAMP:20261101T000000Z\nSUMMARY:Meeting\n{at}END:VEVENT\nEND:VCALENDAR\n"
    life.put(f"m{n}.ics", text.encode())
