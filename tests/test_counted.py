"""What whole calendars count as, kind by kind: tests/corpus/counting/KIND holds them, as programs write them.

Each case of KIND/expected.json is read from folders as a user has them, for somebody in Warsaw, on Monday 30 November
2026.  `in`: the calendars besides, by name ({"Work": "NAME.ics"} where it is left out; Work is the one that is
written).  `as`: what the config reads a calendar as; `top` and `policies`: more lines of it, the second of focus.
`want`: the occurrences up to 13 December, each as 'mm-dd hh:mm/hh:mm' or days, what it counts as, and its title;
`minutes` of the first week, those that are not 0: all that is taken (`busy`), working time away, meetings, focus.
`notes`: a word of each note of the plan.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from daemon import cycle
from daemon.model.event import Event
from daemon.model.figures.measure import measure_week
from daemon.model.snapshot import Snapshot
from daemon.model.times import TimeRange, minus
from living import ONLY_FOCUS, Life
from making import ZONE, moment

CORPUS = Path(__file__).parent / "corpus" / "counting"
SPECS = {
    f"{path.parent.name}/{name}": spec | {"in": spec.get("in", {"Work": f"{name}.ics"})}
    for path in sorted(CORPUS.glob("*/expected.json"))
    for name, spec in json.loads(path.read_text()).items()
}
FORTNIGHT = TimeRange(moment("Mon 00:00"), moment("Mon+2 00:00"))


def shown(event: Event) -> str:
    start, end = (m.astimezone(ZONE) for m in (event.span.start, event.span.end))
    when = f"{start:%m-%d %H:%M}/{end:%H:%M}"
    if event.dates:
        when = f"{event.dates.first:%m-%d}..{event.dates.end:%m-%d}"
    return " ".join([when, event.counts_as, *["unanswered"] * event.unanswered, event.summary])


def minutes(seen: Snapshot) -> dict[str, int]:
    """Those that are not 0."""
    week, measured = seen.this_week.span(ZONE), measure_week(seen, seen.this_week)
    away = (minus(seen.working(day), seen.present(day)) for day in seen.this_week.days)
    found = {
        "busy": sum(r.minutes for r in seen.busy) - sum(r.minutes for r in minus(seen.busy, [week])),
        "away": sum(r.minutes for spans in away for r in spans),
        "meeting": measured.total("meeting"),
        "focus": measured.total("focus_booked"),
    }
    return {name: count for name, count in found.items() if count}


@pytest.fixture
def life(tmp_path: Path, request: pytest.FixtureRequest) -> Life:
    kind, spec = request.param.partition("/")[0], SPECS[request.param]
    told = [f'{{ name = "{name}", as = "{read_as}" }}' for name, read_as in spec.get("as", {}).items()]
    bare = [f'"{name}"' for name in sorted({"Work", *spec["in"]} - spec.get("as", {}).keys())]
    life = Life(
        tmp_path,
        policies=f"read = [{', '.join(told + bare)}]\n{ONLY_FOCUS}[policies.focus]\n{spec.get('policies', '')}\n",
        top=f"horizon = '7d'\n{spec.get('top', '')}",
    )
    for name, file in spec["in"].items():
        (life.root / name).mkdir(parents=True, exist_ok=True)
        (life.root / name / file).write_bytes((CORPUS / kind / file).read_bytes())
    life.folder.mkdir(exist_ok=True)
    return life


@pytest.mark.parametrize(("life", "name"), [(name, name) for name in SPECS], indirect=["life"], ids=SPECS)
def test_it_counts_as_it_is_meant(life: Life, name: str) -> None:
    spec = SPECS[name]
    with life.runtime() as runtime:
        planned = cycle.plan(runtime, life.now)
    seen = planned.observation.snapshot
    said = [shown(e) for e in seen.events if e.span.overlaps(FORTNIGHT)]
    assert said == spec["want"], spec["says"]
    assert minutes(seen) == spec.get("minutes", {})
    assert len(planned.plan.notes) == len(spec.get("notes", []))
    assert all(word in note for word, note in zip(spec.get("notes", []), planned.plan.notes, strict=True))
    assert planned.plan.problems == ()
    taken = [c.draft.when.span(ZONE) for c in planned.plan.changes]  # type: ignore[union-attr]  # creates
    assert taken, "there is time left"
    assert not any(own.overlaps(busy) for own in taken for busy in seen.busy)


def test_each_kind_has_four_cases_at_least() -> None:
    kinds = [name.partition("/")[0] for name in SPECS]
    assert all(kinds.count(kind) >= 4 for kind in kinds)
    held = {CORPUS / name.partition("/")[0] / file for name, spec in SPECS.items() for file in spec["in"].values()}
    assert set(CORPUS.glob("*/*.ics")) == held
