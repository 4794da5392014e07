"""The plug of a policy, which wishes events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from msgspec import Struct

from daemon.model.figures.told import Told, WeekPage
from daemon.model.options import PolicyOptions
from daemon.model.profile import Profile
from daemon.model.proposal import BlockLimits, Role, Want
from daemon.model.snapshot import Snapshot
from daemon.model.times import Week
from daemon.model.user.contact import LongAgo
from daemon.model.user.reply import Rsvp

Propose = Callable[[Snapshot, Any], Iterable[Want | Rsvp]]
"""A policy: a pure function from a snapshot and its own options to everything that it wants in the window.

And, for the few that may, to the invitations that the user's own rules answer."""

Keys = Callable[[Snapshot, Any], Iterable[str]]
"""Every whole key that a policy may use for an event in the window of a snapshot, days gone by included.

By them our events are known without mark and ledger, so it depends on nothing that ours say."""

Explain = Callable[[Snapshot, Any, Week], BlockLimits]
"""What can keep blocks of a policy away in a week; asked by `unbusy explain WHEN`, for each policy that has one."""

Accounts = Callable[[Any], tuple[str, tuple[str, ...]]]
"""An option that names accounts other than the one that is written to, and the names in it."""

Check = Callable[[Any, int], Iterable[tuple[str, str]]]
"""What is wrong with options, given the minutes of working time in a week: the option, and what would be valid."""


Moments = Callable[[Snapshot, Any], Iterable[datetime]]
"""When a policy will want something else though nothing has changed; mornings and midnights are known without it."""

Recall = Callable[[Any, Profile], LongAgo]
"""Of whom a policy wants to know when they were last met, longer ago than the window goes, given its options."""


Tell = Callable[[Snapshot, Any, Sequence[Week]], Told]
"""What a policy adds to a report on some weeks, the oldest first, given its options."""


Page = Callable[[Snapshot, Any], WeekPage | None]
"""The page that the daemon should have written by now, given a policy's options; None for none."""


class ByHand(NamedTuple):
    """How events that the user made by hand are known: title patterns (case-insensitive `fnmatch`), and categories."""

    titles: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()


class PolicyKind(Struct, frozen=True, kw_only=True):
    """A row of the table of policies: what `[policies.NAME]` holds, the policy, and what it is.

    `roles`: what its events are for, by the part of the key before the first slash, '' for every other key.
    `explain`: where nothing is, why.  `check`: what msgspec cannot know of its options.  `accounts`: which of them are
    accounts to read.  `by_hand`: how focus blocks of the user's own are known.  `recall`: see there; what is found is
    in `Snapshot.last_seen`.  `moments`: see there.  `tell`: what it adds to a report.  `page`: which one the daemon
    writes.
    """

    options: type[PolicyOptions]
    propose: Propose
    roles: Mapping[str, Role]
    keys: Keys
    explain: Explain | None = None
    check: Check | None = None
    accounts: Accounts | None = None
    by_hand: Callable[[Any], ByHand] | None = None
    recall: Recall | None = None
    moments: Moments | None = None
    tell: Tell | None = None
    page: Page | None = None
