"""The one write to a command, at its last gate: whatever asks for it."""

from __future__ import annotations

import pytest

from connectors.rfc5545.patch import annotated
from daemon.model.errors import UnbusyError

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
