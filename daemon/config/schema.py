"""What the config holds: one struct for the file, with every option, its default and its meaning.

The tables `[accounts.NAME]` and `[policies.NAME]` take their structs from connectors and policies.
"""

import re
from datetime import date, time
from typing import Annotated, Literal

from msgspec import Meta, field

from daemon.config.values import Days, Groups, Hours, Zone, system_zone
from daemon.model.courtesy.messages import Courtesy
from daemon.model.errors import ConfigError
from daemon.model.options import (
    AccountOptions,
    ClockRange,
    FaultsError,
    Folder,
    Interval,
    Minutes,
    Options,
    PolicyOptions,
    shown,
)
from daemon.model.titles.patterns import AWAY_TITLES, NOT_AWAY_TITLES

NAME = re.compile(r"[A-Za-z0-9_-]+")
"""Names of accounts; what TOML calls a bare key."""

PEOPLE = Groups.parse({"reports": "auto", "boss": [], "peers": [], "mentors": []})
WORKING_HOURS = Hours.parse({"mon-fri": "09:00-17:30"})

Domain = Annotated[str, Meta(pattern=r"^[^@\s/:]+\.[^@\s/:.]+$", examples=["example.com"])]


class Away(Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[[away]]`: days on which nothing is proposed and nothing is owed."""

    first: Annotated[date, Meta(description="The first day away.", examples=["2026-12-24"])] = field(name="from")
    last: Annotated[date, Meta(description="The last day away.", examples=["2027-01-03"])] = field(name="to")

    def __post_init__(self) -> None:
        """ValueError for days in the wrong order, or so far off that they must be a slip."""
        if self.last < self.first:
            raise FaultsError({"to": f"{self.last} is before {self.first}; write the last day away"})
        if not 1970 <= self.first.year <= self.last.year <= 2200:
            raise FaultsError({"from": f"{self.first} to {self.last} is out of reach; write days from 1970 to 2200"})


class LunchOptions(Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`lunch`: what stays free of unbusy's events at noon, with no policy switched on for it."""

    between: Annotated[ClockRange, Meta(description="Lunch lies in this time; one stretch of it stays free.")] = (
        ClockRange(time(11, 30), time(14))
    )
    noon: Annotated[ClockRange, Meta(description="Never taken where meetings leave a lunch of it.")] = ClockRange(
        time(12), time(13)
    )
    length: Annotated[Minutes, Meta(description="How long lunch is.")] = Minutes(30)

    def __post_init__(self) -> None:
        """FaultsError for a lunch that fits nowhere."""
        if not 5 <= self.length <= self.between.minutes:
            fault = f"{self.length} does not fit into between = {self.between}; write 5m or more"
            raise FaultsError({"length": fault})


class AttentionOptions(Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`attention`: how much unbusy asks, all policies together."""

    questions_per_day: Annotated[int, Meta(ge=0, le=100, description="Questions on one day, at most.")] = 4
    questions_per_week: Annotated[int, Meta(ge=0, le=700, description="Questions in one week, at most.")] = 15


class MonitorOptions(Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[monitor]`: whom the daemon tells how it is."""

    textfile: Annotated[
        str, Meta(description="A file for Prometheus' node_exporter, written after each cycle; ends in .prom.")
    ] = ""
    ping: Annotated[
        str, Meta(description="An address that is asked for after each cycle, as healthchecks.io has it.")
    ] = ""

    def __post_init__(self) -> None:
        """FaultsError for a file that nobody would look at, and for an address that anybody on the way could read."""
        from connectors.http.addresses import origin  # noqa: PLC0415  few have asked for it

        if self.textfile and not (self.textfile.startswith("/") and self.textfile.endswith(".prom")):
            raise FaultsError({"textfile": f"{shown(self.textfile)}: write it from /, and with .prom at its end"})
        if self.ping:
            try:
                origin(self.ping)
            except ConfigError as error:
                raise FaultsError({"ping": f"{error.what}; {error.remedy}"}) from None


class AssistantOptions(Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[mcp]`: what an assistant may do beyond looking; it sends what it reads to whoever runs its model."""

    journal: Annotated[bool, Meta(description="Whether an assistant may search what you wrote.")] = False
    apply: Annotated[bool, Meta(description="Whether an assistant may carry out a plan that it has shown.")] = False


class Config(Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    timezone: Annotated[Zone, Meta(description="Where your days and weeks are; default: this machine's zone.")] = field(
        default_factory=system_zone
    )
    week_starts: Annotated[Literal["monday", "sunday", "saturday"], Meta(description="The first day of your week.")] = (
        "monday"
    )
    working_hours: Annotated[
        Hours, Meta(description="When you work: days to a span or a list of spans; other days are off.")
    ] = WORKING_HOURS
    ignore: Annotated[
        tuple[str, ...],
        Meta(description="Titles (* stands for anything) of events that are never counted nor protected against."),
    ] = ()
    lunch: Annotated[LunchOptions | bool, Meta(description="What stays free for lunch; false for nothing.")] = (
        LunchOptions()
    )
    people: Annotated[
        Groups,
        Meta(
            description="Who is who, by address: reports (auto: with whom you share a series of two that you organize),"
            " boss, peers, mentors, and any groups of your own."
        ),
    ] = PEOPLE
    internal: Annotated[
        tuple[Domain, ...],
        Meta(description="Domains whose people are no guests; default: those of your addresses that are not for all."),
    ] = ()
    unanswered_busy: Annotated[bool, Meta(description="Whether invitations without your answer take time.")] = True
    away_titles: Annotated[
        tuple[str, ...],
        Meta(description="Titles of all-day busy events that are days away; of other titles `plan` says so."),
    ] = AWAY_TITLES
    not_away_titles: Annotated[
        tuple[str, ...],
        Meta(description="Titles of all-day busy events that take no time; where both fit, the longer pattern counts."),
    ] = NOT_AWAY_TITLES
    region: Annotated[
        str, Meta(max_length=60, description="Your part of the country, as calendars of public holidays name it.")
    ] = ""
    courtesy: Annotated[
        Courtesy, Meta(description="A file of your own messages to others, beside this one: docs/calendar.md.")
    ] = Courtesy()
    title_prefix: Annotated[
        str, Meta(max_length=40, description="Put before the title of each event that unbusy writes.")
    ] = ""
    fill: Annotated[
        float, Meta(gt=0, le=1, description="unbusy's events take at most this share of a week's free working time.")
    ] = 0.8
    max_per_day: Annotated[
        int, Meta(ge=1, le=100, description="New events on one day, at most; the least important wait.")
    ] = 6
    max_per_week: Annotated[
        int, Meta(ge=1, le=700, description="New events in one week, at most; the least important wait.")
    ] = 20
    attention: Annotated[
        AttentionOptions, Meta(description="Questions that unbusy asks, at most; the least important are left out.")
    ] = AttentionOptions()
    max_changes: Annotated[
        int, Meta(ge=0, le=10_000, description="A run that would change or delete more events stops and asks.")
    ] = 40
    lookback: Annotated[Days, Meta(description="How far back figures and habits are read.")] = Days(28)
    horizon: Annotated[Days, Meta(description="How far ahead is planned, to the end of the week it ends in.")] = Days(
        28
    )
    interval: Annotated[Interval, Meta(description="How often the daemon looks, from 1m to 24h.")] = Interval(5)
    owner: Annotated[
        str,
        Meta(
            max_length=100,
            description="The name on unbusy's marks; default: the first of the writing account's emails.",
        ),
    ] = ""
    state: Annotated[
        Folder,
        Meta(description="Where the ledger lives; default: $STATE_DIRECTORY, else the XDG state directory."),
    ] = Folder()
    log_titles: Annotated[bool, Meta(description="Whether titles of events may stand in the log.")] = False
    monitor: Annotated[MonitorOptions, Meta(description="Whom the daemon tells how it is; by default nobody.")] = (
        MonitorOptions()
    )
    mcp: Annotated[
        AssistantOptions, Meta(description="What an assistant may do beyond looking: docs/assistant.md.")
    ] = AssistantOptions()
    away: Annotated[tuple[Away, ...], Meta(description="Days away, both ends included.")] = ()
    accounts: Annotated[dict[str, AccountOptions], Meta(description="Where your calendars are.")] = field(
        default_factory=dict
    )
    policies: Annotated[dict[str, PolicyOptions], Meta(description="What unbusy does for you.")] = field(
        default_factory=dict
    )
