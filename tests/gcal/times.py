"""Start and end of events as the service takes them and gives them back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from gcal.answers import bad

Moment = datetime | date


def zone(name: str, place: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise bad(f"Invalid time zone definition for {place} time.") from None


def read(value: Any, place: str, *, recurring: bool = False) -> Moment:
    """An all-day date, or an aware moment."""
    if not isinstance(value, dict) or not (value.get("date") or value.get("dateTime")):
        raise bad(f"Missing {place} time.", "required")
    if value.get("date") and value.get("dateTime"):
        raise bad(f"Invalid {place} time.")
    named = value.get("timeZone")
    of = zone(named, place) if named else None
    if value.get("date"):
        return date.fromisoformat(value["date"])
    at = datetime.fromisoformat(value["dateTime"])
    if recurring and not of:
        raise bad(f"Missing time zone definition for {place} time.", "required")
    if at.tzinfo is None and of is None:
        raise bad(f"Missing time zone definition for {place} time.", "required")
    return at if at.tzinfo else at.replace(tzinfo=of)


def check(event: dict[str, Any]) -> None:
    """Both of a kind, in order, the zone of a series named."""
    recurring = bool(event.get("recurrence"))
    start, end = (read(event.get(k), k, recurring=recurring) for k in ("start", "end"))
    if isinstance(start, datetime) != isinstance(end, datetime):
        raise bad("The start and end times must either both be date or both be dateTime.")
    if recurring and event["start"].get("timeZone") != event["end"].get("timeZone"):
        raise bad("The start and end time zones of a recurring event must be the same.")
    if end <= start:  # type: ignore[operator]  # both are of one kind
        raise bad("The specified time range is empty.", "timeRangeEmpty")


def shown(value: dict[str, Any], of: str, at: str) -> dict[str, Any]:
    """As it is given back: with an offset in the zone `at`, and the zone that was named, else that of the calendar."""
    if value.get("date"):
        return {"date": value["date"]}
    moment = read(value, "start").astimezone(ZoneInfo(at))  # type: ignore[union-attr]  # it has a dateTime
    text = moment.isoformat(timespec="seconds").replace("+00:00", "Z")
    return {"dateTime": text, "timeZone": value.get("timeZone") or of}


def instant(value: dict[str, Any], of: str) -> datetime:
    """The moment of a start or end; a day begins at midnight in the zone `of` the calendar."""
    at = read(value, "start")
    if isinstance(at, datetime):
        return at.astimezone(UTC)
    return datetime.combine(at, time(), ZoneInfo(of)).astimezone(UTC)
