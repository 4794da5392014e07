"""A first look at an account, before there is a config: its calendars, and what their events tell of the user."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from daemon.cli.setup import proposals
from daemon.config import registry
from daemon.config.check import built
from daemon.config.values import is_zone, system_zone
from daemon.model.errors import UnbusyError
from daemon.model.event import CalendarId, Event
from daemon.model.options import AccountOptions
from daemon.model.protocols import CalendarInfo, Known
from daemon.stages.observe import observe
from daemon.stages.runtime import Runtime, open_runtime
from daemon.system import secrets
from daemon.views.zones import zone_of


class Survey(Struct, frozen=True, kw_only=True):
    """The calendars, the occurrences of the usual window, and the zone in which most of them are ('' for none)."""

    infos: tuple[CalendarInfo, ...]
    events: tuple[Event, ...]
    zone: str
    addresses: tuple[str, ...]
    week_starts: str = ""
    told_hours: str = ""

    def met(self, emails: Collection[str]) -> Mapping[CalendarId, list[Event]]:
        """The meetings of whoever has these addresses, by calendar."""
        by: dict[CalendarId, list[Event]] = {}
        for event in proposals.meetings(self.events, emails):
            by.setdefault(event.ref.calendar, []).append(event)
        return by

    def hours(self, emails: Collection[str], zone: ZoneInfo) -> str:
        """The working hours that are proposed: as the store has them, else from where the meetings lie."""
        return self.told_hours or proposals.hours_of(proposals.meetings(self.events, emails), zone)


def survey(
    account: str, options: AccountOptions, table: Mapping[str, Any], now: Callable[[ZoneInfo], datetime]
) -> Survey:
    """Read the account once, into a state that is thrown away.  UnbusyError where it cannot be read at all."""
    zone = system_zone()
    moment = now(ZoneInfo(zone))
    with tempfile.TemporaryDirectory(prefix="unbusy-init-") as state:
        draft = {"timezone": str(zone), "state": state, "owner": "init"}
        first = built({**draft, "accounts": {account: {**table, "write": "?"}}})
        with open_runtime(first, lambda: moment) as runtime:
            infos = tuple(runtime.connectors[account].calendars())
        if not infos:
            raise UnbusyError("there is no calendar yet", "make one with your calendar program, then run this again")
        write = next((i for i in infos if i.owned and i.writable), infos[0])
        with open_runtime(
            built({**draft, "accounts": {account: {**table, "write": write.name}}}), lambda: moment
        ) as runtime:
            seen, told = observe(runtime, moment), _told(account, options)
            return Survey(
                infos=infos, events=tuple(seen.events), zone=_zone(runtime, infos, told.zone),
                addresses=_addresses(options, infos, seen.events), week_starts=told.week_starts,
                told_hours=proposals.said_hours(told.hours),
            )  # fmt: skip


def _told(account: str, options: AccountOptions) -> Known:
    """What the store itself knows; nothing where it does not tell."""
    known = registry.connector(options.type).known
    try:
        return known(options, secrets.once(account, options)) if known else Known()
    except UnbusyError:
        return Known()


def _zone(runtime: Runtime, infos: Collection[CalendarInfo], told: str) -> str:
    """As the store says, else as its events do."""
    first, last = -(2**31), 2**31
    mirror = runtime.ledger.mirror
    payloads = (r.payload for info in infos for r in mirror.resources(info.id, first, last))
    return told if is_zone(told) else zone_of(payloads)


def _addresses(options: AccountOptions, infos: Collection[CalendarInfo], events: Collection[Event]) -> tuple[str, ...]:
    """As the store says, else as the events do; else the user name, or a calendar that is called by an address."""
    if told := tuple(dict.fromkeys(address for info in infos for address in info.addresses)):
        return told
    named = (getattr(options, "username", ""), *(info.name for info in infos if info.owned))
    return proposals.addresses_of(events) or tuple(name.lower() for name in named if "@" in name)[:1]
