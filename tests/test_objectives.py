"""What a week is for: each row of the table, on the policies and on a whole life."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon import cycle
from daemon import undo as undoing
from daemon.commands.answers import answered
from daemon.model.figures.told import Aim
from daemon.model.options import PolicyOptions
from daemon.model.owner import Field
from daemon.model.plan import Change, Create, Update
from daemon.model.proposal import Want
from daemon.model.snapshot import OwnEvent, Snapshot
from daemon.model.text import composed
from daemon.model.times import Week
from daemon.model.user.command import Command, Verb
from daemon.model.user.command_words import parsed
from daemon.model.user.entry import Entry
from daemon.model.user.gesture import Gesture, gestures
from daemon.planning.diff import Terms, diff
from daemon.planning.placement.levels import place
from living import Life
from making import CALENDAR, DAYS, day, event, meeting, own, profile, snapshot
from policies.focus.options import FocusOptions
from policies.focus.policy import propose as focus
from policies.objectives import tell
from policies.objectives.options import ObjectivesOptions
from policies.objectives.said import landed, objective, step, stuck, wins
from policies.overload.options import OverloadOptions
from policies.questions.prompts import BY_NAME
from policies.reflection import ReflectionOptions
from policies.reflection.policy import propose as reflect

NEXT, NOW, LANDED, STUCK = "objective-next", "objective-now", "objective-landed", "objective-stuck"
WEEK = Week(day("Mon"))
LAST = Week(day("Mon-1"))
RESUME = BY_NAME["focus-resume"]


def on(at: Snapshot, **more: PolicyOptions) -> Snapshot:
    """With the policies switched on."""
    policies: Mapping[str, PolicyOptions] = {
        "reflection": ReflectionOptions(), "objectives": ObjectivesOptions(), "focus": FocusOptions(), **more,
    }  # fmt: skip
    return replace(at, policies=policies, main=CALENDAR)


def said(
    question: str, text: str, *, when: str = "Fri-1", key: str = "", why: str = "", calendar: str = CALENDAR
) -> Entry:
    """An answer as the journal has it."""
    at = day(when)
    week = Week(at - dt.timedelta(days=at.weekday()))
    policy = "focus" if question == NOW else "reflection"
    return Entry(
        policy=policy, key=key or f"week/{week.key}", day=at, at=f"{at}T16:00", event="Weekly review", evidence=why,
        question=BY_NAME[question], text=text, question_id=question, calendar=calendar,
    )  # fmt: skip


def knowing(at: Snapshot, *entries: Entry) -> Snapshot:
    return replace(at, entries=entries)


def commanded(when: str, title: str, uid: str = "") -> Command:
    return parsed(event(when, title, uid=uid or title), profile())


def blocks(*titles: str) -> list[OwnEvent]:
    """/1 and on, Tue to Fri 09–11, with these titles; one that is not 'Focus' is the user's."""
    return [
        own(f"{d} 09:00-11:00", key=f"2026-W49/{n}", title=t, edited=[Field.TITLE] if t == "Board deck" else [])
        for n, (d, t) in enumerate(zip(DAYS[1:5], titles, strict=False), 1)
    ]


def changes(at: Snapshot, options: FocusOptions | None = None) -> tuple[Change, ...]:
    wants = focus(at, options or FocusOptions())
    return diff(at, place(at, wants, fill=1), Terms(main=CALENDAR))


def titles(at: Snapshot) -> dict[str, str]:
    """The titles that a run writes in week 49, by key."""
    rows = [c for c in changes(at) if isinstance(c, Update | Create) and c.wish.key.startswith("2026-W49/")]
    return {c.wish.key: c.draft.title for c in rows if isinstance(c, Create) or Field.TITLE in c.fields}


FOUR = blocks(*["Focus"] * 4)
CUT = "Focus: Cut list signed off"


# -- the table --------------------------------------------------------------------------------------------------------


def test_the_first_line_of_the_answer_is_the_title_of_the_weeks_blocks() -> None:
    at = knowing(on(snapshot(ours=FOUR)), said(NEXT, "Cut list signed off\nAsk Hugo first"))
    assert titles(at) == dict.fromkeys((f"2026-W49/{n}" for n in (1, 2, 3, 4)), CUT)
    assert all(isinstance(c, Update) for c in changes(at) if c.wish.key.startswith("2026-W49/"))
    assert "Hugo" not in str([c.draft for c in changes(at) if isinstance(c, Update | Create)])


