"""A Google Calendar of our own, for tests: the true client talks to it over HTTP on loopback.

It is meant to be stricter than the real one: every path, parameter and field is held against the discovery document
in the installed client, and where the real service is lenient or silent, this one refuses.

    with google_server() as server:
        server.url, server.token_uri        where the API and its tokens are (`endpoint`, `token_uri`)
        server.secret()                     the user's secret, as the product stores it: client, refresh token
        server.access_token()               a bearer token for plain requests
        server.clock.now                    the moment; tokens expire and events are updated by it
        server.add_calendar("Team", owner="bob@example.com", role="reader")
        server.device.insert({...})         the user on another device; so also patch, delete, retitle, move, append
        server.person("bob@example.com")    another person, with the same methods, and invite, reply
        server.deliver({...})               an event as it never could be inserted: new types, unknown fields
        server.events(), server.event(id)   the raw state of a calendar
        server.requests("events.insert")    what was asked, with status and time
        server.fail("dropped", on="events.insert", applied=True)       faults.FAULTS, faults.slow, skip, times
        server.pages.size, server.pages.holes                          small and empty pages
        server.expire_sync_tokens(), server.expire_access(), server.revoke(), server.forget_deleted()
        server.refuse_focus("restricted")   kinds.REFUSALS; 'ignored': an API that knows no focus time

Ids, tokens and times are the same in every run.
"""

from __future__ import annotations

from gcal.server import GoogleServer, google_server

__all__ = ["GoogleServer", "google_server"]
