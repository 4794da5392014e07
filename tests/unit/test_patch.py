"""The one write to a command, at its last gate: whatever asks for it."""

from __future__ import annotations

import pytest

from connectors.rfc5545.patch import annotated, responded
from daemon.model.errors import UnbusyError
from daemon.model.event import PartStat

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


def test_an_answer_is_written_behind_a_name_with_a_colon() -> None:
    line = b"ATTENDEE;CN=Platform: A;PARTSTAT=NEEDS-ACTION:mailto:ada@example.com\n"
    invitation = COMMAND.replace(b"X-OTHER:1\n", line)
    written = responded(invitation, frozenset({"ada@example.com"}), PartStat.ACCEPTED)
    assert written == invitation.replace(b"NEEDS-ACTION", b"ACCEPTED")
