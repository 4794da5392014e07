"""The two writes to what is not ours, at their last gate: whatever asks for them."""

from __future__ import annotations

import pytest

from connectors.rfc5545.patch import annotated, responded
from daemon.model.errors import UnbusyError
from daemon.model.event import EventRef, PartStat

COMMAND = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nSUMMARY:unbusy: why\nX-OTHER:1\nEND:VEVENT\nEND:VCALENDAR\n"


def with_class(line: bytes) -> bytes:
    return COMMAND.replace(b"X-OTHER:1\n", line)


def test_an_answer_is_one_more_line() -> None:
    assert annotated(COMMAND, "a, b", private=False).replace(b"DESCRIPTION:a\\, b\n", b"") == COMMAND


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(b"", b"CLASS;X-WAS=NONE:PRIVATE\n", id="where nothing is said"),
        pytest.param(b"CLASS:PUBLIC\n", b"CLASS;X-WAS=PUBLIC:PRIVATE\n", id="where it is public"),
        pytest.param(b"CLASS:PRIVATE\n", b"CLASS:PRIVATE\n", id="where it is private already"),
        pytest.param(b"CLASS:CONFIDENTIAL\n", b"CLASS:CONFIDENTIAL\n", id="or more than that"),
    ],
)
def test_an_answer_makes_its_command_private_and_what_it_was_once_it_is_taken_back(before: bytes, after: bytes) -> None:
    command = with_class(before)
    written = annotated(command, "an answer")
    assert sorted(written.splitlines()) == sorted(with_class(after + b"DESCRIPTION:an answer\n").splitlines())
    assert annotated(written, "another one") == written.replace(b"an answer", b"another one")
    assert annotated(written, "", private=False).replace(b"DESCRIPTION:\n", b"") == command


@pytest.mark.parametrize("line", [b"CLASS:PRIVATE\n", b"CLASS;X-WAS=X:PRIVATE\n", b"CLASS:PUBLIC\n"])
def test_what_the_user_said_of_it_stays(line: bytes) -> None:
    assert line in annotated(with_class(line), "an answer", private=False)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(b"X-OTHER:1", b"ATTENDEE:mailto:p1@example.com", id="with a guest"),
        pytest.param(b"unbusy: why", b"Why unbusy", id="with another title"),
        pytest.param(b"SUMMARY:unbusy: why\n", b"", id="without a title"),
        pytest.param(b"X-OTHER:1", b"X-OTHER:\xff", id="not in UTF-8"),
        pytest.param(b"UID:a", b"UID:a\nRECURRENCE-ID:20261203T090000Z", id="without its series"),
        pytest.param(b"X-OTHER:1\nEND:VEVENT\nEND:VCALENDAR\n", b"X-OTH", id="cut off"),
    ],
)
def test_what_is_no_command_of_the_users_alone_is_refused(old: bytes, new: bytes) -> None:
    with pytest.raises(UnbusyError, match="left as it is"):
        annotated(COMMAND.replace(old, new), "an answer")


# -- replies ---------------------------------------------------------------------------------------------------------

MEET = EventRef("work/Work", "a")
ME = frozenset({"ada@example.com"})


def invitation(*lines: str, uid: str = "a", head: str = "", newline: str = "\n", more: str = "") -> bytes:
    """Bob asks Ada, who has a line as given."""
    text = f"""BEGIN:VCALENDAR
{head}BEGIN:VEVENT
UID:{uid}
ORGANIZER;CN=Bob:mailto:bob@example.com
ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:mailto:bob@example.com
{chr(10).join(lines)}
ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:eve@example.com
SUMMARY:Staff
X-KEPT;X-P=1:yes
BEGIN:VALARM
ACTION:EMAIL
ATTENDEE:mailto:ada@example.com
END:VALARM
END:VEVENT
{more}END:VCALENDAR
"""
    return text.replace("\n", newline).encode()


def reply(payload: bytes, ref: EventRef = MEET, answer: PartStat = PartStat.DECLINED) -> bytes:
    return responded(payload, ref, ME, answer)