def test_a_block_that_the_user_retitled_keeps_its_name() -> None:
    ours = blocks("Focus", "Board deck", "Focus", "Focus")
    at = knowing(on(snapshot(ours=ours)), said(NEXT, "Cut list signed off"))
    assert titles(at) == {"2026-W49/1": CUT, "2026-W49/3": CUT, "2026-W49/4": CUT}


def test_one_that_is_nobodys_business_is_in_no_title() -> None:
    at = knowing(
        on(snapshot(ours=FOUR), objectives=ObjectivesOptions(title=False)), said(NEXT, "Get out of the Berlin deal")
    )
    assert objective(at, WEEK) == "Get out of the Berlin deal"
    assert titles(at) == {}


def test_what_has_begun_keeps_its_title() -> None:
    at = knowing(on(snapshot(ours=FOUR, now="Wed 10:00")), said(NEXT, "Cut list signed off"))
    assert set(titles(at)) == {"2026-W49/3", "2026-W49/4"}


def test_blocks_that_the_user_has_moved_are_renamed_too() -> None:
    """Also where all of them are, and the week owes nothing more."""
    pinned = [replace(o, edited=frozenset({Field.WHEN})) for o in FOUR]
    at = knowing(on(snapshot(ours=pinned)), said(NEXT, "Cut list signed off"))
    assert set(titles(at).values()) == {CUT}
    assert len(titles(at)) == 4


def first_question(at: Snapshot, key: str = "2026-W49/1") -> list[str]:
    wants = focus(at, FocusOptions())
    placed = {p.key: p.want.content for p in place(at, wants, fill=1).placed}
    return list(placed[key].question_ids)


def test_unanswered_the_first_block_of_the_week_asks_in_place_of_the_resume_line() -> None:
    at = on(snapshot(ours=FOUR))
    assert first_question(at) == [NOW]
    assert first_question(at, "2026-W49/2") == ["focus-resume"]
    assert {c.wish.key for c in changes(at) if isinstance(c, Create)} == {
        c.wish.key for c in changes(snapshot(ours=FOUR)) if isinstance(c, Create)
    }, "no event more"


UNASKED: dict[str, Snapshot] = {
    "it was answered in the review": knowing(on(snapshot(ours=FOUR)), said(NEXT, "Hire plan")),
    "nobody is to ask": on(snapshot(ours=FOUR), objectives=ObjectivesOptions(ask="off")),
    "the practice is off": replace(on(snapshot(ours=FOUR)), policies={"reflection": ReflectionOptions()}),
    "and so where nothing reflects": replace(on(snapshot(ours=FOUR)), policies={"objectives": ObjectivesOptions()}),
}


@pytest.mark.parametrize("at", UNASKED.values(), ids=UNASKED)
def test_no_block_asks_for_it(at: Snapshot) -> None:
    assert first_question(at) == ["focus-resume"]


def test_once_the_first_block_has_begun_no_other_asks() -> None:
    assert first_question(on(snapshot(ours=FOUR, now="Wed 07:00")), "2026-W49/2") == ["focus-resume"]


def test_a_command_sets_or_changes_it_and_the_review_names_the_new_one() -> None:
    at = knowing(on(snapshot(ours=FOUR, now="Fri 07:00")), said(NEXT, "Cut list signed off"))
    at = replace(at, commands=(commanded("Mon 10:00-10:15", "unbusy: objective hire plan"),))
    assert set(titles(at).values()) == {"Focus: hire plan"}
    assert "You set out to: ‘hire plan’. Focus kept for it: 6 h." in review(at).content.reason


def test_a_week_away_asks_nothing_and_carries_nothing() -> None:
    away = [event(f"{d}").span for d in DAYS[:5]]
    at = on(snapshot(now="Mon 07:00", away=away))
    assert not [w for w in focus(at, FocusOptions()) if w.key == "2026-W49"]
    before = on(snapshot(now="Fri 07:00", away=[event(f"{d}+1").span for d in DAYS[:5]]))
    assert NEXT not in review(before).content.question_ids


# -- the review -------------------------------------------------------------------------------------------------------


def review(at: Snapshot, key: str = "week/2026-W49") -> Want:
    return next(w for w in reflect(at, ReflectionOptions()) if w.key == key)


def test_a_review_asks_whether_it_landed_one_question_about_what_went_well_and_the_next_one() -> None:
    at = knowing(on(snapshot(ours=FOUR, now="Fri 07:00")), said(NEXT, "Cut list signed off"))
    ids = review(at).content.question_ids
    assert (ids[0], ids[-1], len(ids)) == (LANDED, NEXT, 3)
    lines = review(at).content.reason.split("\n\n")
    assert lines[2] == "You set out to: ‘Cut list signed off’. Focus kept for it: 6 h."
    assert lines[0].startswith("Week 49: "), "the figures come first, with their picture"


