"""Whom the config names, in its order: single people, and the members of groups."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator

from msgspec import Struct

from daemon.model.owner import Subject
from daemon.model.profile import Profile
from daemon.model.user.contact import LongAgo, Named
from daemon.model.words import person
from policies.network.options import NetworkOptions, PersonOptions


class Friend(Struct, frozen=True, kw_only=True):
    """Somebody, with the wish of the user: to meet every so many days, for so many minutes."""

    named: Named
    every: int
    minutes: int

    @property
    def id(self) -> str:
        """The id of the subject."""
        return self.named.about.id

    @property
    def name(self) -> str:
        """As the user calls them."""
        return self.named.about.name

    @property
    def key(self) -> str:
        """Its part of a key: eight characters of base32hex of SHA-256, so that no key names anybody."""
        return base64.b32hexencode(hashlib.sha256(self.id.encode(errors="surrogatepass")).digest()).decode().lower()[:8]


def friends(options: NetworkOptions, who: Profile) -> tuple[Friend, ...]:
    """Each once; whoever is named by themself and in a group has their own cadence."""
    rows = [friend for one in options.people for friend in _of(one, who)]
    alone = [f for one in options.people if not _is_group(one, who) for f in _of(one, who)]
    taken = {address for f in alone for address in f.named.addresses}
    kept = [f for f in rows if f in alone or not f.named.addresses & taken]
    return tuple({f.id: f for f in reversed(kept)}[name] for name in dict.fromkeys(f.id for f in kept))


def recall(options: NetworkOptions, who: Profile) -> LongAgo:
    """Of these people, and of nobody else."""
    return LongAgo(days=int(options.history), people=tuple(f.named for f in friends(options, who)))


def _is_group(one: PersonOptions, who: Profile) -> bool:
    return len(one.who) == 1 and one.who[0] in who.groups


def _of(one: PersonOptions, who: Profile) -> Iterator[Friend]:
    if _is_group(one, who):
        for address in sorted(who.groups[one.who[0]]):
            yield _friend(one, (address,), ())
        return
    addresses = tuple(w.lower() for w in one.who if "@" in w)
    yield _friend(one, addresses, tuple(w for w in one.who if "@" not in w))


def _friend(one: PersonOptions, addresses: tuple[str, ...], titles: tuple[str, ...]) -> Friend:
    address = addresses[0] if addresses else ""
    named = next((name for t in titles if _is_name(name := t.strip("*? "), address)), "")
    name = person(named or _called(address), address)
    slug = addresses[0] if addresses else "-".join(re.findall(r"\w+", titles[0].casefold())) or "somebody"
    about = Subject(f"person:{slug}", name)
    return Friend(
        named=Named(about=about, addresses=frozenset(addresses), titles=titles),
        every=int(one.every),
        minutes=int(one.length),
    )


def _is_name(words: str, address: str) -> bool:
    """Whether these words of a title may be what somebody is called: 'Lena', or what the address begins with.

    'Lunch with Lena' is what one does with her.
    """
    found = re.findall(r"\w+", words.casefold())
    return (
        len(found) == 1
        or not address
        or (bool(found) and found[0] in re.findall(r"[^\W_]+", address.partition("@")[0]))
    )


def _called(address: str) -> str:
    """'Lena Roe', of lena.roe@example.com; '' where the address does not tell."""
    first = address.partition("@")[0]
    return first.replace(".", " ").title() if re.fullmatch(r"[^\W\d_]{2,}(?:\.[^\W\d_]{2,})?", first) else ""
