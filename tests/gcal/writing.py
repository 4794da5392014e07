"""Insert, update, patch and delete; and how a change reaches the copies of those who are invited."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gcal import kinds, rules, series, times
from gcal.answers import Refusal, bad, changed, deleted, duplicate, forbidden, not_found, not_organizer
from gcal.discovery import check_read_only
from gcal.world import Account, Body, Calendar, World

OWN = ("reminders", "colorId", "eventLabelId", "transparency", "visibility")
"""What each guest has for themselves; so are private extended properties and their own reply."""

MOVES = ("start", "end", "recurrence")
STRICTNESS = {"public": 0, "default": 1, "private": 2, "confidential": 2}


@dataclass(frozen=True)
class Actor:
    """Who writes, in which calendar; `invites`: they may invite people."""

    world: World
    account: Account
    calendar: Calendar
    invites: bool = True

    @property
    def email(self) -> str:
        return self.account.email


# -- what stands ------------------------------------------------------------------------------------------------------


def stored(calendar: Calendar, event: str) -> Body:
    """An event, a tombstone, or an instance of a series."""
    if found := calendar.events.get(event):
        return found.body
    master = calendar.events.get(event.rpartition("_")[0])
    if master and "recurrence" in master.body and (start := series.original(event, master.body)) is not None:
        return series.instance(master.body, start)
    if event in calendar.taken:
        raise deleted()
    raise not_found()


def guard(current: Mapping[str, Any], condition: str) -> None:
    """If-Match."""
    if condition and condition != "*" and current["etag"] not in [c.strip() for c in condition.split(",")]:
        raise changed()


# -- the four writes --------------------------------------------------------------------------------------------------


def insert(actor: Actor, body: Body, given: Mapping[str, Any]) -> Body:
    check_read_only(body, None)
    body = rules.versions(rules.clean(body), given, {})
    name = body.get("id") or _fresh(actor)
    if not rules.ID.fullmatch(name):
        raise bad("Invalid resource id value.")
    if "id" in body and "iCalUID" in body:
        raise bad("Only one of id and iCalUID can be given.")
    if name in actor.calendar.taken:
        raise duplicate()
    me = {"email": actor.calendar.id if not actor.calendar.primary else actor.email, "self": True}
    new = {"status": "confirmed", "eventType": "default", "reminders": {"useDefault": True}, "sequence": 0,
           "iCalUID": f"{name}@google.com", "htmlLink": f"https://www.google.com/calendar/event?eid={name}",
           "created": actor.world.now(), "creator": {"email": actor.email, **_self(actor, actor.email)},
           "organizer": me} | body | {"id": name}  # fmt: skip
    if actor.account.focus == "ignored":
        new = {k: v for k, v in new.items() if k != "focusTimeProperties"} | {"eventType": "default"}
    _said_to_be_opaque(new["eventType"], body)
    _invited(actor, new)
    return _keep(actor, new, {})


def update(actor: Actor, event: str, body: Body, given: Mapping[str, Any], condition: str) -> Body:
    """What is not given is taken away; what the service alone writes stays."""
    current = _writable(actor, event, condition)
    check_read_only(body, current)
    _same_type(body, current)
    _said_to_be_opaque(current["eventType"], body)
    new = {k: v for k, v in current.items() if k in _KEPT} | {"status": "confirmed", "reminders": {"useDefault": True}}
    new |= rules.versions(rules.clean(body), given, current)
    return _change(actor, current, new)


def patch(actor: Actor, event: str, body: Body, given: Mapping[str, Any], condition: str) -> Body:
    current = _writable(actor, event, condition)
    check_read_only(body, current)
    _same_type(body, current)
    if body.get("status") == "cancelled" and current.get("organizer", {}).get("self"):
        delete(actor, event, "")
        return stored(actor.calendar, event)
    body = rules.versions(body, given, {})
    new = rules.clean(rules.merged(copy.deepcopy(current), body))
    if body.get("attendeesOmitted"):
        new["attendees"] = _replied(current, body.get("attendees") or ())
        new.pop("attendeesOmitted")
    return _change(actor, current, new)


def delete(actor: Actor, event: str, condition: str) -> None:
    current = stored(actor.calendar, event)
    if current["status"] == "cancelled":
        raise deleted()
    guard(current, condition)
    mine = current.get("organizer", {}).get("self", False)
    if not mine and "attendees" in current:
        _tell_organizer(actor, current, _replied(current, [{"email": actor.email, "responseStatus": "declined"}]))
    for calendar in _copies(actor.world, current) if mine else [actor.calendar]:
        remove(actor.world, calendar, event)


def remove(world: World, calendar: Calendar, event: str) -> None:
    """Leave a tombstone: for an instance with what names it, for a series also of its exceptions."""
    current = stored(calendar, event)
    if "recurringEventId" in current:
        bare = {k: current[k] for k in ("id", "recurringEventId", "originalStartTime")}
        put = world.put(calendar, bare | {"status": "cancelled"}, touch=False)
        del put["updated"]
        return
    for one in list(calendar.exceptions(event)):
        world.bury(calendar, one["id"])
    world.bury(calendar, event)


# -- what they have in common -----------------------------------------------------------------------------------------

_KEPT = frozenset({
    "id", "kind", "etag", "created", "creator", "organizer", "iCalUID", "htmlLink", "sequence", "eventType", "updated",
    "recurringEventId", "originalStartTime", "hangoutLink", "locked", "privateCopy", "birthdayProperties",
})  # fmt: skip


def _fresh(actor: Actor) -> str:
    return hashlib.sha256(f"{actor.calendar.id} {actor.world.serial}".encode()).hexdigest()[:26]


def _self(actor: Actor, email: str) -> Body:
    return {"self": True} if actor.calendar.id == email else {}


def _same_type(body: Body, current: Body) -> None:
    if body.get("eventType", current["eventType"]) != current["eventType"]:
        raise bad("The event type cannot be changed.", "eventTypeRestriction")


def _said_to_be_opaque(kind: str, body: Body) -> None:
    """Focus time and absence say that they are opaque, although that is the default."""
    if kind in {"focusTime", "outOfOffice"} and body.get("transparency") != "opaque":
        raise kinds.REFUSALS["malformed"] if kind == "focusTime" else bad("An absence is opaque.")


def _writable(actor: Actor, event: str, condition: str) -> Body:
    current = stored(actor.calendar, event)
    guard(current, condition)
    if current["status"] == "cancelled":
        raise forbidden()
    return current


def _invited(actor: Actor, event: Body) -> None:
    """Attendees as they are kept: replies default to none, the organizer's entry and one's own are told."""
    if event.get("attendees") and not actor.invites:
        raise forbidden(
            "Service accounts cannot invite attendees without Domain-Wide Delegation of Authority.",
            "forbiddenForServiceAccounts",
        )
    if "attendees" in event:
        event["attendees"] = [_entry(actor.calendar, event, one) for one in event["attendees"]]


def _entry(calendar: Calendar, event: Body, one: Body) -> Body:
    email = one.get("email", "").lower()
    new = {k: v for k, v in one.items() if k not in {"self", "organizer"}} | {"email": email}
    if not email:
        return new
    new.setdefault("responseStatus", "needsAction")
    new |= {"organizer": True} if event["organizer"]["email"] == email else {}
    return new | ({"self": True} if calendar.id == email else {})


def _change(actor: Actor, current: Body, new: Body) -> Body:
    if not current.get("organizer", {}).get("self") and not current.get("guestsCanModify"):
        _check_guest(actor, current, new)
    _invited(actor, new)
    if "recurringEventId" in new:
        if "recurrence" in new:
            raise bad("An instance has no recurrence of its own.")
        _spread_visibility(actor, current, new)
    if any(_moved(actor.calendar, current, new, k) for k in MOVES) or new["status"] != current["status"]:
        new["sequence"] = current.get("sequence", 0) + 1
    return _keep(actor, new, current)


def _moved(calendar: Calendar, old: Body, new: Body, field: str) -> bool:
    if field == "recurrence":
        return old.get(field) != new.get(field)
    return times.instant(old[field], calendar.zone) != times.instant(new[field], calendar.zone)


def _check_guest(actor: Actor, current: Body, new: Body) -> None:
    """A guest changes their own copy and their own reply, and may bring others along where the organizer allows it."""
    for name in (current.keys() | new.keys()) - {*OWN, "attendees", "extendedProperties", *_KEPT}:
        if _told(actor.calendar, name, current) != _told(actor.calendar, name, new):
            raise not_organizer()
    tables = [e.get("extendedProperties", {}).get("shared") or {} for e in (current, new)]
    if tables[0] != tables[1]:
        raise not_organizer()
    old, now = ({a["email"].lower(): a for a in e.get("attendees", ())} for e in (current, new))
    others = old.keys() - {actor.email}
    if any(email not in now or _said(old[email]) != _said(now[email]) for email in others):
        raise not_organizer()
    if now.keys() - old.keys() and not current.get("guestsCanInviteOthers", True):
        raise not_organizer()


def _told(calendar: Calendar, name: str, event: Body) -> Any:
    """A field as it is given back, so that one moment is one value."""
    value = rules.clean(event.get(name))
    return times.shown(value, calendar.zone, calendar.zone) if name in {"start", "end"} and value else value or None


def _said(attendee: Body) -> Body:
    return {k: v for k, v in attendee.items() if k not in {"self", "organizer", "id"}}


def _replied(current: Body, mine: Any) -> list[Body]:
    """All attendees, with the entries of `mine` changed in them."""
    now = {a["email"].lower(): a for a in mine}
    return [a | now.get(a["email"], {}) for a in current.get("attendees", ())]


def _spread_visibility(actor: Actor, current: Body, new: Body) -> None:
    """A stricter visibility of an instance is that of the whole series; a looser one is ignored."""
    old, now = (STRICTNESS[e.get("visibility", "default")] for e in (current, new))
    if now < old:
        new["visibility"] = current["visibility"]
    elif now > old:
        master = actor.calendar.events[new["recurringEventId"]].body
        actor.world.put(actor.calendar, master | {"visibility": new["visibility"]})


def _keep(actor: Actor, new: Body, current: Body) -> Body:
    """Check, store, and send to the copies."""
    new = rules.tidy(new)
    rules.check(new, actor.calendar, actor.account)
    own = {"reminders", "etag", "kind", "updated"}
    touch = {k: v for k, v in new.items() if k not in own} != {k: v for k, v in current.items() if k not in own}
    kept = actor.world.put(actor.calendar, new, touch=touch or not current)
    if "recurrence" in kept:
        _drop_strays(actor, kept)
    if kept["organizer"].get("self"):
        _send(actor, kept, current)
        _decline_meetings(actor, kept, new=not current)
    elif kept.get("attendees") != current.get("attendees"):
        _tell_organizer(actor, kept, kept["attendees"])
    return actor.calendar.events[kept["id"]].body


def _drop_strays(actor: Actor, master: Body) -> None:
    """Exceptions whose original start the series no longer has are cancelled."""
    for one in list(actor.calendar.exceptions(master["id"])):
        if one["status"] != "cancelled" and series.original(one["id"], master) is None:
            remove(actor.world, actor.calendar, one["id"])


# -- other people's copies --------------------------------------------------------------------------------------------


def _copies(world: World, event: Body) -> list[Calendar]:
    """The calendars in which an event has a copy, the organizer's first."""
    there = [c for c in world.calendars.values() if _live(c, event["id"])]
    return sorted(there, key=lambda c: c.id != event["organizer"]["email"])


