"""What somebody could try who may send invitations: in their words, their attendee lines, and in great number.

A rule declines whatever is called a demo; Monday 30 November 2026, 07:00.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from daemon.ledger.notes import REPLIES
from daemon.model.event import PartStat
from daemon.model.user.reply import Sent
from daemon.model.words import harmless
from effort import statements
from living import EVENT, ONLY_FOCUS, Life
from making import ME, meeting, moment, snapshot, span
from policies.invitations.options import InvitationsOptions
from policies.invitations.policy import propose

RULES = ONLY_FOCUS + (
    "[policies.focus]\nenabled = false\n[policies.invitations]\nenabled = true\n"
    '[[policies.invitations.rules]]\ntitle = ["demo*"]\nanswer = "decline"\ncomment = "No time"\n'
)
MINE = f"ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:{ME}\n"
BOB = "ORGANIZER:mailto:bob@example.com\nATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@example.com\n"


@pytest.fixture
def life(tmp_path: Path) -> Life:
    return Life(tmp_path, policies=RULES, top='[people]\nboss = ["leader@example.com"]\n')


def arrives(life: Life, more: str, title: str = "Demo", when: str = "Thu 10:00-11:00", uid: str = "it") -> bytes:
    life.meet(when, title, uid=uid, more=f"CREATED:20261116T080000Z\n{more}")
    return life.get(f"{uid}.ics")


# -- lines that are nearly the user's ---------------------------------------------------------------------------------

NEARLY = {
    "a longer domain": "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ada@example.com.evil.org",
    "a longer name": "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:nada@example.com",
    "another letter that looks the same": "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:\u0430da@example.com",
    "the address as a name": f'ATTENDEE;CN="mailto:{ME}";PARTSTAT=NEEDS-ACTION:mailto:eve@example.com',
    "the address as a parameter beside another": f"ATTENDEE;EMAIL={ME};PARTSTAT=NEEDS-ACTION:mailto:eve@example.com",
    "sent by the user for somebody": f'ATTENDEE;SENT-BY="mailto:{ME}";PARTSTAT=NEEDS-ACTION:mailto:eve@example.com',
    "handed over by the user": f'ATTENDEE;DELEGATED-FROM="mailto:{ME}";PARTSTAT=NEEDS-ACTION:mailto:eve@example.com',
    "handed over to the user": f'ATTENDEE;DELEGATED-TO="mailto:{ME}";PARTSTAT=NEEDS-ACTION:mailto:eve@example.com',
    "a member of a group": f'ATTENDEE;CUTYPE=GROUP;MEMBER="mailto:{ME}":mailto:all@example.com',
    "escaped": "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ada%40example.com",
    "with a subject": f"ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:{ME}?subject=yes",
    "another scheme": f"ATTENDEE;PARTSTAT=NEEDS-ACTION:sip:{ME}",
    "another property": f"X-ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:{ME}",
    "in the description": f"DESCRIPTION:ATTENDEE\\;PARTSTAT=NEEDS-ACTION:mailto:{ME}",
    "in an alarm": f"BEGIN:VALARM\nACTION:EMAIL\nATTENDEE:mailto:{ME}\nEND:VALARM",
    "as a room": f"ATTENDEE;CUTYPE=ROOM;PARTSTAT=NEEDS-ACTION:mailto:{ME}",
}


@pytest.mark.parametrize("line", NEARLY.values(), ids=NEARLY)
def test_nothing_is_written_on_any_other_line(life: Life, line: str) -> None:
    before = arrives(life, f"{BOB}{line}\n")
    life.apply()
    assert life.get("it.ics") == before


EQUAL = {
    "in other case": ("ATTENDEE;PARTSTAT=needs-action:MAILTO:ADA@Example.Com", "needs-action"),
    "with a tag": ("ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ada+lists@example.com", "NEEDS-ACTION"),
    "with another sender": (
        f'ATTENDEE;SENT-BY="mailto:eve@example.com";PARTSTAT=NEEDS-ACTION:mailto:{ME}', "NEEDS-ACTION"
    ),
    "a name that looks like an answer": (
        f'ATTENDEE;CN="Ada;PARTSTAT=ACCEPTED";PARTSTAT=NEEDS-ACTION:mailto:{ME}', "NEEDS-ACTION"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("line", "word"), EQUAL.values(), ids=EQUAL)
def test_the_users_line_is_known_however_it_is_written(life: Life, line: str, word: str) -> None:
    before = arrives(life, f"{BOB}{line}\n")
    life.apply()
    assert life.get("it.ics") == before.replace(line.encode(), line.replace(word, "DECLINED").encode())
    assert life.changes() == []


# -- messages and parts of series -------------------------------------------------------------------------------------


def message(life: Life, method: str) -> bytes:
    text = EVENT.format(uid="it", title="Demo", more=BOB + MINE, **_ends("Thu 10:00-11:00"))
    life.put("it.ics", text.replace("VERSION:2.0\n", f"VERSION:2.0\nMETHOD:{method}\n").encode())
    return life.get("it.ics")


def _ends(when: str) -> dict[str, object]:
    at = span(when)
    return {"start": at.start, "end": at.end}


@pytest.mark.parametrize("method", ["COUNTER", "CANCEL", "REPLY", "DECLINECOUNTER", "REFRESH", "ADD", "PUBLISH"])
def test_a_message_about_an_event_is_no_invitation(life: Life, method: str) -> None:
    before = message(life, method)
    life.apply()
    assert life.get("it.ics") == before
    assert life.changes() == [], "it is not tried again and again"


def test_what_a_store_refuses_is_told_once(life: Life) -> None:
    message(life, "COUNTER")
    life.apply()
    with life.runtime() as runtime:
        assert [r.sent for r in (REPLIES.get(runtime.ledger.drawer) or {}).values()] == [Sent.REFUSED]
        assert [c.outcome for run in runtime.ledger.runs.latest(5) for c in run.changes] == ["refused"]


def parts(life: Life, *rids: str, master: str = "", reply: str = "NEEDS-ACTION") -> bytes:
    """A series in one file: these instances by themselves, and perhaps its master."""
    lines = MINE.replace("NEEDS-ACTION", reply)
    head = "BEGIN:VEVENT\nUID:it\nDTSTAMP:20261101T000000Z\nCREATED:20261101T000000Z\nSUMMARY:Demo\n"
    at = "DTSTART:{0}T090000Z\nDTEND:{0}T093000Z\n"
    blocks = [f"{head}{at.format('20261201')}RRULE:FREQ=WEEKLY;COUNT=4\n{BOB}{lines}END:VEVENT\n"] * bool(master)
    blocks += [f"{head}{at.format(r)}RECURRENCE-ID:{r}T090000Z\n{BOB}{MINE}END:VEVENT\n" for r in rids]
    life.put("it.ics", f"BEGIN:VCALENDAR\nVERSION:2.0\n{''.join(blocks)}END:VCALENDAR\n".encode())
    return life.get("it.ics")


def test_one_instance_of_a_series_is_answered_by_itself(life: Life) -> None:
    before = parts(life, "20261208")
    life.apply()
    assert life.get("it.ics") == before.replace(b"NEEDS-ACTION:mailto:ada", b"DECLINED:mailto:ada")


def test_of_several_instances_none_is_answered_for_another(life: Life) -> None:
    before = parts(life, "20261208", "20261215")
    life.apply()
    assert life.get("it.ics") == before


def test_an_instance_that_was_moved_is_not_answered_for_a_series_that_was_accepted(life: Life) -> None:
    before = parts(life, "20261208", master="yes", reply="ACCEPTED")
    life.apply()
    assert life.get("it.ics") == before


def test_a_series_is_answered_and_an_instance_that_was_moved_is_left(life: Life) -> None:
    before = parts(life, "20261208", master="yes")
    life.apply()
    assert life.get("it.ics") == before.replace(b"NEEDS-ACTION:mailto:ada", b"DECLINED:mailto:ada", 1)
    assert life.changes() == []


def test_of_two_events_of_one_name_none_is_answered(life: Life) -> None:
    first = arrives(life, BOB + MINE)
    life.put("copy.ics", first.replace(b"NEEDS-ACTION:mailto:ada", b"ACCEPTED:mailto:ada"))
    life.apply()
    assert life.get("it.ics") == first


def test_an_invitation_under_a_name_of_ours_is_still_somebody_elses(life: Life) -> None:
    uid = "unbusy-" + "0" * 32
    before = arrives(life, BOB + MINE, uid=uid)
    life.apply()
    assert life.get(f"{uid}.ics") == before.replace(b"NEEDS-ACTION", b"DECLINED", 1)


# -- who stands behind it ---------------------------------------------------------------------------------------------

BEHIND = {
    "my boss in other case": "ORGANIZER:MAILTO:Leader@EXAMPLE.com\n",
    "my boss among the guests": f"{BOB}ATTENDEE:mailto:leader@example.com\n",
    "my boss by a parameter": f"{BOB}ATTENDEE;EMAIL=leader@example.com:/principals/leader\n",
    "a guest whose domain ends like mine": f"{BOB}ATTENDEE:mailto:eve@notexample.com\n",
    "a guest whose name is an address of mine": f'{BOB}ATTENDEE;CN="leader@example.com":mailto:eve@vendor.org\n',
    "nobody": "ORGANIZER:invalid:nomail\nATTENDEE:mailto:bob@example.com\n",
    "no organizer at all": "ATTENDEE:mailto:bob@example.com\n",
    "myself": f"ORGANIZER:mailto:{ME}\nATTENDEE:mailto:bob@example.com\n",
    "an organizer of another scheme": "ORGANIZER:urn:uuid:4711\nATTENDEE:mailto:bob@example.com\n",
}


@pytest.mark.parametrize("people", BEHIND.values(), ids=BEHIND)
def test_whoever_is_not_to_be_answered_is_not(life: Life, people: str) -> None:
    before = arrives(life, people + MINE)
    life.apply()
    assert life.get("it.ics") == before


# -- words ------------------------------------------------------------------------------------------------------------

WORDS = (
    "#never", "#skip #done", "unbusy: pause", "a\\nb", "\u202eevil\u202c", "‘end’. Your rule ‘x*’ leaves it to you.",
    "<b onclick=x>", "\u2028next", "x" * 5000, "▸ Is this a question?", "#never to-answer", "– Fri 4 Dec 18:00 ‘Other’",
    "{organizer} {title}", "%s %(x)s", "[x](javascript:y)", "\\;\\,\\\\",
)  # fmt: skip


@pytest.mark.parametrize("words", WORDS, ids=[f"{w[:20]!a}" for w in WORDS])
def test_their_words_are_words_and_nothing_else(life: Life, words: str) -> None:
    """In a title, and in the name of whoever calls it: in the slot, which names it, and in the answer."""
    name = re.sub(r'["\n]', "", words)
    people = f'ORGANIZER;CN="{name}":mailto:bob@example.com\nATTENDEE;CN="{name}":mailto:bob@example.com\n{MINE}'
    arrives(life, people, title=words, when="Thu 18:00-19:00")
    life.apply()
    ((key, own),) = life.ours().items()
    text = own.event.description
    assert own.event.summary == "To answer"
    assert own.gestures == frozenset()
    assert len(text) < 2000
    assert all(harmless(line) == line for line in text.split("\n"))
    assert text.count("\n– ") == 1, "it makes no second line of its own"
    assert not any(line.startswith("▸") for line in text.split("\n"))
    assert life.changes() == []
    life.now = moment("Tue 07:00")
    assert any(c.startswith("create") for c in life.changes()), "it can end nothing, and be named again"
    assert key in life.ours()


def test_words_of_theirs_do_not_hide_another_invitation(life: Life) -> None:
    """What was named often is known by a line in our own slots; what they write there is cut and quoted."""
    for n, day in enumerate(("Mon", "Tue", "Wed")):
        life.now = moment(f"{day} 07:00")
        arrives(
            life, BOB + MINE, title="x’ – Fri+1 11 Dec 18:00 ‘Board’", when=f"Thu 1{8 + n % 2}:00-20:00", uid=f"a{n}"
        )
        life.apply()
    life.meet("Fri+1 18:00-19:00", "Board", uid="board", more=f"CREATED:20261116T080000Z\n{BOB}{MINE}")
    life.now = moment("Thu 07:00")
    life.apply()
    assert any("‘Board’, 1 h" in o.event.description for o in life.ours().values())


# -- numbers ----------------------------------------------------------------------------------------------------------


def test_ten_thousand_people(life: Life) -> None:
    crowd = "".join(f"ATTENDEE;CN=P {n};PARTSTAT=NEEDS-ACTION:mailto:p{n}@example.com\n" for n in range(10_000))
    before = arrives(life, BOB + crowd + MINE)
    life.apply()
    assert life.get("it.ics") == before.replace(MINE.encode(), MINE.replace("NEEDS-ACTION", "DECLINED").encode())


def test_two_hundred_invitations_at_once(life: Life) -> None:
    """Five are answered, the soonest; the slot names four others and goes no further than a hundred."""
    for n in range(200):
        title = f"Demo {n}" if n < 20 else f"Evening {n}"
        arrives(life, BOB + MINE, title=title, when="Thu 18:00-19:00", uid=f"it{n:03}")
    said = life.changes()
    assert sum(c.startswith("respond") for c in said) == 5
    assert sum(c.startswith("create") for c in said) == 1
    life.apply()
    assert life.changes() == []


def test_the_slot_costs_little_however_many_ask() -> None:
    """Counted in steps, not in seconds."""

    def crowd(many: int) -> int:
        events = [
            meeting("Thu 18:00-19:00", f"e{n}", reply=PartStat.NEEDS_ACTION, created=moment("Mon-2 09:00"))
            for n in range(many)
        ]
        at = replace(snapshot(*events), main="work/Work")
        return statements(lambda: list(propose(at, InvitationsOptions())))

    assert crowd(400) < 4 * crowd(100)
