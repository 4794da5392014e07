"""When two programs write the same event: who stops, when, and for how long."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from daemon.model.owner import Field
from daemon.model.plan import Cause, Delete, Update
from daemon.model.snapshot import Contest
from daemon.planning.restraint.rewrite_wars import Base, Write, uncontested, writer
from making import ZONE, moment, own
from payloads import draft

BLOCK = own("Thu 09:00-11:00")
MOVE = Update(
    before=BLOCK, draft=draft(mark=BLOCK.mark), fields=frozenset({Field.WHEN}), reason="it moves",
    cause=Cause.BETTER_PLACE,
)  # fmt: skip
GO = Delete(before=BLOCK, reason="it goes")
UID = BLOCK.event.ref.uid
STANDS = dict(BLOCK.mark.base)
HERE = dict(MOVE.mark.base)
THERE = HERE | {Field.WHEN: "elsewhere"}
THIRD = HERE | {Field.WHEN: "a third place"}
RENAMED = HERE | {Field.TITLE: "other"}
NONE: Base = {}
AT = moment("Mon 08:00")
TODAY, LATER = date(2026, 11, 30), date(2026, 12, 1)


def writes(*pairs: tuple[Base, Base], ordered: bool = False) -> list[Write]:
    """Some writes, a minute apart, each as what was found and what was asked for."""
    return [Write(AT + timedelta(minutes=n), *pair, ordered=ordered) for n, pair in enumerate(pairs)]


@pytest.mark.parametrize(
    ("change", "before", "left"),
    [
        pytest.param(MOVE, [], False, id="the first time"),
        pytest.param(MOVE, writes((NONE, STANDS)), False, id="it was made and stands as it was made"),
        pytest.param(MOVE, writes(*[(STANDS, HERE)] * 2), False, id="taken back twice"),
        pytest.param(MOVE, writes(*[(STANDS, HERE)] * 3), True, id="taken back three times"),
        pytest.param(MOVE, writes((STANDS, HERE), (STANDS, THERE), (STANDS, THIRD)), True, id="whatever it was"),
        pytest.param(
            MOVE, writes((STANDS, HERE), (THERE, HERE), (RENAMED | {Field.WHEN: "b"}, HERE)), True, id="by anything"
        ),
        pytest.param(
            MOVE, writes((HERE, RENAMED), (HERE, RENAMED), (HERE, RENAMED), (STANDS, STANDS)), True, id="any field"
        ),
        pytest.param(
            MOVE, writes(*[(THERE, HERE), (HERE, THERE)] * 3), True, id="A, B, A, B: moved back by us in between"
        ),
        pytest.param(MOVE, writes(*[(THERE, HERE), (HERE, THERE)] * 2), False, id="A, B, A, B: twice"),
        pytest.param(
            MOVE, writes((NONE, STANDS), *[(STANDS, STANDS)] * 9), False, id="what was not written is no write"
        ),
        pytest.param(MOVE, writes(*[(STANDS, HERE)] * 9, ordered=True), False, id="what the user ordered is no war"),
        pytest.param(MOVE, writes(*[(STANDS, NONE)] * 2), False, id="restored twice, then moved"),
        pytest.param(GO, writes(*[(STANDS, NONE)] * 2), False, id="restored twice"),
        pytest.param(GO, writes(*[(STANDS, NONE)] * 3), True, id="restored three times"),
        pytest.param(GO, writes((NONE, THERE), (THERE, HERE), (HERE, STANDS)), False, id="written before, by us alone"),
    ],
)
def test_what_comes_back_changed_too_often_is_left(
    change: Update | Delete, before: Sequence[Write], left: bool
) -> None:
    others = writes(*[(STANDS, HERE)] * 9)
    found = uncontested([change], {UID: before, "another": others}, {}, ZONE)
    assert (found.changes, len(found.problems)) == (() if left else (change,), int(left))
    assert found.contests == ({UID: Contest((TODAY,))} if left else {})


@pytest.mark.parametrize(
    ("known", "before", "left", "days"),
    [
        pytest.param(Contest((TODAY,)), [], False, (TODAY,), id="after one such day it is tried again"),
        pytest.param(Contest((TODAY, LATER)), [], True, (TODAY, LATER), id="after two it rests, whatever the time"),
        pytest.param(Contest((TODAY, LATER), (Field.WHEN,)), [], False, (TODAY, LATER), id="until the user acts"),
        pytest.param(
            Contest((date(2026, 11, 29),)), writes(*[(STANDS, HERE)] * 3), True, (date(2026, 11, 29), TODAY),
            id="the second day",
        ),
        pytest.param(Contest((TODAY,)), writes(*[(STANDS, HERE)] * 3), True, (TODAY,), id="the same day twice is one"),
    ],
)  # fmt: skip
def test_after_the_second_day_it_rests_until_the_user_acts(
    known: Contest, before: Sequence[Write], left: bool, days: tuple[date, ...]
) -> None:
    found = uncontested([MOVE], {UID: before}, {UID: known}, ZONE)
    assert (not found.changes, found.contests[UID].days) == (left, days)
    rests = [("rests until you edit or delete it" in p.what, "--force" in p.remedy) for p in found.problems]
    assert rests == ([(len(days) == 2,) * 2] if left else [])


@pytest.mark.parametrize(
    ("program", "by", "name"),
    [
        pytest.param("", "", "another program", id="nothing is known"),
        pytest.param("-//Apple//iOS 19//EN", "", "another program (‘-//Apple//iOS 19//EN’)", id="it names itself"),
        pytest.param("x\n#skip ‘y’", "", "another program (‘x ＃skip ʼyʼ’)", id="in one line, quoted, and no order"),
        pytest.param(
            "-//unbusy//unbusy//EN",
            "",
            "another installation of unbusy, or a program that puts old copies back,",
            id="a copy of ours",
        ),
        pytest.param("-//unbusy//unbusy//EN", "a1b2c3", "another installation of unbusy (a1b2c3)", id="a second one"),
        pytest.param("", "myself", "another program", id="our own name is no other writer"),
    ],
)
def test_the_other_writer_is_named_as_well_as_can_be_known(program: str, by: str, name: str) -> None:
    event = replace(BLOCK.event, program=program, mark=replace(BLOCK.mark, by=by))
    assert writer(event, "myself") == name