def _live(calendar: Calendar, event: str) -> bool:
    try:
        return bool(stored(calendar, event)["status"] != "cancelled")
    except Refusal:
        return False


def _send(actor: Actor, event: Body, before: Body) -> None:
    """The organizer's event to the calendars of those who are invited, and away from those who no longer are."""
    world = actor.world
    guests = {a["email"] for a in event.get("attendees", ())}
    for email in guests & world.calendars.keys() - {actor.calendar.id}:
        calendar = world.calendars[email]
        if event["id"] in calendar.events and calendar.events[event["id"]].body["status"] == "cancelled":
            continue
        world.put(calendar, _copy_for(calendar, event))
        _decline_invitation(world, calendar, event["id"])
    for email in {a["email"] for a in before.get("attendees", ())} - guests:
        if email in world.calendars and _live(world.calendars[email], event["id"]):
            remove(world, world.calendars[email], event["id"])


def _copy_for(calendar: Calendar, event: Body) -> Body:
    old = calendar.events[event["id"]].body if event["id"] in calendar.events else {"reminders": {"useDefault": True}}
    mine = {k: old[k] for k in OWN if k in old}
    shared = {k: v for k, v in event.items() if k not in OWN and k != "extendedProperties"}
    tables = {"shared": event.get("extendedProperties", {}).get("shared"),
              "private": old.get("extendedProperties", {}).get("private")}  # fmt: skip
    new = copy.deepcopy(shared | mine | rules.clean({"extendedProperties": rules.clean(tables) or None}))
    for role in ("creator", "organizer"):
        new[role] = {k: v for k, v in event[role].items() if k != "self"}
        new[role] |= {"self": True} if event[role]["email"] == calendar.id else {}
    new["attendees"] = [_entry(calendar, event, one) for one in event["attendees"]]
    return new


