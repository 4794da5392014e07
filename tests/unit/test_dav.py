"""What a refusal names, whatever else stands in it; and which addresses are the same."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.caldav.dav import REASONS, conditions, quoted
from connectors.caldav.multistatus import path_of
from connectors.http.web import Answer

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


@pytest.mark.parametrize(
    ("href", "path", "sent"),
    [
        ("/a/b.ics", "/a/b.ics", "/a/b.ics"),
        ("https://cal.example.com/a/b%40c.ics", "/a/b@c.ics", "/a/b@c.ics"),
        ("/a b/%C3%A4%2b.ics", "/a b/\u00e4+.ics", "/a%20b/%C3%A4+.ics"),
        ("/a/b%2fc.ics", "/a/b%2Fc.ics", "/a/b%2Fc.ics"),
        ("/a/b%252Fc.ics", "/a/b%252Fc.ics", "/a/b%252Fc.ics"),
        ("/a/50%.ics", "/a/50%25.ics", "/a/50%25.ics"),
        ("/a/50%25.ics", "/a/50%25.ics", "/a/50%25.ics"),
        ("/a/%23%3f.ics", "/a/#?.ics", "/a/%23%3F.ics"),
    ],
)
def test_one_spelling_of_an_address(href: str, path: str, sent: str) -> None:
    assert (path_of(href), quoted(path_of(href))) == (path, sent)
    assert path_of(sent) == path


segments = st.lists(st.text(st.sampled_from("a%/2F5 \u00e4#?"), min_size=1, max_size=6), min_size=1, max_size=3)


def spelled(names: list[str], safe: str) -> str:
    return "".join(f"/{quote(name, safe=safe)}" for name in names)


@given(segments, segments, st.sampled_from(["", "aF25", "#? "]))
def test_addresses_are_the_same_if_their_names_are(one: list[str], other: list[str], safe: str) -> None:
    """Whatever is encoded in them, and is sent on so."""
    assert (path_of(spelled(one, safe)) == path_of(spelled(other, ""))) is (one == other)
    assert quoted(path_of(spelled(one, safe))).upper() == quoted(path_of(spelled(one, ""))).upper()
    assert quoted(path_of(spelled(one, safe))).count("/") == len(one)
