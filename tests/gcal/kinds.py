"""What holds for focus time, out of office and working location only, and how focus time is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gcal import times
from gcal.answers import Refusal, bad
from gcal.world import Account, Calendar

PROPERTIES = {
    "focusTime": "focusTimeProperties", "outOfOffice": "outOfOfficeProperties",
    "workingLocation": "workingLocationProperties", "birthday": "birthdayProperties",
}  # fmt: skip
TYPES = ("default", "focusTime", "outOfOffice", "workingLocation", "birthday", "fromGmail")
DECLINES = ("declineNone", "declineAllConflictingInvitations", "declineOnlyNewConflictingInvitations")

REFUSALS: Mapping[str, Refusal] = {
    "restricted": bad("Event type restriction: the calendar does not support it.", "eventTypeRestriction"),
    "forbidden": Refusal(403, "eventTypeRestriction", "The calendar does not allow this event type."),
    "invalid": bad("Invalid event type.", "invalidEventType"),
    "malformed": bad("Malformed Focus Time event.", "malformedFocusTimeEvent"),
}
"""The answers that accounts without native focus time were seen to get."""

RESTRICTED = REFUSALS["restricted"]


def check(event: Mapping[str, Any], calendar: Calendar, account: Account) -> None:
    """Refuse what an event of its type cannot be."""
    kind = event.get("eventType", "default")
    if kind not in TYPES or kind == "fromGmail":
        raise REFUSALS["invalid"]
    for other, name in PROPERTIES.items():
        if name in event and other != kind:
            raise bad(f"{name} can only be set on events of type {other}.", "invalid")
    if kind in CHECKS:
        if not calendar.primary:
            raise RESTRICTED
        if kind == "focusTime" and account.focus in REFUSALS:
            raise REFUSALS[account.focus]
        CHECKS[kind](event)


def _timed_and_opaque(event: Mapping[str, Any], reason: str, name: str) -> Mapping[str, Any]:
    found = event.get(PROPERTIES[name])
    if not isinstance(found, dict):
        raise bad(f"Missing {PROPERTIES[name]}.", "required")
    if "dateTime" not in event["start"]:
        raise bad(f"A {name} event must be timed.", reason)
    if event.get("transparency", "opaque") != "opaque":
        raise bad(f"A {name} event must be opaque.", reason)
    if event.get("attendees") or event.get("conferenceData"):
        raise bad(f"A {name} event has no attendees and no conference.", reason)
    if found.get("autoDeclineMode", "declineNone") not in DECLINES:
        raise bad(f"Invalid autoDeclineMode in {PROPERTIES[name]}.", reason)
    return found


def _focus(event: Mapping[str, Any]) -> None:
    found = _timed_and_opaque(event, "malformedFocusTimeEvent", "focusTime")
    if found.get("chatStatus", "available") not in {"available", "doNotDisturb"}:
        raise REFUSALS["malformed"]


def _away(event: Mapping[str, Any]) -> None:
    _timed_and_opaque(event, "malformedOutOfOfficeEvent", "outOfOffice")


def _place(event: Mapping[str, Any]) -> None:
    reason = "malformedWorkingLocationEvent"
    kind = event.get("workingLocationProperties", {}).get("type")
    if kind not in {"homeOffice", "officeLocation", "customLocation"}:
        raise bad("Missing or invalid type of the working location.", reason)
    if event.get("visibility") != "public" or event.get("transparency") != "transparent":
        raise bad("A working location is public and transparent.", reason)
    if "date" in event["start"]:
        start, end = (times.read(event[k], k) for k in ("start", "end"))
        if (end - start).days != 1:  # type: ignore[operator]  # both are dates
            raise bad("An all-day working location lasts one day.", reason)


def _birthday(event: Mapping[str, Any]) -> None:
    yearly = any("FREQ=YEARLY" in line for line in event.get("recurrence", ()))
    if "date" not in event["start"] or not yearly or event.get("attendees"):
        raise bad("A birthday is an all-day event of each year.", "malformedBirthdayEvent")


CHECKS: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
    "focusTime": _focus, "outOfOffice": _away, "workingLocation": _place, "birthday": _birthday,
}  # fmt: skip
