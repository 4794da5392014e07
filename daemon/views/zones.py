"""On which clock times are taken: that of the config, beside that of the calendars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from daemon.config import Config
from daemon.config.values import is_zone
from daemon.stages.runtime import Runtime

_AROUND = timedelta(days=28)
_HALF_A_YEAR = timedelta(days=182)


def times(config: Config) -> str:
    """'Europe/Berlin, Mon–Fri 09:00–17:30'."""
    hours = (
        (days, [spans] if isinstance(spans, str) else spans) for days, spans in config.working_hours.table().items()
    )
    said = (f"{days.title()} {' '.join(map(str, spans))}" for days, spans in hours if isinstance(spans, list))
    return ", ".join([str(config.timezone), *(part.replace("-", "–") for part in said)])


def zone_of(payloads: Iterable[bytes]) -> str:
    """The zone in which most events are, by the first that each resource names; '' where none does."""
    named = Counter(map(_first, payloads))
    return next((name for name, _ in named.most_common() if "/" in name and is_zone(name)), "")


def _first(payload: bytes) -> str:
    """The zone that iCalendar or Google's JSON names first, '' for none."""
    if (at := payload.find(b"TZID=")) >= 0:
        name = payload[at + 5 : at + 60].partition(b":")[0].partition(b";")[0].strip(b'"')
    else:
        name = b"".join(payload.partition(b'"timeZone"')[2][:60].split(b'"')[1:2])
    return name.decode(errors="replace")


def elsewhere(runtime: Runtime, now: datetime) -> str:
    """The zone of most events around now, if its clock is another one than that of the config; '' else."""
    mirror, first, last = runtime.ledger.mirror, (now - _AROUND).toordinal(), (now + _AROUND).toordinal()
    calendars = (info.id for account in runtime.config.accounts for info in mirror.calendars(account))
    found = zone_of(resource.payload for calendar in calendars for resource in mirror.resources(calendar, first, last))
    return found if found and not _alike(ZoneInfo(found), runtime.profile.zone, now) else ""


def _alike(one: ZoneInfo, other: ZoneInfo, now: datetime) -> bool:
    """Whether two clocks show the same, in summer and in winter."""
    return all(at.astimezone(one).utcoffset() == at.astimezone(other).utcoffset() for at in (now, now + _HALF_A_YEAR))
