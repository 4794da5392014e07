"""`[policies.network]`."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta, field

from daemon.model.options import Cadence, FaultsError, Minutes, Options, PolicyOptions, shown

POLICY = "network"

Who = Annotated[str, Meta(min_length=1, max_length=200)]


class PersonOptions(Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[[policies.network.people]]`."""

    who: Annotated[
        tuple[Who, ...],
        Meta(
            min_length=1,
            description="Somebody by addresses, and words in titles; or the name of a group of `people`.",
            examples=[["lena@example.com", "Lena*"]],
        ),
    ]
    every: Annotated[Cadence, Meta(description="How often you want to meet.")]
    length: Annotated[Minutes, Meta(description="How much time the draft of a message asks for.")] = field(
        name="for", default=Minutes(30)
    )


class NetworkOptions(PolicyOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[policies.network]`."""

    enabled: Annotated[bool, Meta(description="Whether this policy is on.")] = False
    title: Annotated[str, Meta(min_length=1, description="The title of the slot.")] = "Keep in touch"
    names: Annotated[bool, Meta(description="Whether the title names whom it is about.")] = False
    slot: Annotated[Minutes, Meta(description="The length of the slot.")] = Minutes(15)
    messages: Annotated[bool, Meta(description="Whether it holds a message, ready to copy.")] = True
    history: Annotated[
        Cadence, Meta(description="How far back it is looked when they were last met: dates alone, and only of them.")
    ] = Cadence(400)
    people: Annotated[tuple[PersonOptions, ...], Meta(description="Whom you want to keep in touch with.")] = ()

    def __post_init__(self) -> None:
        """ValueError for a length that no slot could have."""
        if not Minutes(5) <= self.slot <= Minutes(60):
            raise FaultsError({"slot": f"{self.slot}: it takes 5m to 1h"})


def check(options: NetworkOptions, working: int) -> Iterator[tuple[str, str]]:
    """Nobody is named twice."""
    del working
    seen: set[str] = set()
    for person in options.people:
        for who in (w.casefold() for w in person.who if "@" in w):
            if who in seen:
                yield "people", f"{shown(who)} is there twice; name each address once"
            seen.add(who)
