"""The one write to a command, at its last gate: whatever asks for it."""

from __future__ import annotations

import pytest

from connectors.rfc5545.patch import annotated, responded
from daemon.model.errors import UnbusyError
from daemon.model.event import PartStat

COMMAND = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nSUMMARY:unbusy: why\nX-OTHER:1\nEND:VEVENT\nEND:VCALENDAR\n"


def test_an_answer_is_one_more_line() -> None:
    assert annotated(COMMAND, "a, b").replace(b"DESCRIPTION:a\\, b\n", b"") == COMMAND


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(b"X-OTHER:1", b"ATTENDEE:mailto:p1@example.com", id="with a guest"),
        pytest.param(b"unbusy: why", b"Why unbusy", id="with another title"),
        pytest.param(b"SUMMARY:unbusy: why\n", b"", id="without a title"),
        pytest.param(b"X-OTHER:1", b"X-OTHER:\xff", id="not in UTF-8"),
        pytest.param(b"UID:a", b"UID:a\nRECURRENCE-ID:20261203T090000Z", id="without its series"),
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
