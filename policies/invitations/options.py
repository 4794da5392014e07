"""`[policies.invitations]`."""

from typing import Annotated, Literal

from msgspec import Meta, field

from daemon.model.options import FaultsError, Minutes, Options, PolicyOptions

POLICY = "invitations"

Patterns = tuple[Annotated[str, Meta(min_length=1, max_length=200)], ...]


class RuleOptions(Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[[policies.invitations.rules]]`: all that it names must hold."""

    answer: Annotated[Literal["decline", "tentative"], Meta(description="What it answers; never a yes.")]
    title: Annotated[
        Patterns, Meta(description="Patterns for titles, or for words in titles.", examples=[["vendor demo*"]])
    ] = ()
    sender: Annotated[
        Patterns, Meta(description="Patterns for addresses of whoever calls it.", examples=[["*@lists.example.com"]])
    ] = field(name="from", default=())
    people_over: Annotated[
        Annotated[int, Meta(ge=1)] | None, Meta(description="More people than so many, you among them.")
    ] = None
    notice_under: Annotated[Minutes | None, Meta(description="It was made less than so long before it begins.")] = None
    external: Annotated[bool | None, Meta(description="Whether anybody from outside is in it.")] = None
    optional: Annotated[bool | None, Meta(description="Whether you are asked as an optional attendee.")] = None
    conflicts: Annotated[bool | None, Meta(description="Whether you have something else then.")] = None
    after_hours: Annotated[bool | None, Meta(description="Whether it lies outside of your working hours.")] = None
    comment: Annotated[
        str, Meta(max_length=500, description="What the organizer reads beside it, where the store can say it.")
    ] = ""

    def __post_init__(self) -> None:
        """FaultsError for a rule that would answer everything, or nothing."""
        if not self.named:
            raise FaultsError({"answer": f"{self.answer} to every invitation; name what has to hold, such as `title`"})
        if self.notice_under is not None and self.notice_under <= Minutes(120):
            found = f"{self.notice_under}: no rule answers what is asked for so late; name more than 2h"
            raise FaultsError({"notice_under": found})

    @property
    def named(self) -> tuple[str, ...]:
        """The names of what has to hold."""
        said = {
            "title": bool(self.title), "from": bool(self.sender), "people_over": self.people_over is not None,
            "notice_under": self.notice_under is not None, "external": self.external is not None,
            "optional": self.optional is not None, "conflicts": self.conflicts is not None,
            "after_hours": self.after_hours is not None,
        }  # fmt: skip
        return tuple(name for name, given in said.items() if given)


class InvitationsOptions(PolicyOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[policies.invitations]`."""

    enabled: Annotated[bool, Meta(description="Whether this policy is on.")] = False
    title: Annotated[str, Meta(min_length=1, description="The title of the slot; it names nobody.")] = "To answer"
    length: Annotated[Minutes, Meta(description="Its length, in the last two hours of a day.")] = Minutes(10)
    most: Annotated[int, Meta(ge=1, le=10, description="So many invitations are named in it.")] = 4
    messages: Annotated[bool, Meta(description="Each with a message to the others, ready to copy.")] = True
    rules: Annotated[
        tuple[RuleOptions, ...], Meta(max_length=20, description="What is answered in your name; by default nothing.")
    ] = ()

    def __post_init__(self) -> None:
        """ValueError for a length that no slot could have."""
        if not Minutes(5) <= self.length <= Minutes(60):
            raise FaultsError({"length": f"{self.length}: it takes 5m to 1h"})