def _tell_organizer(actor: Actor, event: Body, attendees: list[Body]) -> None:
    """A guest's reply, on the organizer's copy and on everybody's."""
    world, email = actor.world, event["organizer"]["email"]
    for calendar in _copies(world, event):
        if calendar is actor.calendar and calendar.id != email:
            continue
        current = stored(calendar, event["id"])
        entries = [_entry(calendar, current, one) for one in attendees]
        world.put(calendar, current | {"attendees": entries})


# -- automatic declining ----------------------------------------------------------------------------------------------


def _span(calendar: Calendar, event: Body) -> tuple[datetime, datetime]:
    return times.instant(event["start"], calendar.zone), times.instant(event["end"], calendar.zone)


def _overlap(calendar: Calendar, one: Body, other: Body) -> bool:
    (start, end), (first, last) = _span(calendar, one), _span(calendar, other)
    return start < last and first < end


def _mode(event: Body) -> tuple[str, str]:
    found = event.get(kinds.PROPERTIES.get(event["eventType"], ""), {})
    return found.get("autoDeclineMode", "declineNone"), found.get("declineMessage", "")


def _decline_meetings(actor: Actor, event: Body, *, new: bool) -> None:
    """`declineAllConflictingInvitations` declines the meetings that stand there already."""
    mode, message = _mode(event)
    if not new or mode != "declineAllConflictingInvitations":
        return
    for found in list(actor.calendar.events.values()):
        if _invitation(found.body) and _overlap(actor.calendar, event, found.body):
            _decline(actor.world, actor.calendar, found.body, message)


def _decline_invitation(world: World, calendar: Calendar, event: str) -> None:
    """A new invitation onto focus time or absence that declines such."""
    body = calendar.events[event].body
    for found in list(calendar.events.values()):
        if found.body["status"] == "cancelled" or not _invitation(body):
            continue
        mode, message = _mode(found.body)
        if mode != "declineNone" and _overlap(calendar, found.body, body):
            _decline(world, calendar, body, message)
            return


def _invitation(event: Body) -> bool:
    mine = [a for a in event.get("attendees", ()) if a.get("self")]
    return bool(mine) and not event["organizer"].get("self") and mine[0]["responseStatus"] != "declined"


def _decline(world: World, calendar: Calendar, event: Body, message: str) -> None:
    actor = Actor(world, world.accounts[calendar.owner], calendar)
    mine = rules.clean({"email": calendar.id, "responseStatus": "declined", "comment": message})
    entries = _replied(event, [mine])
    world.put(calendar, event | {"attendees": entries})
    _tell_organizer(actor, event, entries)
