"""The kinds of time in a picture, and how each is drawn: nothing depends on colour, which only repeats the fill."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from daemon.model.event import CountsAs, Event, ShowAs
from daemon.model.proposal import Role
from daemon.model.snapshot import ABSENCE, OwnEvent, Snapshot


class Kind(Struct, frozen=True):
    """A kind of time: its fill, its name, the colours of its text and of its fill.

    Colours are parameters of SGR (ECMA-48, 8.3.117), so that the terminal's own palette decides, light or dark: text
    has a background of its own, or is the terminal's with an attribute.  Where text and fill differ, the fill is an
    area.
    """

    fill: str
    name: str
    colour: str
    area: str


MEETING = Kind("▒", "meeting", "1;97;44", "34;44")
BUSY = Kind("░", "other busy time", "30;47", "90;47")
BY_HAND = Kind("─", "focus of your own", "30;46", "36;46")
AWAY = Kind("╱", "away", "2", "2")
CLASH = Kind("╳", "double booked", "1;97;41", "1;97;41")
OPEN = Kind("?", "not answered", "1;97;44", "1;97;44")
FOCUS = Kind("═", Role.FOCUS.value, "30;42", "32;42")
TENTATIVE = Kind("╌", "focus, shown tentative", "30;42", "32;42")
FREE = Kind("┄", "focus, shown free", "30;42", "32;42")
NOON = Kind("┊", "noon", "2", "2")
PROMPT = Kind("·", "prompt", "30;43", "33;43")
FLAG = Kind("⚑", "flag", "1;31", "1;31")
HEADING = Kind(" ", "heading", "1", "1")

_OF_ROLE = {
    Role.FOCUS: FOCUS, Role.PROMPT: PROMPT, Role.FLAG: FLAG, Role.NOTICE: FLAG,
    Role.PAUSE: Kind("∘", "pause", "30;42", "32;42"),
    Role.LUNCH: Kind("∪", "lunch", "30;42", "32;42"),
    Role.LANDING: Kind("»", "landing", "30;42", "32;42"),
    Role.PREPARATION: Kind("+", Role.PREPARATION.value, "30;43", "33;43"),
    Role.HABIT: Kind("~", "habit", "30;42", "32;42"),
    Role.HOLD: Kind(":", "hold", "30;47", "90;47"),
}  # fmt: skip
_SHOWN = {ShowAs.TENTATIVE: TENTATIVE, ShowAs.FREE: FREE}
_FOREIGN = {CountsAs.MEETING: MEETING, CountsAs.BUSY: BUSY, CountsAs.FOCUS: BY_HAND} | dict.fromkeys(ABSENCE, AWAY)

YOURS = (MEETING, BUSY, BY_HAND, AWAY, CLASH, OPEN, NOON)
OURS = tuple(dict.fromkeys([FOCUS, TENTATIVE, FREE, *_OF_ROLE.values()]))

Piece = tuple[str, Kind | None]
Line = Sequence[Piece]


def drawn(snapshot: Snapshot) -> list[tuple[Kind, Event]]:
    """Every event that takes time or is ours."""
    foreign = ((kind, e) for e in snapshot.events if (kind := _FOREIGN.get(e.counts_as)))
    return [*foreign, *((_of_ours(snapshot.role(o), o), o.event) for o in snapshot.ours)]


def _of_ours(role: Role, own: OwnEvent) -> Kind:
    """Of focus also how others see it; what stands over a whole day is a flag."""
    if own.event.all_day:
        return FLAG
    return _SHOWN.get(own.event.show_as, FOCUS) if role is Role.FOCUS else _OF_ROLE[role]


def legend(lines: Iterable[Line], width: int) -> Iterator[Line]:
    """What each fill means that was used: first the user's own time, then ours."""
    used = {kind for line in lines for _, kind in line}
    if not used.isdisjoint((*YOURS, *OURS)):
        yield ()
    for label, kinds in (("", YOURS), ("unbusy: ", OURS)):
        line: list[Piece] = [(label, None)]
        for kind in (k for k in kinds if k in used):
            if sum(len(text) for text, _ in line) + len(kind.name) + 2 > width:
                yield line
                line = []
            line += [(kind.fill, kind), (f" {kind.name}   ", None)]
        if len(line) > 1:
            yield line


def written(lines: Iterable[Line], *, colour: bool) -> str:
    """The lines as one text without trailing space."""

    def painted(text: str, kind: Kind | None) -> str:
        if not colour or not kind:
            return text
        title = text.rstrip(kind.fill)
        return f"\x1b[{kind.colour}m{title}\x1b[0;{kind.area}m{text[len(title) :]}\x1b[0m"

    return "\n".join("".join(painted(*piece) for piece in line).rstrip() for line in lines)