LINES = {
    "as most write it": (
        "ATTENDEE;CN=Ada;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:ada@example.com",
        "ATTENDEE;CN=Ada;PARTSTAT=DECLINED;RSVP=TRUE:mailto:ada@example.com",
    ),
    "in other case": (
        "attendee;partstat=needs-action:MAILTO:Ada@Example.COM", "attendee;partstat=DECLINED:MAILTO:Ada@Example.COM",
    ),
    "without any answer": (
        "ATTENDEE;RSVP=TRUE:mailto:ada@example.com", "ATTENDEE;PARTSTAT=DECLINED\n ;RSVP=TRUE:mailto:ada@example.com",
    ),
    "without a parameter": ("ATTENDEE:mailto:ada@example.com", "ATTENDEE;PARTSTAT=DECLINED\n :mailto:ada@example.com"),
    "in quotation marks": (
        'ATTENDEE;PARTSTAT="NEEDS-ACTION":mailto:ada@example.com', "ATTENDEE;PARTSTAT=DECLINED:mailto:ada@example.com",
    ),
    "folded within the word": (
        "ATTENDEE;PARTSTAT=NEEDS-\n ACTION;CN=Ada\n  Byron:mailto:ada@example.com",
        "ATTENDEE;PARTSTAT=DECLINED;CN=Ada\n  Byron:mailto:ada@example.com",
    ),
    "with a name that looks like an answer": (
        'ATTENDEE;CN="x;PARTSTAT=NEEDS-ACTION";PARTSTAT=NEEDS-ACTION:mailto:ada@example.com',
        'ATTENDEE;CN="x;PARTSTAT=NEEDS-ACTION";PARTSTAT=DECLINED:mailto:ada@example.com',
    ),
    "with a colon in a name": (
        "ATTENDEE;CN=Platform: A;PARTSTAT=NEEDS-ACTION:mailto:ada@example.com",
        "ATTENDEE;CN=Platform: A;PARTSTAT=DECLINED:mailto:ada@example.com",
    ),
    "with letters of more than a byte before it": (
        "ATTENDEE;CN=Ädä ✓;PARTSTAT=NEEDS-ACTION:mailto:ada@example.com",
        "ATTENDEE;CN=Ädä ✓;PARTSTAT=DECLINED:mailto:ada@example.com",
    ),
    "sent by an assistant": (
        'ATTENDEE;SENT-BY="mailto:joe@example.com";PARTSTAT=NEEDS-ACTION:mailto:ada@example.com',
        'ATTENDEE;SENT-BY="mailto:joe@example.com";PARTSTAT=DECLINED:mailto:ada@example.com',
    ),
    "handed over by somebody": (
        'ATTENDEE;DELEGATED-FROM="mailto:joe@example.com";PARTSTAT=NEEDS-ACTION:mailto:ada@example.com',
        'ATTENDEE;DELEGATED-FROM="mailto:joe@example.com";PARTSTAT=DECLINED:mailto:ada@example.com',
    ),
    "by its parameter": (
        "ATTENDEE;EMAIL=ada@example.com;PARTSTAT=NEEDS-ACTION:/principals/ada",
        "ATTENDEE;EMAIL=ada@example.com;PARTSTAT=DECLINED:/principals/ada",
    ),
}  # fmt: skip


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize(("before", "after"), LINES.values(), ids=LINES)
def test_a_reply_changes_one_word_and_no_other_byte(before: str, after: str, newline: str) -> None:
    assert reply(invitation(before, newline=newline)) == invitation(after, newline=newline)