@pytest.mark.parametrize(
    ("options", "last"),
    [
        ({"objectives": ObjectivesOptions()}, NEXT),
        ({"objectives": ObjectivesOptions(title=False)}, "objective-next-kept"),
        ({"focus": FocusOptions(visible=True)}, "objective-next-seen"),
        ({"focus": FocusOptions(visible=True), "objectives": ObjectivesOptions(title=False)}, "objective-next-kept"),
    ],
)
def test_the_prompt_says_where_its_first_line_will_stand(options: Mapping[str, PolicyOptions], last: str) -> None:
    at = on(snapshot(now="Fri 07:00"), **options)
    assert review(at).content.question_ids[-1] == last


@pytest.mark.parametrize("ask", ["monday", "off"])
def test_a_review_asks_for_none_where_it_shall_not(ask: str) -> None:
    at = on(snapshot(now="Fri 07:00"), objectives=ObjectivesOptions(ask=ask))  # type: ignore[arg-type]  # a literal
    assert not set(review(at).content.question_ids) & {NEXT, LANDED}


def test_a_larger_review_of_that_day_takes_them_over() -> None:
    at = knowing(on(snapshot(now="Thu 07:00", monday=dt.date(2026, 12, 28))))
    want = next(w for w in reflect(at, ReflectionOptions(weekly_day="thu")) if w.key.startswith("quarter"))
    assert want.content.question_ids[-1] == NEXT
    assert len(want.content.questions) <= 3


YES = ["yes", "Yes!", "done", "Landed on Thursday", "ja", "Oui, enfin", "sí", "tak, nareszcie"]
NO = ["no", "not yet", "nearly", "Nein", "I think yes", "yesterday it broke"]


@pytest.mark.parametrize("text", [*YES, *NO])
def test_it_landed_where_the_first_word_says_so(text: str) -> None:
    at = knowing(on(snapshot()), said(LANDED, text))
    assert landed(at, LAST) is (text in YES)


def test_done_in_the_review_says_so_too_and_silence_says_nothing() -> None:
    stands = own("Fri-1 16:00-16:25", "reflection", "week/2026-W48", title="Weekly review")
    assert landed(on(snapshot(ours=[stands])), LAST) is None
    assert landed(on(snapshot(ours=[replace(stands, gestures=frozenset({Gesture.DONE}))])), LAST) is True


STEPS = {
    "no, ask Hugo for the list": "ask Hugo for the list",
    "not yet\nget the numbers": "get the numbers",
    "No.": "",
    "yes, all of it": "",
    "half of it is there": "half of it is there",
}


@pytest.mark.parametrize(("text", "found"), STEPS.items())
def test_the_next_step_is_offered_where_it_did_not_land(text: str, found: str) -> None:
    at = knowing(on(snapshot(ours=FOUR)), said(LANDED, text))
    assert step(at, LAST, CALENDAR) == found
    (want,) = [w for w in focus(at, FocusOptions()) if w.key == "2026-W49"]
    assert [f"\nYou wrote: “{found}”" in t for _, t in want.content.first] == [bool(found)]


def test_words_below_the_first_line_do_not_cross_calendars() -> None:
    at = knowing(on(snapshot(ours=FOUR)), said(LANDED, "no, ask Hugo", calendar="work/Private"))
    assert step(at, LAST, CALENDAR) == ""


def twice(words: str, then: str) -> Snapshot:
    """Two weeks before this one with an objective each that did not land."""
    rows = [said(NEXT, words, when="Fri-3"), said(NEXT, then, when="Fri-2")]
    rows += [said(LANDED, "no", when="Fri-2"), said(LANDED, "not yet", when="Fri-1")]
    return knowing(on(snapshot(ours=FOUR)), *rows)


def test_twice_not_landed_with_the_same_words_is_asked_about_once() -> None:
    at = twice("Cut list signed off", "cut list, signed off!")
    assert stuck(at, WEEK)
    assert first_question(at) == [STUCK, NOW]
    assert not stuck(twice("Cut list", "Hire plan"), WEEK)
    known = knowing(at, *at.entries, said(STUCK, "It is two.", when="Mon"))
    assert not stuck(known, WEEK)


