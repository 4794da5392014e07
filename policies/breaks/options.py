"""`[policies.breaks]`."""

from datetime import date
from typing import Annotated

from msgspec import Meta

from daemon.model.options import FaultsError, Minutes, PolicyOptions

POLICY = "breaks"
MOST = 4  # pauses after talks on one day


class BreaksOptions(PolicyOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[policies.breaks]`."""

    title: Annotated[str, Meta(min_length=1, description="The title of pauses.")] = "Pause"
    decompression: Annotated[bool, Meta(description="A pause after a heavy talk.")] = True
    heavy: Annotated[tuple[str, ...] | None, Meta(description="Titles of heavy talks; default: five languages.")] = None
    heavy_length: Annotated[Minutes, Meta(description="Its length; half as much again after several.")] = Minutes(30)
    question: Annotated[bool, Meta(description="Whether that pause asks a question.")] = True
    recovery: Annotated[bool, Meta(description="10 or 20 minutes after two or three hours of meetings.")] = True
    lunch: Annotated[bool, Meta(description="Lunch as an event on days with 4 hours and more booked.")] = False
    lunch_title: Annotated[str, Meta(min_length=1, description="The title of lunch.")] = "Lunch"

    def __post_init__(self) -> None:
        """ValueError for a length that no pause could have."""
        if not Minutes(10) <= self.heavy_length <= Minutes(120):
            raise FaultsError({"heavy_length": f"{self.heavy_length}: a pause takes 10m to 2h"})


def key(kind: str, day: date, n: int = 0) -> str:
    """'recovery/2026-12-01'; 'calm/2026-12-01-2' for the second one of a day.  It says no more than the title."""
    return f"{kind}/{day}-{n + 1}" if n else f"{kind}/{day}"