MINE = "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ada@example.com"
INSTANCE = """BEGIN:VEVENT
UID:a
RECURRENCE-ID:20261203T090000Z
ORGANIZER:mailto:bob@example.com
ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ada@example.com
END:VEVENT
"""
REFUSED = {
    "an address that is nearly the same": invitation("ATTENDEE:mailto:ada@example.com.evil.org"),
    "another that ends like it": invitation("ATTENDEE:mailto:x-ada@example.com"),
    "somebody for whom the user writes": invitation(
        'ATTENDEE;SENT-BY="mailto:ada@example.com":mailto:joe@example.com'
    ),
    "somebody to whom the user has handed it": invitation(
        'ATTENDEE;DELEGATED-FROM="mailto:ada@example.com":mailto:joe@example.com'
    ),
    "a name that is an address": invitation('ATTENDEE;CN="mailto:ada@example.com":mailto:joe@example.com'),
    "an alarm alone": invitation("X-NOTHING:1"),
    "an answer": invitation("ATTENDEE;PARTSTAT=ACCEPTED:mailto:ada@example.com"),
    "an answer on one of two lines": invitation(MINE, "ATTENDEE;PARTSTAT=DECLINED:mailto:ada@example.com"),
    "an answer of another kind": invitation("ATTENDEE;PARTSTAT=X-LATER:mailto:ada@example.com"),
    "the user's own": invitation(MINE).replace(b"ORGANIZER;CN=Bob:mailto:bob", b"ORGANIZER;CN=Bob:mailto:ada"),
    "another event": invitation(MINE, uid="b"),
    "two of one name": invitation(MINE, more=INSTANCE.replace("RECURRENCE-ID:20261203T090000Z\n", "")),
    "a counter proposal": invitation(MINE, head="METHOD:COUNTER\n"),
    "a message that cancels it": invitation(MINE, head="METHOD:CANCEL\n"),
    "somebody else's reply": invitation(MINE, head="METHOD:REPLY\n"),
    "not in UTF-8": invitation(MINE).replace(b"Staff", b"\xff"),
    "cut off": invitation(MINE)[: invitation(MINE).index(b"END:VEVENT")],
    "inside a to-do": invitation(MINE).replace(b"VEVENT", b"VTODO"),
}  # fmt: skip


@pytest.mark.parametrize("payload", REFUSED.values(), ids=REFUSED)
def test_what_no_reply_is_written_to(payload: bytes) -> None:
    with pytest.raises(UnbusyError, match="left as it is"):
        reply(payload)


def test_what_was_asked_for_by_a_message_is_an_invitation() -> None:
    payload = invitation(MINE, head="METHOD:REQUEST\n")
    assert reply(payload) == payload.replace(MINE.encode(), MINE.replace("NEEDS-ACTION", "DECLINED").encode())


def test_of_a_series_the_master_is_answered_and_no_instance_that_was_changed() -> None:
    payload = invitation(MINE, more=INSTANCE)
    assert reply(payload) == invitation(MINE.replace("NEEDS-ACTION", "DECLINED"), more=INSTANCE)
    with pytest.raises(UnbusyError, match="not clear"):
        reply(payload, EventRef("work/Work", "a", "20261203T090000Z"))


def test_one_instance_that_stands_alone_is_answered() -> None:
    alone = f"BEGIN:VCALENDAR\n{INSTANCE}END:VCALENDAR\n".encode()
    instance = EventRef("work/Work", "a", "20261203T090000Z")
    assert reply(alone, instance) == alone.replace(b"NEEDS-ACTION", b"DECLINED")
    with pytest.raises(UnbusyError, match="not clear"):
        reply(alone)
    two = f"BEGIN:VCALENDAR\n{INSTANCE}{INSTANCE.replace('1203', '1210')}END:VCALENDAR\n".encode()
    with pytest.raises(UnbusyError, match="not clear"):
        reply(two, instance)


def test_of_several_events_in_one_file_only_the_one_that_is_meant() -> None:
    other = INSTANCE.replace("UID:a", "UID:b").replace("RECURRENCE-ID:20261203T090000Z\n", "")
    assert reply(invitation(MINE, more=other)) == invitation(MINE.replace("NEEDS-ACTION", "DECLINED"), more=other)


def test_both_lines_of_the_user_are_answered() -> None:
    second = "ATTENDEE;CN=Ada;PARTSTAT=NEEDS-ACTION:mailto:ada@home.example"
    payload = invitation(MINE, second)
    written = responded(payload, MEET, ME | {"ada@home.example"}, PartStat.TENTATIVE)
    assert written.count(b"PARTSTAT=TENTATIVE") == 2
    assert written.count(b"NEEDS-ACTION") == payload.count(b"NEEDS-ACTION") - 2


def test_a_huge_invitation_is_answered_in_one_place() -> None:
    crowd = [f"ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:p{n}@example.com" for n in range(10_000)]
    payload = invitation(*crowd, MINE)
    assert reply(payload) == payload.replace(MINE.encode(), MINE.replace("NEEDS-ACTION", "DECLINED").encode())
