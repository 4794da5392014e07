"""What an event may be: one check of the whole event, whatever request made it so, and what is tidied silently."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gcal import kinds, series, times
from gcal.answers import Refusal, bad
from gcal.world import EVENT_COLORS, Account, Body, Calendar

ID = re.compile(r"[a-v0-9]{5,1024}")
ADDRESS = re.compile(r"[^@\s<>,]+@[^@\s<>,]+\.[^@\s<>,]+")
ENUMS = {
    "status": ("confirmed", "tentative"),
    "transparency": ("opaque", "transparent"),
    "visibility": ("default", "public", "private", "confidential"),
}
DEFAULTS = {"transparency": "opaque", "visibility": "default", "attendeesOmitted": False, "guestsCanModify": False,
            "guestsCanInviteOthers": True, "guestsCanSeeOtherGuests": True, "anyoneCanAddSelf": False,
            "privateCopy": False, "endTimeUnspecified": False}  # fmt: skip
"""What is not told, since it goes without saying."""

REPLIES = ("needsAction", "declined", "tentative", "accepted")
KEY, VALUE, PROPERTIES, ALL_OF_THEM = 44, 1024, 300, 32 * 1024
"""Limits of extended properties: characters of a name and of a value, how many, and characters over all copies."""


def clean(value: Any) -> Any:
    """Without what is null or empty text, at any depth: that is how a field is taken away."""
    if isinstance(value, dict):
        return {k: clean(v) for k, v in value.items() if v is not None and v != ""}
    return [clean(v) for v in value] if isinstance(value, list) else value


def merged(old: Any, patch: Mapping[str, Any]) -> Body:
    """Patch semantics: objects field by field, arrays as a whole, null takes away."""
    new = dict(old) if isinstance(old, dict) else {}
    for name, value in patch.items():
        if value is None:
            new.pop(name, None)
        else:
            new[name] = merged(new.get(name), value) if isinstance(value, dict) else value
    return new


def versions(body: Body, given: Mapping[str, Any], current: Mapping[str, Any]) -> Body:
    """The body without what the request's version and support parameters do not speak of."""
    unheard = set()
    if not given.get("conferenceDataVersion"):
        unheard.add("conferenceData")
    if not given.get("supportsAttachments"):
        unheard.add("attachments")
    unheard.add("colorId" if given.get("eventLabelVersion") else "eventLabelId")
    kept = {k: v for k, v in current.items() if k in unheard}
    return {k: v for k, v in body.items() if k not in unheard} | kept


def tidy(event: Body) -> Body:
    """What is dropped, cut and left out without a word."""
    new = {k: v for k, v in event.items() if DEFAULTS.get(k) != v}
    for of, table in list(new.get("extendedProperties", {}).items()):
        new["extendedProperties"] = new["extendedProperties"] | {
            of: {k: v[:VALUE] for k, v in table.items() if len(k) <= KEY}
        }
    for empty in ("extendedProperties", "attendees", "attachments"):
        if empty in new and not new[empty]:
            del new[empty]
    return new


def check(event: Body, calendar: Calendar, account: Account) -> None:
    """Refuse an event that cannot be."""
    times.check(event)
    series.check(event)
    for name, allowed in ENUMS.items():
        if event.get(name, allowed[0]) not in allowed:
            raise bad(f"Invalid {name} value.")
    if "colorId" in event and event["colorId"] not in EVENT_COLORS:
        raise bad("Invalid color ID.")
    if "source" in event and not re.match(r"https?://", event["source"].get("url", "")):
        raise bad("Invalid source URL.")
    if len(event.get("attachments", ())) > 25:
        raise bad("Too many attachments.")
    _reminders(event.get("reminders", {}))
    _attendees(event.get("attendees", ()))
    _extended(event.get("extendedProperties", {}))
    kinds.check(event, calendar, account)


def _reminders(reminders: Mapping[str, Any]) -> None:
    overrides = reminders.get("overrides", ())
    if reminders.get("useDefault") and overrides:
        raise Refusal(
            400, "cannotUseDefaultRemindersAndSpecifyOverride",
            "Cannot specify both default reminders and overrides at the same time.", domain="calendar",
        )  # fmt: skip
    if len(overrides) > 5:
        raise bad("Too many reminders.")
    for one in overrides:
        if one.get("method") not in {"email", "popup"} or not 0 <= one.get("minutes", -1) <= 40320:
            raise bad("Invalid reminder.")
    if len({(o["method"], o["minutes"]) for o in overrides}) != len(overrides):
        raise bad("Duplicate reminders.")


def _attendees(attendees: Any) -> None:
    seen: set[str] = set()
    for one in attendees:
        email = one.get("email", "")
        if not email:
            raise bad("Missing attendee email.", "required")
        if not ADDRESS.fullmatch(email) or email.lower() in seen:
            raise bad("Invalid attendee email.")
        seen.add(email.lower())
        if one.get("responseStatus", "needsAction") not in REPLIES:
            raise bad("Invalid attendee response status.")


def _extended(tables: Mapping[str, Mapping[str, str]]) -> None:
    pairs = [pair for table in tables.values() for pair in table.items()]
    if len(pairs) > PROPERTIES or sum(len(k) + len(v) for k, v in pairs) > ALL_OF_THEM:
        raise bad("Too many extended properties.")
