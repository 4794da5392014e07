"""What the config says of the user, in the terms of the model."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from daemon.config import registry
from daemon.config.schema import PEOPLE, Config, LunchOptions
from daemon.config.values import AUTO
from daemon.model.options import DAY_NAMES, AccountOptions
from daemon.model.profile import Lunch, Profile
from daemon.model.times import DAY, DateRange, TimeRange, WorkingHours, merged
from daemon.model.user.people import REPORTS, own_domains


def writing(config: Config) -> tuple[str, AccountOptions]:
    """The account that unbusy writes to: its name and its options."""
    return next((name, account) for name, account in config.accounts.items() if account.write)


def profile(config: Config, former: frozenset[str] = frozenset()) -> Profile:
    """The user, apart from any policy; of the policies, on or off, only how hand-made focus blocks are known.

    `former`: other names on marks of the user's.
    """
    name, account = writing(config)
    me = frozenset(email.lower() for one in config.accounts.values() for email in one.emails)
    people = {**dict(PEOPLE), **dict(config.people)}
    ways = [
        kind.by_hand(config.policies.get(policy) or kind.options())
        for policy, kind in registry.kinds(config.policies).items()
        if kind.by_hand
    ]
    return Profile(
        owner=config.owner or (account.emails[0] if account.emails else name),
        former=former,
        zone=ZoneInfo(config.timezone),
        hours=WorkingHours(tuple(config.working_hours)),
        me=me,
        logins=frozenset(login.lower() for one in config.accounts.values() if (login := getattr(one, "username", ""))),
        week_starts=DAY_NAMES.index(config.week_starts[:3]),
        ignore=config.ignore,
        focus_titles=tuple(title for way in ways for title in way.titles),
        focus_categories=tuple(category for way in ways for category in way.categories),
        away_titles=config.away_titles,
        not_away_titles=config.not_away_titles,
        region=config.region,
        unanswered_busy=config.unanswered_busy,
        lunch=_lunch(config),
        groups={name: frozenset(group) for name, group in people.items() if group and group != (AUTO,)},
        reports_by_calendar=people[REPORTS] == (AUTO,),
        internal=frozenset(domain.lower() for domain in config.internal) or own_domains(me),
        courtesy=config.courtesy.own,
        quotes=frozenset(account for account, options in config.accounts.items() if options.quote_titles),
    )


def _lunch(config: Config) -> Lunch | None:
    lunch = LunchOptions() if config.lunch is True else config.lunch
    return Lunch(between=lunch.between, noon=lunch.noon, minutes=int(lunch.length)) if lunch else None


def away(config: Config, zone: ZoneInfo) -> tuple[TimeRange, ...]:
    """The `[[away]]` days as instants, merged."""
    return merged(DateRange(span.first, span.last + DAY).span(zone) for span in config.away)
