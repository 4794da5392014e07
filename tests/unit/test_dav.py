"""What a refusal names, whatever else stands in it."""

from __future__ import annotations

import pytest

from connectors.dav import REASONS, conditions
from connectors.web import Answer

TAKEN = b"<C:no-uid-conflict/>"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b'<D:error xmlns:D="DAV:">%s</D:error>' % TAKEN, {"no-uid-conflict"}),
        (b'<error xmlns="DAV:">\n<no-uid-conflict\txmlns="x"><href>/a</href></no-uid-conflict></error>',
         {"no-uid-conflict"}),
        (b"<D:error><D:valid-sync-token></D:valid-sync-token>%s</D:error>" % TAKEN,
         {"valid-sync-token", "no-uid-conflict"}),
        (b"<D:error><s:exception>valid-sync-token</s:exception><s:if-match/></D:error>", set()),
        (b"%s<D:error></D:error>%s" % (TAKEN, TAKEN), set()),
        (b"<multistatus><response><error>%s</error></response></multistatus>" % TAKEN, {"no-uid-conflict"}),
        (b"<D:error>%s" % TAKEN, {"no-uid-conflict"}),  # cut off
        (b"<D:errors>%s</D:errors>" % TAKEN, set()),
        (b"<html><h1>Error</h1></html>", set()),
        (b"<\xff:error>%s" % TAKEN, set()),
        (b"", set()),
    ],
)  # fmt: skip
def test_the_preconditions_of_a_refusal(body: bytes, named: set[str]) -> None:
    assert conditions(Answer(403, {}, body, "https://example.com/")) == named


@pytest.mark.parametrize("filler", [b" ", b"<error>", b"<", b"<a:", b"</error>"])
def test_only_so_much_of_a_refusal_is_looked_at(filler: bytes) -> None:
    """In one pass; the rest of an answer of any size is not."""
    end = b"<error>" + TAKEN
    room = REASONS - len(end)
    fitting = filler * (room // len(filler)) + b" " * (room % len(filler)) + end
    assert len(fitting) == REASONS
    assert conditions(Answer(403, {}, fitting + filler * 2**20, "https://example.com/")) == {"no-uid-conflict"}
    assert conditions(Answer(403, {}, b"  " + fitting, "https://example.com/")) == set()
