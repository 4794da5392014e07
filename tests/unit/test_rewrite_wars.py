"""When two programs write the same event: who stops, and when."""

from __future__ import annotations

import pytest

from daemon.model.owner import Field
from daemon.model.plan import Cause, Delete, Update
from daemon.planning.rewrite_wars import uncontested
from making import own
from payloads import draft

BLOCK = own("Thu 09:00-11:00")
MOVE = Update(
    before=BLOCK, draft=draft(mark=BLOCK.mark), fields=frozenset({Field.WHEN}), reason="it moves",
    cause=Cause.BETTER_PLACE,
)  # fmt: skip
GO = Delete(before=BLOCK, reason="it goes")
UID = BLOCK.event.ref.uid
HERE = dict(MOVE.mark.base)
THERE = HERE | {"when": "elsewhere"}
RENAMED = HERE | {"title": "other"}


@pytest.mark.parametrize(
    ("change", "before", "left"),
    [
        pytest.param(MOVE, [], False, id="the first time"),
        pytest.param(MOVE, [HERE, HERE], False, id="taken back twice"),
        pytest.param(MOVE, [HERE, HERE, HERE], True, id="taken back three times"),
        pytest.param(MOVE, [HERE, RENAMED, HERE, THERE], True, id="beside what is not in question"),
        pytest.param(MOVE, [HERE, THERE, HERE, THERE, HERE, THERE, HERE], False, id="moved back by us in between"),
        pytest.param(MOVE, [{}, {}, {}], False, id="deleted before"),
        pytest.param(GO, [{}, {}], False, id="restored twice"),
        pytest.param(GO, [{}, {}, {}], True, id="restored three times"),
        pytest.param(GO, [HERE, HERE, HERE], False, id="written before"),
    ],
)
def test_what_is_taken_back_too_often_is_left(
    change: Update | Delete, before: list[dict[Field, str]], left: bool
) -> None:
    changes, problems = uncontested([change], {UID: before, "another": [HERE] * 9 + [{}] * 9})
    assert (changes, len(problems)) == (() if left else (change,), int(left))
