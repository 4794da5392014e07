"""Who is who: the people whom the config names, and what an event shows of the others in it.  Pure.

Nothing here is kept of anybody: each answer is read off the calendar as it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from daemon.model.event import Attendee, CountsAs, Event, ParticipationRole
from daemon.model.profile import Profile
from daemon.model.user.free_mail import FREE_MAIL

REPORTS, BOSS, PEERS, MENTORS = "reports", "boss", "peers", "mentors"
"""The groups that unbusy knows by name; the config may have any others."""

AUDIENCE = 20
"""So many others make whoever did not call a meeting one of those who listen."""

_NOT_THERE = frozenset({CountsAs.OTHERS, CountsAs.CANCELLED, CountsAs.COPY})


class People(Struct, frozen=True, kw_only=True):
    """The user's people.  `groups`: addresses (lower case) by the name of the group; `who`: the user."""

    who: Profile
    groups: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, who: Profile, events: Iterable[Event]) -> People:
        """The groups of the config.  Where it leaves the reports to the calendar, the events tell who they are."""
        groups = dict(who.groups)
        if who.reports_by_calendar:
            named = frozenset[str]().union(*groups.values())
            groups[REPORTS] = frozenset(_seen_alone(who, events)) - named
        return cls(who=who, groups=groups)

    def group(self, name: str) -> frozenset[str]:
        """The addresses of a group, none for one that nobody has named."""
        return self.groups.get(name, frozenset())

    def groups_of(self, address: str) -> tuple[str, ...]:
        """The names of the groups that somebody is in, in order."""
        return tuple(sorted(name for name, addresses in self.groups.items() if address.lower() in addresses))

    def is_report(self, address: str) -> bool:
        """Whether somebody reports to the user."""
        return address.lower() in self.group(REPORTS)

    def is_boss(self, address: str) -> bool:
        """Whether somebody is whom the user reports to."""
        return address.lower() in self.group(BOSS)

    def is_external(self, address: str) -> bool:
        """Whether an address is outside of the user's own domains; nobody's is, where these are not known."""
        return bool(self.who.internal) and _domain(address) not in self.who.internal and not self._within(address)

    def others(self, event: Event) -> tuple[str, ...]:
        """The addresses of the other people in an event, its organizer with them; each once, in order."""
        return tuple(dict.fromkeys(others_in(event, self.who)))

    def external(self, event: Event) -> tuple[str, ...]:
        """Those of them who are outside."""
        return tuple(a for a in self.others(event) if self.is_external(a))

    def invited(self, event: Event, group: str) -> tuple[str, ...]:
        """Those of them who are in a group."""
        return tuple(a for a in self.others(event) if a in self.group(group))

    def alone_with(self, event: Event) -> str:
        """The address of the one other person in it, '' where it is not a meeting of two."""
        others = self.others(event)
        return others[0] if len(others) == 1 else ""

    def is_audience(self, event: Event) -> bool:
        """Whether the user is one of many whom somebody else has called: they listen."""
        return not event.mine and len(self.others(event)) >= AUDIENCE

    def is_one_to_one(self, event: Event) -> bool:
        """Whether it is a meeting of two, with a report."""
        return self.is_report(self.alone_with(event))

    def replies(self, event: Event) -> Mapping[str, Attendee]:
        """What the calendar says of each of the others who were asked, by address: their answer, name and role."""
        return {a.address: a for a in event.attendees if a.person and self.who.is_other(a.address)}

    def organizer_name(self, event: Event) -> str:
        """The name of its organizer as it was written, '' where nobody has given it."""
        return event.organizer_name or next((a.name for a in event.attendees if a.address == event.organizer), "")

    def is_optional(self, event: Event) -> bool:
        """Whether the user is invited as an optional attendee."""
        return any(a.role is ParticipationRole.OPTIONAL and self.who.is_me(a.address) for a in event.attendees)

    def _within(self, address: str) -> bool:
        """Whether its domain is part of one of the user's, as mail.example.com is of example.com."""
        return any(_domain(address).endswith(f".{domain}") for domain in self.who.internal)


def others_in(event: Event, who: Profile) -> Iterator[str]:
    """The addresses of the other people in an event; a room is nobody, also as an organizer."""
    rooms = {a.address for a in event.attendees if not a.person}
    if event.organizer not in rooms and who.is_other(event.organizer):
        yield event.organizer
    yield from (a.address for a in event.attendees if a.person and who.is_other(a.address))


def _seen_alone(who: Profile, events: Iterable[Event]) -> Iterator[str]:
    """With whom the user shares a series of two that they organize themself; nobody from outside."""
    outside = People(who=who, groups={})
    for event in events:
        if event.series and event.mine and event.counts_as not in _NOT_THERE and who.is_me(event.organizer):
            address = outside.alone_with(event)
            if address and not outside.is_external(address):
                yield address


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()


def own_domains(addresses: Iterable[str]) -> frozenset[str]:
    """The domains of addresses, without those at which anybody may have one: these tell nothing of who belongs."""
    return frozenset(_domain(a) for a in addresses if "@" in a) - FREE_MAIL