def test_the_review_asks_it_where_the_same_words_were_set_a_third_time() -> None:
    at = twice("Cut list", "Cut list")
    at = knowing(replace(at, now=snapshot(now="Fri 07:00").now), *at.entries, said(NEXT, "cut list"))
    assert list(review(at).content.question_ids) == [LANDED, STUCK, NEXT]


def test_wins_come_back_in_the_reviews_of_month_and_quarter() -> None:
    why = "Figures. You set out to: ‘Cut list signed off’. Focus kept for it: 5 h."
    rows = [said(LANDED, "yes", when="Fri-1", why=why), said(LANDED, "no", when="Fri-2", why=why.replace("Cut", "X"))]
    at = knowing(on(snapshot(now="Mon 07:00")), *rows)
    assert wins(at, [LAST, Week(day("Mon-2"))]) == ("Cut list signed off",)
    month = next(w for w in reflect(at, ReflectionOptions()) if w.key == "month/2026-11")
    assert "What landed: ‘Cut list signed off’." in month.content.reason


def test_the_review_carries_a_spell_of_busy_weeks_and_its_steps() -> None:
    clocks = ("09:00-10:00", "10:10-11:10", "11:20-12:20", "13:30-14:30", "14:40-15:40")
    weeks, days = ("-3", "-2", "-1", "", "+1"), DAYS[:5]
    rows = [
        meeting(f"{d}{w} {c}", f"{d}{c}", uid=f"{d}{w}{c}", series=True) for w in weeks for d in days for c in clocks
    ]
    at = on(snapshot(*rows, now="Fri 07:00"), overload=OverloadOptions(week_long_blocks=0, week_share=0))
    text = review(at).content.reason
    assert "Busy for " in text
    assert "25 h, your limit is 20 h.\n– " in text
    assert "Busy for " not in review(on(snapshot(*rows, now="Fri 07:00"))).content.reason


# -- which one counts -------------------------------------------------------------------------------------------------


def test_the_last_command_counts_then_the_block_then_the_review() -> None:
    at = knowing(on(snapshot()), said(NEXT, "by review"))
    assert objective(at, WEEK) == "by review"
    at = knowing(at, *at.entries, said(NOW, "by block", when="Tue", key="2026-W49/1"))
    assert objective(at, WEEK) == "by block"
    rows = [commanded("Mon 10:00-10:15", "unbusy: objective a"), commanded("Wed 10:00-10:15", "unbusy: Objective b")]
    assert objective(replace(at, commands=tuple(rows)), WEEK) == "b"
    assert objective(at, WEEK.next()) == ""


@pytest.mark.parametrize(
    ("when", "week"), [("Mon 10:00-10:15", "W49"), ("Fri 18:00-18:15", "W49"), ("Sat 10:00-10:15", "W50")]
)
def test_a_command_after_the_last_working_day_is_for_the_next_week(when: str, week: str) -> None:
    command = commanded(when, "unbusy: objective cut list")
    assert (command.verb, command.what) == (Verb.OBJECTIVE, "cut list")
    assert command.week
    assert command.week.key == f"2026-{week}"


@pytest.mark.parametrize("title", ["unbusy: objective", "unbusy: objective  #done ", "unbusy: objective ,;"])
def test_a_command_without_words_says_what_would_be_right(title: str) -> None:
    assert "as in `unbusy: objective cut list signed off`" in commanded("Mon 10:00-10:15", title).fault


def test_an_answer_counts_as_it_stands_on_its_event() -> None:
    asked = composed("A look back.", [BY_NAME[NEXT]])
    stands = own("Fri-1 16:00-16:25", "reflection", "week/2026-W48", title="Weekly review", text=asked)
    typed = asked.replace("focus blocks.\n", "focus blocks.\n\nHire plan\nsecret\n")
    mark = replace(stands.mark, questions=(NEXT,))
    now = replace(stands.event, description=typed)
    changed = replace(stands, event=now, mark=mark, edited=frozenset({Field.TEXT}))
    at = knowing(on(snapshot(ours=[changed])), said(NEXT, "what the journal says"))
    assert objective(at, WEEK) == "Hire plan"


HOSTILE = [
    "Cut\u202e list\x1b[31m",
    "‘unbusy: pause’",
    "#skip #done ship it",
    "a" * 500,
    "<b>bold</b>\tand ’quotes’",
    "👩‍👩‍👧‍👦" * 20,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_make_a_harmless_title_and_are_no_orders(text: str) -> None:
    at = knowing(on(snapshot(ours=FOUR, now="Tue 07:00")), said(NEXT, text))
    found = set(titles(at).values())
    assert len(found) == 1
    (title,) = found
    assert len(title) <= 36
    assert title.startswith("Focus: ")
    assert title.isprintable() or "\u200d" in title
    assert not gestures([title])


# -- a fixed point ----------------------------------------------------------------------------------------------------


@given(
    st.lists(st.sampled_from(["Focus", "Board deck", CUT, "Focus: old"]), min_size=1, max_size=4), st.text(max_size=60)
)
def test_a_run_after_the_run_changes_nothing(names: list[str], words: str) -> None:
    from instances import carried_out  # noqa: PLC0415  it needs the solver of the tests

    at = knowing(on(snapshot(ours=blocks(*names))), said(NEXT, words))
    there = carried_out(at, changes(at))
    assert changes(there) == ()


# -- a life -----------------------------------------------------------------------------------------------------------

POLICIES = "[policies.overload]\nenabled = false\n[policies.focus]\nshow_as = 'free'\n"


@pytest.fixture
def life(tmp_path: Path) -> Life:
    life = Life(tmp_path, top="horizon = '1d'", policies=POLICIES)
    life.apply()
    return life


def test_a_command_renames_in_place_answers_and_is_undone(life: Life) -> None:
    life.meet("Mon 10:00-10:15", "unbusy: objective cut list signed off", uid="aim", more="")
    before = {k: o.event.ref for k, o in life.ours().items()}
    life.apply()
    ours = life.ours()
    assert {k: o.event.ref for k, o in ours.items()} == before
    here = [o.event for k, o in ours.items() if k.startswith("2026-W49/")]
    assert {e.summary for e in here} == {"Focus: cut list signed off"}
    with life.runtime() as runtime:
        events = cycle.plan(runtime, life.now).observation.events
    answer = answered(next(e.description for e in events if e.ref.uid == "aim"))
    assert answer.startswith("Week 49 is for ‘cut list signed off’. Focus blocks that carry it: ")
    assert life.changes() == []
    life.lose_ledger()
    assert life.changes() == []
    life.apply()
    life.cancel("aim")
    life.apply()
    assert {o.event.summary for k, o in life.ours().items() if k.startswith("2026-W49/")} == {"Focus"}


def test_undo_gives_the_old_title_back(life: Life) -> None:
    life.meet("Mon 10:00-10:15", "unbusy: objective cut list signed off", uid="aim", more="")
    life.apply()
    with life.runtime() as runtime:
        undoing.undo(runtime, undoing.plan_undo(runtime, None, life.now), life.now)
    assert {o.event.summary for k, o in life.ours().items() if k.startswith("2026-W49/")} == {"Focus"}
    assert [c for c in life.changes() if c != "annotate command/aim"] == [], "only its answer follows"


def test_a_block_that_is_moved_to_today_has_the_words_of_its_morning_at_once(tmp_path: Path) -> None:
    """The first block of the week asks for the objective on its day, and no second write is needed for that."""
    policies = POLICIES + 'weekly_goal = "4h"\nblock = { min = "90m", ideal = "120m", max = "180m" }\n'
    life = Life(tmp_path, top="horizon = '1d'\nfill = 1.0", policies=policies, store="memory")
    life.meet("Mon 09:00-17:30", uid="mon")
    for when in ("Tue 11:00-17:30", "Wed 09:00-15:00", "Wed 16:30-17:30", "Thu 09:00-17:30", "Fri 09:00-17:30"):
        life.meet(when, uid=when)
    life.apply()
    assert RESUME in life.ours()["2026-W49/2"].event.description
    life.cancel("mon")
    (moved,) = [c for c in life.apply().changes if c.wish.key == "2026-W49/2"]
    assert moved.reason.startswith("Mon 30 Nov 09:00–11:00 is a better place")
    assert BY_NAME[NOW] in life.ours()["2026-W49/2"].event.description
    assert life.changes() == []


def test_a_report_tells_of_each_week_what_it_was_for_and_whether_that_landed() -> None:
    first = said(NEXT, "Cut list", when="Fri-2", key="week/2026-W47")
    second = said(NEXT, "Hire plan", when="Fri-1", key="week/2026-W48")
    at = knowing(on(snapshot(now="Fri 07:00")), first, second, said(LANDED, "Yes, on Wednesday", key="week/2026-W48"))
    found = tell(at, ObjectivesOptions(), (Week(day("Mon-2")), LAST, WEEK))
    assert found.aims == (Aim(LAST, "Cut list", landed=True), Aim(WEEK, "Hire plan", landed=None))
