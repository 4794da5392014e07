"""Guards, each broken by itself on a copy of the tree: the tests named beside it must fail.  `make mutations`.

A guard that no test would miss is none.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parent.parent
PARTS = ("daemon", "connectors", "policies", "tests", "pyproject.toml")
SECONDS = 300  # for the tests of one mutation
FAILED = 1
"""The exit code of pytest when a test has failed; others mean that none was run."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """What is broken, as `old` that becomes `new` in `file`, and the tests (with `-k some`) that see it."""

    guard: str
    file: str
    old: str
    new: str
    tests: str
    some: str = ""


MIGRATION = "tests/test_migrations.py"
CASES = "tests/unit/test_reader_cases.py"
SHOWING = "tests/test_showing.py"
TAKEN = "tests/test_taken.py"
FIRST = "tests/test_first_contact.py"
HUGE = "tests/test_huge_answers.py"
OWNERS = "tests/test_owners.py"
UNMARKED = "tests/test_unmarked.py"
OWNERSHIP, COMMANDS, CONTRACT = "tests/test_ownership.py", "tests/test_commands.py", "tests/contract/test_writers.py"
WHOSE, SHARED = "tests/unit/test_whose.py", "tests/test_shared_calendars.py"

HABITS, MIRROR = "tests/unit/test_habits.py", "tests/unit/test_mirror.py"
REPORT_PAGE = "tests/test_report_page.py"
OBJECTIVES, LANDING = "tests/test_objectives.py", "tests/test_landing.py"
BREAKS, UNDO = "tests/unit/test_breaks.py", "tests/test_undo_of_practices.py"

MUTATIONS = (
    # habits and mirror
    Mutation(
        "what is for others rests in a busy week", "policies/habits/policy.py",
        "if not (habit.rests and _busy(",
        "if not (False and _busy(", HABITS,
    ),
    Mutation(
        "what rests in busy weeks does not come and go", "policies/habits/policy.py",
        "1 if stands else LEAVE",
        "1", HABITS,
    ),
    Mutation(
        "habits are of this week and the next", "policies/habits/policy.py",
        "snapshot.weeks[:WEEKS]",
        "snapshot.weeks", HABITS,
    ),
    Mutation(
        "of two walks a week neither is next to the other", "policies/habits/policy.py",
        "prefer=_apart(snapshot, habit, ahead, on) if habit.per_week > 1 else ()",
        "prefer=()", HABITS,
    ),
    Mutation(
        "a short habit is worth its place", "policies/habits/policy.py",
        "each=True",
        "each=False", HABITS,
    ),
    Mutation(
        "office hours alone are for others to read", "policies/habits/policy.py",
        "visible=habit.visible,",
        "visible=True,", HABITS,
    ),
    Mutation(
        "what asks before a meeting is made in its morning", "policies/habits/first_meeting.py",
        "or snapshot.now < snapshot.morning(today)",
        "or False", HABITS,
    ),
    Mutation(
        "no question about strengths comes twice in three weeks", "policies/habits/first_meeting.py",
        "> snapshot.today - AGAIN",
        "> snapshot.today + AGAIN", HABITS,
    ),
    Mutation(
        "silence makes the minutes before a meeting rarer", "policies/habits/first_meeting.py",
        "if len(silent) < SILENT:",
        "if len(silent) < 99:", HABITS,
    ),
    Mutation(
        "another window is offered once", "policies/habits/offers.py",
        "if any(begins in o.event.description for o in said):",
        "if False:", HABITS,
    ),
    Mutation(
        "habits of two names share no day's limit", "daemon/model/proposal.py",
        "in {Role.HABIT, Role.LANDING}",
        "in {Role.LANDING}", HABITS,
    ),
    Mutation(
        "no word of a source crosses", "policies/mirror.py",
        "show_as=ShowAs.BUSY, silent=True",
        "show_as=ShowAs.BUSY", MIRROR,
    ),
    Mutation(
        "what any unbusy made is never held", "policies/mirror.py",
        "and not shown and not made",
        "and not shown", MIRROR,
    ),
    Mutation(
        "what colleagues see anyway is never held", "policies/mirror.py",
        "and not shown and not made",
        "and not made", MIRROR,
    ),
    Mutation(
        "what a tool makes of a hold is never held", "policies/mirror.py",
        "if not _is_copy(e, holds) for",
        "for", MIRROR,
    ),
    Mutation(
        "two mirrors do not drive each other out", "policies/mirror.py",
        "return not holds.has(event.ref.key) and any(",
        "return any(", MIRROR,
    ),
    Mutation(
        "a meeting at the very time is there already", "policies/mirror.py",
        "    if (event.span, CountsAs.MEETING) in there:\n        return True\n",
        "", MIRROR,
    ),
    Mutation(
        "a hold that the user has moved settles its source", "policies/mirror.py",
        "return cls(standing, begun | moved, gone)",
        "return cls(standing, begun, gone)", MIRROR,
    ),
    Mutation(
        "a hold keeps its name as others join it", "policies/mirror.py",
        "known = [n for n in names if n in self.standing] or ",
        "known = ", MIRROR,
    ),
    Mutation(
        "a hold hangs on the calendars it comes from", "policies/mirror.py",
        "source=frozenset(piece.calendar for piece in pieces),",
        "source=frozenset(),", MIRROR,
    ),
    Mutation(
        "a hold follows at once", "daemon/planning/placement/occupancy.py",
        " and not alone",
        "", MIRROR,
    ),
    # pauses and lunch
    Mutation(
        "where lunch is an event its day needs no other time for it", "daemon/planning/placement/occupancy.py",
        "            if day not in self._fed:\n", "            if True:\n", BREAKS, "second_one",
    ),
    Mutation(
        "lunch that the user has put where nobody eats does not count", "daemon/planning/placement/occupancy.py",
        "return bool(lunch.slots(self.snapshot, self._day(start), around))", "return True", BREAKS, "put_elsewhere",
    ),
    Mutation(
        "lunch is placed before what leaves it free", "daemon/planning/placement/levels.py",
        "for lunch in (True, False):", "for lunch in (False, True):", "tests/test_oracle.py", "best_score",
    ),
    Mutation(
        "lunch comes beside a pause", "policies/breaks/lunch.py",
        "room(snapshot, form, grid.day, own, apart)", "room(snapshot, form, grid.day, own)", BREAKS, "planned",
    ),
    Mutation(
        "lunch is an event where there is much", "policies/breaks/lunch.py",
        "booked < BOOKED", "booked < 1", BREAKS, "planned",
    ),
    Mutation(
        "lunch is held for two weeks", "policies/breaks/lunch.py", "snapshot.weeks[:2]", "snapshot.weeks", BREAKS,
        "planned",
    ),
    Mutation(
        "a pause begins two hours after its talk at the latest", "policies/breaks/talks.py",
        "REACH = timedelta(hours=2)", "REACH = timedelta(hours=9)", BREAKS, "planned",
    ),
    Mutation(
        "a pause that was turned down has no other in its place", "policies/breaks/talks.py",
        'or key("calm", day) not in refused', "or True", BREAKS, "does_not_come_back",
    ),
    Mutation(
        "a pause comes after its talk, and before the next one", "policies/breaks/talks.py",
        "min(last, until or last)", "last", BREAKS, "no_room_before",
    ),
    Mutation(
        "recovery is made a day ahead", "policies/breaks/recovery.py",
        "found.where.start - snapshot.now <= AHEAD", "True", BREAKS, "planned",
    ),
    Mutation(
        "recovery comes twice a week", "policies/breaks/recovery.py", "PER_WEEK - len(skips | kept)", "PER_WEEK",
        BREAKS, "counts",
    ),
    Mutation(
        "what begins soon is break enough", "daemon/planning/placement/occupancy.py",
        "if any(start in range(*to_span(r))", "if any(False and start in range(*to_span(r))", BREAKS, "begins_soon",
    ),
    Mutation(
        "a pause leaves time for lunch", "daemon/planning/placement/occupancy.py", "if spec.noon is Noon.BESIDE:",
        "if False:", BREAKS, "planned",
    ),
    Mutation(
        "never ends each kind by itself", "policies/breaks/recovery.py", 'about=(Subject("recovery"),),',
        'about=(Subject("pauses"),),', "tests/test_pauses.py", "never and recovery",
    ),
    # what undo leaves, and what cannot be read
    Mutation(
        "undo lists what was said never to come", "daemon/undo.py", "if never.holds and never.on == day}",
        "if False}", UNDO, "never",
    ),
    Mutation(
        "undo says how an objective is taken back", "daemon/undo.py", "c.verb is Verb.OBJECTIVE", "False", UNDO,
        "objective",
    ),
    Mutation(
        "a command whose own block cannot be read takes no other", "policies/focus/names.py",
        "if command.key not in {wish", "if True or command.key not in {wish", COMMANDS, "cannot_be_read",
    ),
    Mutation(
        "what a hold stands for is no copy of it", "daemon/planning/counting/copies.py",
        "if any(key.startswith(e.ref.key) for key in keys):", "if False:", "tests/test_one_life.py", "no_copy_of_them",
    ),
    Mutation(
        "an objective that is private is in no title", "policies/focus/names.py",
        "if options and options.title else title", "if options else title", OBJECTIVES, "nobodys",
    ),
    Mutation(
        "a way into absence is for three days and more", "policies/focus/landing.py", "LONG = 3", "LONG = 2", LANDING,
        "there_is_none",
    ),
    Mutation(
        "a handover is in the last hours", "policies/focus/landing.py", "LAST_HOURS = timedelta(hours=3)",
        "LAST_HOURS = timedelta(hours=9)", LANDING, "last_three",
    ),
    Mutation(
        "a landing takes the longest gap of its day", "policies/focus/landing.py",
        "return int(length) if longest >= length or longest < SHORTEST else longest", "return int(length)", LANDING,
        "landing_takes",
    ),
    # what would be silly
    Mutation(
        "what one does with somebody is no name", "policies/network/people.py",
        "if _is_name(name :=", "if (name :=", "tests/unit/test_network.py", "called",
    ),
    Mutation(
        "who only listens prepares nothing", "policies/preparation/weight.py",
        "and not people.is_audience(event) and not", "and not", "tests/unit/test_preparation.py", "worth",
    ),
    Mutation(
        "what prepares something is not prepared", "policies/preparation/weight.py",
        " and not _prepares(event), BY_TITLE", ", BY_TITLE", "tests/unit/test_preparation.py", "worth",
    ),
    Mutation(
        "a slot with nothing to say does not come", "policies/advisors/policy.py",
        "if windows and due and says:", "if windows and due:", "tests/unit/test_advisors.py", "nothing_to_say",
    ),
    Mutation(
        "no question names what bears the words of a heavy talk", "policies/questions/evidence.py",
        " or shows(event.summary, words(Kind.HEAVY)) else (event,)", " else (event,)", "tests/unit/test_reflection.py",
        "layoffs",
    ),
    Mutation(
        "the boss is asked of as no report", "policies/questions/evidence.py",
        "== 1 and not snapshot.people.invited(event, BOSS)", "== 1", "tests/unit/test_reflection.py", "boss",
    ),
    Mutation(
        "a review comes earlier where its last hours are taken", "policies/reflection/policy.py",
        "and windows and not _has_room(", "and windows and False and not _has_room(", "tests/unit/test_reflection.py",
        "comes_earlier",
    ),
    Mutation(
        "a review is made though it can ask nothing", "daemon/planning/restraint/budgets.py",
        "and not p.want.content.shows", "", "tests/unit/test_limits.py", "though_it_can",
    ),
    Mutation(
        "office hours are in working time", "policies/habits/policy.py",
        "within(there, snapshot.working(day)) if habit.visible else there", "there", HABITS, "in_working_time",
    ),
    Mutation(
        "self-care has its place before what is for others", "policies/habits/policy.py",
        "Level.NETWORK if habit.visible else Level.HABIT", "Level.HABIT", HABITS, "self_care",
    ),
    Mutation(
        "an invitation is not named day after day", "policies/invitations/policy.py", "OFTEN = 2", "OFTEN = 9",
        "tests/unit/test_invitations.py", "without_an_answer",
    ),
    Mutation(
        "nobody is advised to skip what the boss calls", "policies/overload/ways.py", "return called or alone or",
        "return alone or", "tests/unit/test_way_out.py", "left_alone",
    ),
    Mutation(
        "usual evenings are no rise", "policies/overload/spells.py",
        'by = "after_hours" if self.span(week).over == ("after_hours",) else "meeting"', 'by = "meeting"',
        "tests/unit/test_spells.py", "usual",
    ),
    Mutation(
        "what is shown free took nothing", "daemon/planning/fates.py",
        " if e.counts_as in TAKING] or over", "] or over", "tests/test_golden.py", "on-call",
    ),
    # objectives, and what is around focus
    Mutation(
        "only the first line of an objective leaves its event", "policies/objectives/said.py",
        'return next((_MARKS.sub("", line) for line in lines if line), "")', 'return " ".join(lines)', OBJECTIVES,
        "first_line",
    ),
    Mutation(
        "silence does not say that it failed", "policies/objectives/said.py",
        "return _is_yes(said[-1]) if said else None", "return bool(said) and _is_yes(said[-1])", OBJECTIVES, "silence",
    ),
    Mutation(
        "a step does not leave its calendar", "policies/objectives/said.py",
        "away = _is_yes(answer) or not here or answer.calendar != here", "away = _is_yes(answer)", OBJECTIVES, "cross",
    ),
    Mutation(
        "what is asked once is not asked again", "policies/objectives/said.py",
        'same != {""} and not _was_asked(snapshot)', 'same != {""}', OBJECTIVES, "twice",
    ),
    Mutation(
        "once the first block has begun no other asks", "policies/focus/resume.py",
        "if begun or objective(snapshot, week):", "if objective(snapshot, week):", OBJECTIVES, "once_the_first",
    ),
    Mutation(
        "a block that the user retitled serves no command", "policies/focus/names.py",
        "ours = Field.TITLE not in own.edited and not", "ours = not", "tests/test_commands.py",
        "retitled_serves and vdir",
    ),
    Mutation(
        "a note opens two blocks, and then rests", "policies/focus/resume.py",
        "reverse=True)[:TURNS]:", "reverse=True):", LANDING, "written_opens",
    ),
    Mutation(
        "what others may read quotes nothing", "policies/focus/resume.py",
        "return () if options.visible else fixed(snapshot, RESUME)", "return fixed(snapshot, RESUME)", LANDING,
        "visible_block",
    ),
    Mutation(
        "a visible block names no meeting", "daemon/planning/fates.py",
        'took" if not placed.want.content.visible else ""', 'took"', LANDING, "visible_block",
    ),
    Mutation(
        "a pause is no absence", "daemon/planning/snapshots.py",
        "if e.counts_as in ABSENCE and e.ref not in commands]", "if e.counts_as in ABSENCE]", LANDING,
        "pause_of_a_week",
    ),
    Mutation(
        "days off alone are no absence", "policies/focus/landing.py",
        "if not working or d in snapshot.days_off:", "if not working:", LANDING, "there_is_none",
    ),
    Mutation(
        "a landing counts as no focus of its day", "daemon/model/proposal.py",
        "in {Role.HABIT, Role.LANDING}", "in {Role.HABIT}", LANDING, "all_the_same",
    ),
    Mutation(
        "a suggestion comes once in four weeks", "policies/focus/suggestion.py",
        "len(here) >= ENOUGH and not _was_said(snapshot, on)", "len(here) >= ENOUGH", LANDING, "said_once",
    ),
    # questions
    Mutation(
        "slots that ask are made in the morning of their day", "policies/reflection/policy.py",
        "due = snapshot.now >= snapshot.morning(slot.day) and fits", "due = fits", "tests/unit/test_reflection.py",
    ),
    Mutation(
        "words do not cross calendars", "policies/reflection/echoes.py", "if here and (entry.calendar or",
        "if True or (entry.calendar or", "tests/unit/test_reflection.py", "cross",
    ),
    Mutation(
        "nothing is said of a private event", "policies/questions/evidence.py",
        "not (event.unanswered or event.secret)", "not event.unanswered", "tests/unit/test_reflection.py", "evidence",
    ),
    Mutation(
        "a question about what is gone is replaced", "daemon/planning/diff.py",
        "if not placed.want.content.revised and ", "if ", "tests/test_questions.py",
    ),
    Mutation(
        "the last line of older versions is ours", "daemon/model/text.py", "_FOOTERS[-1] if line in _FOOTERS else line",
        "line", "tests/unit/test_text.py",
    ),
    # planning
    Mutation(
        "a block is moved once", "daemon/planning/placement/occupancy.py", "elif block and o.mark.moves:",
        "elif block and o.mark.moves > 1:", SHOWING,
    ),
    Mutation(
        "what is lost stays until the morning of its day", "daemon/planning/placement/giving_way.py",
        "if snapshot.now < snapshot.morning(", "if False and snapshot.now < snapshot.morning(", SHOWING,
        "its_day_comes",
    ),
    Mutation(
        "an invitation takes no block for good", "daemon/planning/placement/giving_way.py",
        "snapshot.busy_beside_unanswered", "snapshot.busy", SHOWING, "its_day_comes",
    ),
    Mutation(
        "an hour and a half of a block stays", "daemon/planning/placement/giving_way.py",
        "min(spec.cuts, end - start - MIDDLING)", "spec.cuts", "tests/test_where_focus_goes.py", "comes_before",
    ),
    Mutation(
        "what the user has changed ends no earlier", "daemon/planning/placement/giving_way.py",
        "block.edited or snapshot.firm(block)", "snapshot.firm(block)", "tests/test_where_focus_goes.py",
        "comes_before",
    ),
    Mutation(
        "how a block is shown changes twice at most", "daemon/planning/fates.py", "own.mark.shows >= MOST_SHOWN",
        "own.mark.shows > MOST_SHOWN", SHOWING,
    ),
    Mutation(
        "hours in which a block was deleted stay free", "daemon/planning/placement/occupancy.py",
        "*apart, *self._refused(lane), *(span", "*apart, *(span", "tests/test_where_focus_goes.py",
    ),
    Mutation(
        "a week stays what it was treated as", "policies/focus/showing.py", "    if treated:", "    if not treated:",
        SHOWING,
    ),
    Mutation(
        "what was placed by 0.1 is known as that after a write", "daemon/planning/diff.py",
        "change.before.old and not change.mark.local", "False", SHOWING,
    ),
    Mutation(
        "a field that the user edited is never written", "daemon/planning/diff.py",
        "!= own.mark.base[f] and f not in own.edited)", "!= own.mark.base[f])", OWNERSHIP, "memory",
    ),
    Mutation(
        "what the user touched is not deleted", "daemon/planning/diff.py",
        "return not own.edited and not snapshot", "return not snapshot",
        OWNERSHIP, "memory",
    ),
    Mutation(
        "what has begun is not deleted", "daemon/planning/diff.py",
        "not own.edited and not snapshot.begun(own.event) and", "not own.edited and", "tests/test_machine.py",
    ),
    Mutation(
        "what undo put back is no edit of the user's", "daemon/model/snapshot.py",
        "return self.edited - (self.taken_back.fields.keys() if self.taken_back else frozenset())",
        "return self.edited", "tests/test_undo.py", "memory",
    ),
    Mutation(
        "what undo put back stays while the config is the same", "daemon/planning/snapshots.py",
        "if back and back.holds:", "if False:", "tests/test_undo.py", "memory",
    ),
    Mutation(
        "what undo put back is settled, whatever lies over it", "daemon/model/figures/owing.py",
        "if own.done or own.put_back for", "if own.done for", "tests/unit/test_taken_back.py",
    ),
    Mutation(
        "every option of the whole file decides, unless it is named", "daemon/config/digest.py",
        "if name not in BESIDE}", "if name == 'accounts'}", "tests/unit/test_taken_back.py", "whole_file",
    ),
    Mutation(
        "the name of a calendar of another account is not written", "daemon/planning/notices.py",
        "return account == account_of(main) or account in", "return True or account in", "tests/test_attacks.py",
        "calendar_of_another",
    ),
    Mutation(
        "the first UID decides only where it is the event's", "connectors/rfc5545/codec.py",
        'if at >= 0 and payload.startswith(b"\\nBEGIN:VEVENT", payload.rfind(b"\\nBEGIN:", 0, at)):', "if at >= 0:",
        "tests/unit/test_codec.py", "wherever",
    ),
    Mutation(
        "of the addresses of a server only so many are taken", "connectors/caldav/discovery.py",
        "return tuple(islice(dict.fromkeys(good), ADDRESSES))", "return tuple(dict.fromkeys(good))",
        "tests/test_caldav_answers.py", "addresses_are_the_users",
    ),
    Mutation(
        "what is taken back comes again once the config changes", "daemon/stages/taken_back.py",
        "if back.digest != today(row.policy)", "if False", "tests/test_undo.py", "memory",
    ),
    Mutation(
        "a skip counts for more than an undo", "daemon/ledger/rows.py",
        "return list((rows | {", "return list(({", "tests/contract/test_ledger.py", "taken",
    ),
    Mutation(
        "an answer ends before what was taken back", "daemon/journal/answers.py",
        "(?:Skipped|Taken back|Wanted again|Never again|Asked for again)", "(?:Skipped)",
        "tests/unit/test_taken_back.py", "answer",
    ),
    Mutation(
        "what was booked over meanwhile is not put back over it", "daemon/planning/again.py",
        "if write or not _taken(draft, before):", "if True:", "tests/test_undo.py", "finds_no_place and memory",
    ),
    Mutation(
        "a run calls what it makes as the next one would", "daemon/cycle.py",
        "made = made if called == wants else", "made = made if True else", COMMANDS, "called_by_it_at_once",
    ),
    Mutation(
        "a hold that went does not come back by another name", "policies/mirror.py",
        "*filter(None, self.gone.values()))", ")", MIRROR, "second_half",
    ),
    Mutation(
        "a hold that is wanted again stands over its source", "daemon/planning/again.py",
        "if draft.when.all_day or before.roles.of(draft.mark.wish) in (Role.HOLD, Role.LUNCH):",
        "if draft.when.all_day:", "tests/test_one_life.py", "as_soon_as and memory",
    ),
    Mutation(
        "what was given up for good is settled when it is back", "daemon/undo.py",
        "UNDONE if row.cause in _SETTLED else EXTRA", "EXTRA", "tests/test_undo.py", "given_up_for_good",
    ),
    Mutation(
        "a deletion that did not come about forgets nothing", "daemon/stages/applying.py",
        "return row if back or not before else replace(row, taken_back=before.taken_back)", "return row",
        "tests/test_undo.py", "did_not_come_about",
    ),
    Mutation(
        "a purge knows what undo has put back", "daemon/cycle.py",
        "names=known, taken_back=back)", "names=known)", "tests/test_undo.py", "purge_that_is_taken",
    ),
    Mutation(
        "a block that is moved to today has the words of today", "daemon/planning/diff.py",
        "day = when.first_day(snapshot.zone)", "day = own.event.when.first_day(snapshot.zone)", OBJECTIVES,
        "moved_to_today",
    ),
    Mutation(
        "the last word in the journal counts", "daemon/journal/pages.py",
        'lambda before: f"{ended(before)}{text}"', 'lambda before: before if text in before else f"{before}{text}"',
        "tests/contract/test_journal.py",
    ),
    Mutation(
        "a ledger that knows only the journal is new", "daemon/stages/ours/own_state.py",
        "row.status in turned_down or not row.calendar", "row.status in turned_down", "tests/test_undo.py",
        "numbers_that",
    ),
    Mutation(
        "an earlier UID that is taken stands for nothing later", "daemon/stages/doubt/taken.py",
        "others.keys() & (away | earlier) - ours", "others.keys() & away - ours", TAKEN, "first_uid and memory",
    ),
    Mutation(
        "an earlier UID that is taken makes nothing again", "daemon/stages/doubt/taken.py",
        "    return {wish: event for wish, event in others.items() if wish not in ours}", "    return others", TAKEN,
        "out_of_sight",
    ),
    Mutation(
        "a calendar that the config has come to name is looked for", "connectors/caldav/connector.py",
        "if not known or not self.options.are_among(", "if not known or not ((lambda *_: True))(", UNMARKED,
        "another_name_is_no and radicale",
    ),
    Mutation(
        "the time of what the user deleted is not owed again", "daemon/model/figures/owing.py",
        "return self.kept + self.skipped + self.moved_out", "return self.kept + self.moved_out", OWNERSHIP, "memory",
    ),
    Mutation(
        "nothing is written in a calendar that could not be read", "daemon/planning/diff.py",
        " if c.calendar not in terms.stale", "", OWNERSHIP + " tests/test_cycle.py", "not vdir",
    ),
    Mutation(
        "a text is written once a day", "daemon/planning/diff.py",
        "    return written or day", "    return day", "tests/test_cycle.py",
    ),
    Mutation(
        "too many changes stop a plan", "daemon/planning/restraint/limits.py",
        "if len(counted) > max_changes:", "if len(counted) > 10 * max_changes:", "tests/unit/test_limits.py",
    ),
    Mutation(
        "a pause spares what the user touched", "daemon/planning/orders.py",
        "for o in snapshot.ours if not o.edited and not", "for o in snapshot.ours if not", COMMANDS, "memory",
    ),
    Mutation(
        "an invitation is never a command", "daemon/model/user/command_words.py",
        "and not profile.is_other(event.organizer)", "", COMMANDS, "memory",
    ),
    Mutation(
        "what is ordered to go and has another place only moves", "daemon/planning/planner.py",
        "for d in orders if d.wish not in {p.wish for p in placement.placed})", "for d in orders)", COMMANDS, "pause",
    ),
    Mutation(
        "the number of what is there, but not ours any more, is not given again", "daemon/planning/planner.py",
        "used | terms.unseen | _wishes", "used | _wishes", OWNERSHIP, "memory",
    ),
    Mutation(
        "of two generations the newest is ours", "daemon/planning/snapshots.py",
        "return own.mark.generation,", "return 0,", "tests/unit/test_snapshots.py",
    ),
    Mutation(
        "of one generation what can be read is ours", "daemon/planning/snapshots.py",
        "own.mark.generation, readable, ", "own.mark.generation, True, ", "tests/unit/test_snapshots.py",
    ),
    *(
        Mutation(
            f"what {name} is worth", "daemon/planning/placement/score.py", f"\n{name} = {value}\n",
            f"\n{name} = {other}\n", "tests/unit/test_score.py", "blocks or single",
        )
        for name, value, other in (
            ("MINUTE_POINTS", "100", "105"), ("MIDDLING_POINTS", "50", "55"), ("SHORT_POINTS", "1", "2"),
            ("PREFER_POINTS", "25", "27"), ("SAME_SHORT_POINTS", "1000", "1050"),
            ("KEEP_POINTS", "100", "105"), ("SAME_POINTS", "6000", "6500"), ("PLACE_POINTS", "3000", "3100"),
            ("CRUMB_POINTS", "500", "530"), ("CRUMB", "30", "29"), ("SPACING", "SLOT", "0"),
        )
    ),
    Mutation(
        "somebody's absence is not the user's", "daemon/planning/counting/whose.py",
        "return theirs if kind is CountsAs.AWAY and people and who.me else kind", "return kind", WHOSE,
    ),
    Mutation(
        "a calendar is judged once", "daemon/stages/calendars.py",
        "            keep_use(drawer, info.id, use.read_as)\n", "            pass\n", SHARED, "kept",
    ),
    Mutation(
        "a block is not chased", "daemon/planning/placement/occupancy.py",
        "(block and self._is_chased(o, hard[len(self.busy) :]))", "False", SHARED, "move_a_block",
    ),
    Mutation(
        "an invitation to whole days takes nothing", "daemon/planning/counting/classify.py",
        "c.unanswered and (c.whole_days or not c.who.unanswered_busy)", "c.unanswered and not c.who.unanswered_busy",
        "tests/unit/test_counting.py", "invitation",
    ),
    Mutation(
        "an invitation gives no orders", "daemon/planning/counting/classify.py",
        "in said.casefold().split() and self.own:", "in said.casefold().split():", SHARED, "ignore",
    ),
    Mutation(
        "a copy that stands where one of ours has been takes no time", "daemon/planning/counting/copies.py",
        "if titles[title] > 1 or title in {o.title for o in left[e.when]}:", "if False:", "tests/test_mirrors.py",
        "later_than_we and memory",
    ),
    Mutation(
        "what moves to another calendar leaves the old one first", "daemon/planning/diff.py",
        "_order(anew.get(c.wish) or c)", "_order(c)", "tests/unit/test_changes.py",
    ),
    Mutation(
        "what a purge had removed goes again", "daemon/stages/redoing.py",
        "anew = {Action.CREATE} if run.id > applied", "anew = set[Action]() if run.id > applied",
        "tests/test_undo.py", "purge_had and memory",
    ),
    Mutation(
        "copies with other people are other meetings", "daemon/planning/counting/copies.py",
        "if not there or not people <= there:", "if not there:", WHOSE, "copies",
    ),
    Mutation(
        "what Google calls self in a calendar of others is not the user", "connectors/google/connector.py",
        '"" if self._is_shared(resource.ref.calendar) else self.me', "self.me",
        "tests/google_calendar/test_account.py", "self",
    ),
    Mutation(
        "a UID that somebody else has taken is not waited for", "daemon/stages/doubt/taken.py",
        "return who.is_other(event.organizer) or", "return", TAKEN, "memory and takes_nothing_away",
    ),
    Mutation(
        "a UID that is taken unseen is given up", "daemon/stages/doubt/taken.py",
        'action == "create" and n >= TWICE', 'action == "create" and n >= 99', TAKEN, "two_tries",
    ),
    Mutation(
        "a race that is lost each time is a problem", "daemon/stages/doubt/taken.py",
        "n >= OFTEN}", "n >= 99}", TAKEN, "three_times",
    ),
    Mutation(
        "what nobody knows is not turned down by being cancelled", "daemon/planning/counting/ours.py",
        "known and event.cancelled and not is_known(known)", "not known", TAKEN, "memory and nobody_knows",
    ),
    Mutation(
        "Google: what somebody else's event leaves is no skip", "connectors/google/connector.py",
        '"cancelled" and mark and mark.digits == draft.mark.digits:', '"cancelled":', TAKEN, "google and come_and_gone",
    ),
    Mutation(
        "nothing is written under a name that has changed", "daemon/cycle.py",
        "changes=(), stopped=", "stopped=", OWNERS, "memory and asked_about",
    ),
    Mutation(
        "what stands under another name of the user is ours", "daemon/model/profile.py",
        "return self.former | {self.owner}", "return frozenset({self.owner})", OWNERS, "memory and adopted",
    ),
    Mutation(
        "what stands in an account that is not written to is no skip", "daemon/stages/observe.py",
        "complete = bare.writing - stale", "complete = {r.info.id for r in reads} - stale", OWNERS, "another_account",
    ),
    Mutation(
        "purge reaches calendars that are not read", "daemon/cycle.py",
        "observe(runtime, now, everything=True)", "observe(runtime, now)", OWNERS, "not_read",
    ),
    Mutation(
        "what has lost its mark is ours by the ledger", "daemon/stages/ours/names.py",
        "for digits in stray & found.keys()", "for digits in ()", UNMARKED, "memory and still_ours",
    ),
    Mutation(
        "what has lost its mark is ours without a ledger", "daemon/stages/ours/names.py",
        "guessed(runtime, snapshot(), missing) if missing", "{} if missing", UNMARKED, "memory and without",
    ),
    Mutation(
        "what nobody knows how it was asked for is the user's", "daemon/planning/counting/ours.py",
        "Mark(owner, policy, key, n, NOTHING_KNOWN)", 'Mark(owner, policy, key, n, dict.fromkeys(Field, ""))',
        UNMARKED, "memory and count_as_the_users",
    ),
    Mutation(
        "an invitation with the UID of one of ours is not ours", "daemon/planning/counting/ours.py",
        " or others_in(event, who):", ":", UNMARKED, "memory and somebody_else",
    ),
    Mutation(
        "of two with one UID the one as asked for is ours", "daemon/planning/snapshots.py",
        "readable, -len(own.edited)", "readable, 0", UNMARKED, "of_two",
    ),
    Mutation(
        "a calendar under another name is no move", "daemon/planning/counting/ours.py",
        "if not place or place in set(map(place_of, writing)):", "if place:", UNMARKED, "another_name",
    ),
    Mutation(
        "a new zone database makes nothing the user's", "daemon/model/ours/clock.py",
        "if same else mark", "if not mark else mark", "tests/test_marks.py", "memory and zone",
    ),
    # connectors
    Mutation(
        "a folder: what is not ours is never written", "connectors/local/vdir.py",
        "if not codec.own_name(payload):", "if not payload:", CONTRACT, "vdir",
    ),
    Mutation(
        "a folder: nothing is created over what is there", "connectors/local/files.py",
        "os.link(temporary, path)", "temporary.replace(path)", CONTRACT, "vdir",
    ),
    Mutation(
        "a folder: nothing is deleted in another version", "connectors/local/vdir.py",
        "if files.version(found) != ref.version.removesuffix(files.UNTRUSTED):", "if not found:", CONTRACT, "vdir",
    ),
    Mutation(
        "a folder that was swapped for an empty one is unreadable", "connectors/local/vdir.py",
        "if not present and before not in", "if present and before not in",
        "tests/unit/test_vdir.py",
    ),
    Mutation(
        "a link does not lead out of its folder", "connectors/local/folders.py",
        "    if entry.is_symlink() and _strays(entry, folder):", "    if not entry:", "tests/unit/test_vdir.py",
    ),
    Mutation(
        "a server: what a time range hides is read, too", "connectors/caldav/sync.py",
        "return sorted(news, key=place)", "return sorted(near or news, key=place)", FIRST, "hides",
    ),
    Mutation(
        "a server that stalls holds up no other", "daemon/stages/reading.py",
        "for name, timeout in timeouts.items() if timeout}", "for name, timeout in timeouts.items() if timeout < 0}",
        "tests/test_side_by_side.py", "same_time",
    ),
    Mutation(
        "service: many machines do not ask at the same moment", "daemon/service/scheduler.py",
        "interval() * (1 + draw() / 10)", "interval()", "tests/unit/test_scheduler.py", "same_moment",
    ),
    Mutation(
        "service: a policy names the moment of the next cycle", "daemon/service/turn.py",
        "in (*known, *named) if", "in known if", "tests/test_service.py", "policy_says",
    ),
    Mutation(
        "service: an account with an interval of its own is asked when that is over", "daemon/stages/reading.py",
        "this.now < before.due <= this.now + LONGEST", "before.due <= this.now + LONGEST",
        "tests/test_second_account.py", "interval and xandikos",
    ),
    Mutation(
        "service: one that fails is asked as any other", "daemon/stages/reading.py",
        "if interval and not this.problems and not this.everything:", "if interval:",
        "tests/test_second_account.py", "has_problems and radicale",
    ),
    Mutation(
        "init: the right to working hours may be refused", "connectors/google/login.py",
        "set(scopes) - {HOURS} - set(", "set(scopes) - set(", "tests/google_calendar/test_login.py", "may_be_refused",
    ),
    Mutation(
        "a server that stalls keeps nobody from stopping", "daemon/service/turn.py",
        "        if stopping():\n", "        if not stopping:\n", "tests/test_side_by_side.py", "stops_while",
    ),
    Mutation(
        "a server: nothing new is placed while a calendar is known in part", "daemon/planning/notices.py",
        "if c.part or (", "if (", FIRST, "another_calendar",
    ),
    Mutation(
        "a server: what is not read yet is not taken for deleted", "daemon/stages/reading.py",
        "stale=not whole", "stale=False", FIRST, "not_missing",
    ),
    Mutation(
        "a server: a state is kept only of a calendar that was read in full", "connectors/caldav/sync.py",
        'End("" if rest else str(after)', "End(str(after)", FIRST, "known_keep",
    ),
    Mutation(
        "an answer: what is nested too deep is refused", "connectors/caldav/multistatus.py",
        "if depth > DEEPEST or self._elements > ELEMENTS:", "if self._elements > 10**9:", HUGE, "many_elements or deep",
    ),
    Mutation(
        "an answer: names that the parser would keep are bounded", "connectors/caldav/multistatus.py",
        "if len(self._names) > NAMES:", "if len(self._names) > 10**9:", HUGE, "names",
    ),
    Mutation(
        "an answer: a piece that is too long is refused", "connectors/caldav/multistatus.py",
        "if at - parser.CurrentByteIndex > _PIECE:", "if at < 0:", HUGE, "attributes or comment",
    ),
    Mutation(
        "a feed: lines that are kept by themselves are bounded", "connectors/local/stream.py",
        '> MOST or lines + stream[at:].count(b"\\n") > LINES:', "> MOST:", HUGE, "feed",
    ),
    Mutation(
        "a feed: its events are bounded", "connectors/local/stream.py",
        "if events > MOST or lines + ", "if lines + ", HUGE, "feed",
    ),
    Mutation(
        "a server: nothing is written over another version", "connectors/caldav/write.py",
        "if not same and (payload is None", "if not payload and not same and (payload is None", CONTRACT, "radicale",
    ),
    Mutation(
        "a server: what is not ours is never deleted", "connectors/caldav/write.py",
        'if not codec.own_name(payload) or "/" in ref.href:', "if not payload:", CONTRACT, "radicale",
    ),
    Mutation(
        "an update leaves the other fields as they are found", "connectors/rfc5545/codec.py",
        "*(name for f in fields for name in", "*(name for f in Field for name in", CONTRACT, "vdir",
    ),
    Mutation(
        "a mark that yields another UID is none", "connectors/rfc5545/codec.py",
        "mark if mark and mark.digits == name else None", "mark", "tests/unit/test_codec.py", "yields_its_uid",
    ),
    Mutation(
        "the reader: a zone that nobody knows is in doubt", "connectors/rfc5545/zones/names.py",
        "self._find(tzid) or Guess(_plain(tzid), self._guessed())", "self._find(tzid) or self._guessed()", CASES,
    ),
    Mutation(
        "the reader: the law comes before what it was", "connectors/rfc5545/zones/names.py",
        "return law if isinstance(own, FileZone) and _is_old(own, law) else own", "return own", CASES,
    ),
    Mutation(
        "the reader: a file's zone that is hours away is no old law", "connectors/rfc5545/zones/names.py",
        "return law if isinstance(own, FileZone) and _is_old(own, law) else own", "return law", CASES,
    ),
    Mutation(
        "the reader: a colon in a parameter begins no value", "connectors/rfc5545/lines.py",
        "Line(*parted(name, params, value)) if", "Line(params, value) if", CASES,
    ),
    Mutation(
        "the reader: lines that may hold such a colon are looked at one by one", "connectors/rfc5545/lines.py",
        r":(?!(?!mailto:|MAILTO:|<)[^:\n]*+:)|", ":|", CASES,
    ),
    Mutation(
        "the reader: of events with one UID none is dropped without reason", "connectors/rfc5545/expand.py",
        "return [same[content] for content in sorted(same)]", "return [same[max(same)]]", CASES,
    ),
    Mutation(
        "the reader: an override stands while its series goes on", "connectors/rfc5545/expand.py",
        "return goes_on(series, local) or moment in", "return moment in", CASES,
    ),
    Mutation(
        "the reader: an override goes when a newer master ends before it", "connectors/rfc5545/expand.py",
        "return goes_on(series, local) or moment in", "return True or moment in", CASES,
    ),
    Mutation(
        "the reader: EXRULE takes away", "connectors/rfc5545/instances.py",
        "            starts.pop(moment, None)", "            pass", CASES,
    ),
    Mutation(
        "the reader: a day as UNTIL is all of it", "connectors/rfc5545/instances.py",
        'if date or kind == "date":', "if date:", CASES,
    ),
    Mutation(
        "the reader: a day that SKIP moves comes once", "connectors/rfc5545/recurrence/days.py",
        "if latest < d <= LAST_DAY]", "if d <= LAST_DAY]", CASES,
    ),
    Mutation(
        "the reader: SKIP is counted one by one", "connectors/rfc5545/recurrence/starts.py",
        "rule.weeknos or rule.skip:", "rule.weeknos:", "tests/unit/test_reader_rules.py",
    ),
    Mutation(
        "the reader: an override in another resource takes the place of its instance", "daemon/planning/overridden.py",
        "if not said[identity] or identity in reading.overrides:", "if True:", CASES,
    ),
    Mutation(
        "the reader: time on the way is taken", "connectors/rfc5545/moments.py",
        "return (later(moment, -self.travel) if self.travel else moment), end", "return moment, end", CASES,
    ),
    Mutation(
        "the scan: time on the way is looked at", "connectors/rfc5545/scan.py",
        """    rb"|X-APPLE-TRAVEL"\n""", "", "tests/unit/test_reader_scan.py",
    ),
    Mutation(
        "nothing is written under a command with guests", "connectors/rfc5545/patch.py",
        'if any(n.name == "ATTENDEE" for n in lines):', "if not lines:", "tests/unit/test_patch.py",
    ),
    Mutation(
        "Google: what is not ours is never written", "connectors/google/connector.py",
        "if not name or ref.href != name or others:", "if not item:",
        "tests/contract/test_google.py",
    ),
    Mutation(
        "Google: an id that something else has taken is not adopted", "connectors/google/connector.py",
        "if _mark_line(standing) != write_mark(draft.mark):", "if not standing:",
        "tests/contract/test_google.py",
    ),
    Mutation(
        "Google: what the user deleted does not come back to a new ledger", "connectors/google/connector.py",
        "raise DeletedError(", "raise ExistsError(", "tests/contract/test_google.py", "only_has_its_id",
    ),
    Mutation(
        "Google: what a token no longer tells is read in full", "connectors/google/sync.py",
        "        except TokenError:\n            pass  #", "        except TokenError:\n            raise  #",
        "tests/test_google.py", "token",
    ),
    Mutation(
        "a write whose connection broke is not sent again", "connectors/http/web.py",
        'if not kept or method not in ("GET", "PROPFIND", "REPORT", "OPTIONS"):', "if not kept:",
        "tests/unit/test_web.py",
    ),
    Mutation(
        "a reading is kept for its zone", "daemon/ledger/readings.py", "zone.key, ", "", "tests/unit/test_readings.py",
    ),
    Mutation(
        "what another's connector gives can be kept", "daemon/system/outsiders.py",
        "_text(resource.ref.href, resource.ref.version)", "pass", "tests/test_foreign_connectors.py",
    ),
    Mutation(
        "where another's connector fails at ours nothing is planned", "daemon/system/outsiders.py",
        "if UID_PREFIX.encode() in resource.payload", "if False", "tests/test_foreign_connectors.py",
    ),
    Mutation(
        "a reading is kept for its bytes", "daemon/ledger/readings.py",
        "_digest(resource.ref.version, resource.payload)", "_digest(resource.ref.version)",
        "tests/unit/test_readings.py",
    ),
    # between the two
    Mutation(
        "absence is judged by a complete listing", "daemon/stages/ours/own_state.py",
        " and row.calendar in listed.union(complete)", "", "tests/test_neighbours.py",
    ),
    Mutation(
        "an answer is filed before its event goes", "daemon/stages/observe.py",
        "    answers.file(runtime.journal, harvest.entries(observation.snapshot), _since(observation.snapshot))\n", "",
        "tests/test_harvest.py", "memory",
    ),
    Mutation(
        "what may have been moved to a calendar that cannot be read is no skip", "daemon/stages/ours/own_state.py",
        "if certain and uid_of(r, runtime.profile) not in", "if uid_of(r, runtime.profile) not in",
        "tests/test_neighbours.py",
    ),
    Mutation(
        "a write that was refused rests", "daemon/cycle.py", "_resting(runtime, now) if patient else {}", "{}",
        "tests/test_refusals.py",
    ),
    Mutation(
        "a calendar that cannot be read says nothing new", "daemon/stages/observe.py",
        "o.event.ref.calendar not in observation.stale)", "o)", "tests/test_neighbours.py",
    ),
    Mutation(
        "what was touched before it moves is not made elsewhere", "daemon/stages/applying.py",
        "any(isinstance(c, Delete) and c.uid == change.uid for c in failed)", "False", "tests/test_neighbours.py",
    ),
    Mutation(
        "nothing makes room for what may be there already", "daemon/planning/planner.py",
        "        left = [less for want in left if (less := _without(want, there))]\n",
        "        limits = replace(limits, unreadable_names=frozenset())\n", "tests/test_safety.py",
    ),
    Mutation(
        "what a purge takes back was never answered", "daemon/stages/applying.py",
        "isinstance(change, Annotate) and not change.answer:", "isinstance(change, Annotate) and False:",
        COMMANDS, "taken_back and memory",
    ),
    Mutation(
        "a lost answer leaves its intent", "daemon/stages/applying.py",
        "        raise  # the write may have",
        "        ledger.runs.retract(*place, before, wish)\n        raise  # the write may have",
        "tests/test_cycle.py",
    ),
    # the ledger
    Mutation(
        "a migration is whole or nothing", "daemon/ledger/sqlite/migrations.py",
        "db.execute(statement)", 'db.executescript(f"{statement}; COMMIT; BEGIN;")', MIGRATION, "killed",
    ),
    Mutation(
        "an older ledger is kept beside", "daemon/ledger/sqlite/opening.py",
        "copy = copied_aside(db, path, found.version)", "pass", MIGRATION, "kept_beside",
    ),
    Mutation(
        "a copy of an older ledger writes over no other", "daemon/ledger/sqlite/migrations.py",
        "if not name.exists() or", "if True or", MIGRATION, "copied_once",
    ),
    Mutation(
        "a newer ledger is told from a damaged one", "daemon/ledger/sqlite/opening.py",
        "Unusable.NEWER if ours else", "Unusable.DAMAGED if ours else", "tests/unit/test_ledger.py", "newer",
    ),
    Mutation(
        "a letter that the disk has changed is found", "daemon/ledger/sqlite/seal.py",
        "_sum(db, file) == total if", "True if", "tests/test_attacks_on_state.py", "understood and closed",
    ),
    Mutation(
        "a seal is of one count of changes", "daemon/ledger/sqlite/seal.py",
        "if changes == _changes(file) else None", "if changes >= 0 else None", "tests/test_attacks_on_state.py",
        "another_program",
    ),
    Mutation(
        "what comes next stands", "daemon/views/health.py",
        "if r.status is OwnState.STANDING and r.day >=", "if r.day >=", "tests/test_service.py", "next",
    ),
    # what is said where
    Mutation(
        "the title of a private event is not quoted", "daemon/planning/counting/spoken.py",
        "(account in writing and not event.private)", "account in writing", "tests/unit/test_spoken.py",
    ),
    Mutation(
        "nor is one of another account", "daemon/planning/counting/spoken.py",
        "(account in writing and not event.private)", "not event.private", "tests/test_attacks.py", "nobodys",
    ),
    Mutation(
        "of copies the words of the one that may be said are quoted", "daemon/planning/counting/spoken.py",
        "return replace(best, spoken=told) if told else best", "return replace(best, spoken=None)",
        "tests/unit/test_spoken.py",
    ),
    Mutation(
        "a command is quoted by its order alone", "daemon/planning/snapshots.py",
        "counts_as=kind, spoken=of_command(command))", "counts_as=kind)", "tests/unit/test_spoken.py",
    ),
    Mutation(
        "an answer that others may read quotes no title", "daemon/commands/replies.py",
        "planned if private else _discreet(planned))", "planned)", COMMANDS, "memory and shows",
    ),
    Mutation(
        "nor does one where the store keeps nothing private", "daemon/stages/applying.py",
        "return None if kept else change.fallback", "return None", COMMANDS, "keeps_nothing",
    ),
    Mutation(
        "a command is no longer private once it is purged", "connectors/rfc5545/patch.py",
        "None if was == ", "said.value if was == ", "tests/unit/test_patch.py",
    ),
    Mutation(
        "a quoted title holds no order", "daemon/model/words.py",
        "disarmed(one_line(title, most))", "one_line(title, most)", "tests/test_attacks.py", "order",
    ),
    Mutation(
        "no mark in a title is made a quotation mark", "daemon/model/words.py",
        '"\\N{MODIFIER LETTER APOSTROPHE}" * 7', '"\'" * 7', "tests/unit/test_words.py", "quoted",
    ),
    Mutation(
        "an order counts outside of quotation marks only", "daemon/model/user/gesture.py",
        'text = quotation.sub(" ", text)', "pass", "tests/unit/test_text.py", "gestures",
    ),
    Mutation(
        "also where a client has torn a quotation in two", "daemon/planning/snapshots.py",
        "answers & gestures([plain_text(event.description)]) if answers else answers", "answers",
        "tests/test_attacks.py", "torn",
    ),
    Mutation(
        "orders alone are no answer", "daemon/planning/harvest.py",
        "if not without_orders(answer.text):", "if not answer.text:",
        "tests/test_harvest.py", "memory and orders_alone",
    ),
    Mutation(
        "a flag goes in the morning of its first day, and at no other time",
        "policies/overload/policy.py",
        "return morning and span.calm and not (", "return span.calm and not (",
        "tests/unit/test_overload.py",
    ),
    Mutation(
        "in a spell only a rise is worth a flag",
        "policies/overload/spells.py",
        "not self.before(week) and self._fresh(", "self._fresh(",
        "tests/unit/test_spells.py",
    ),
    Mutation(
        "what others count on is left alone",
        "policies/overload/way_out.py",
        "if not protected(snapshot, options, w.event)}", "}",
        "tests/unit/test_way_out.py",
    ),
    Mutation(
        "the title of a flag stands as its text does",
        "daemon/planning/diff.py",
        "{Field.TEXT, Field.TITLE} if snapshot.role(own) is Role.FLAG else {Field.TEXT}", "{Field.TEXT}",
        "tests/test_upgrade.py",
    ),
    # people
    Mutation(
        "a stranger's invitation is not prepared", "policies/preparation/weight.py",
        "return not asked_by_guest and not", "return not", "tests/unit/test_preparation.py",
    ),
    Mutation(
        "a preparation does not say an old time", "policies/preparation/policy.py",
        "revised=said is not None and not stays", "revised=False", "tests/unit/test_preparation.py",
    ),
    Mutation(
        "two preparations ask different questions", "policies/preparation/policy.py",
        "(*before.asked, *known)", "before.asked", "tests/unit/test_preparation.py", "before_each",
    ),
    Mutation(
        "a preparation has the key of its meeting", "policies/preparation/policy.py",
        "yield _want(event, event.ref.key,", "yield _want(event, f'{event.span.start:%d}',",
        "tests/unit/test_preparation.py",
    ),
    Mutation(
        "what was prepared the journal leaves alone", "policies/questions/evidence.py",
        "if prepared and event.ref.key in prepared:", "if False:", "tests/test_with_people.py", "journal_does_not",
    ),
    Mutation(
        "what hangs on a meeting goes with it at once", "daemon/planning/placement/occupancy.py",
        "not booked_over and not alone and not _is_astray", "not booked_over and not _is_astray",
        "tests/unit/test_preparation.py",
    ),
    Mutation(
        "what hangs on a meeting moves with it at once", "daemon/planning/placement/occupancy.py",
        "and not alone and not _is_astray(o, wanted.get(wish))", "and not alone", "tests/unit/test_preparation.py",
    ),
    Mutation(
        "a lunch with a report is no 1:1", "policies/advisors/meetings.py",
        "or shows(event.summary, options.not_titles)", "", "tests/unit/test_advisors.py",
    ),
    Mutation(
        "nobody is asked for advice twice in four weeks", "policies/advisors/asking.py",
        "last[who.id] <= snapshot.today - APART and", "", "tests/unit/test_advisors.py",
    ),
    Mutation(
        "notes do not cross calendars", "policies/advisors/notes.py",
        "and own.event.ref.calendar == here", "", "tests/unit/test_advisors.py",
    ),
    Mutation(
        "a note on one is not shown before another", "policies/advisors/notes.py",
        "if people == 1 or asked or", "if True or", "tests/unit/test_advisors.py",
    ),
    Mutation(
        "an absence of theirs stops the clock", "policies/advisors/drift.py",
        "bool(snapshot.present(d)) and d not in away", "bool(snapshot.present(d))", "tests/unit/test_advisors.py",
    ),
    Mutation(
        "one that is accepted stops all about them", "policies/network/due.py",
        "or snapshot.never(friend.id) or _ahead(snapshot, friend)", "or snapshot.never(friend.id)",
        "tests/unit/test_network.py",
    ),
    Mutation(
        "one slot a week about somebody", "policies/network/policy.py",
        "and _is_day(snapshot) and not _had(snapshot)", "and _is_day(snapshot)", "tests/unit/test_network.py",
    ),
    Mutation(
        "after three in a row it rests", "policies/network/due.py",
        "since % IN_A_ROW == 0 and", "since % IN_A_ROW == 9 and", "tests/unit/test_network.py",
    ),
    Mutation(
        "of whom nothing is known nothing is said", "daemon/stages/past/contacts.py",
        "if known.whole or seen.day}", "}", "tests/test_with_people.py", "cannot_be_gone_through",
    ),
    Mutation(
        "the calendars are gone through once", "daemon/stages/past/contacts.py",
        "if known is None or known.asked != name or", "if True or known.asked != name or", "tests/test_with_people.py",
        "gone_through_once",
    ),
    # a company's leaders
    Mutation(
        "who has lost the lease writes nothing", "daemon/postgres/database.py",
        "if self.fence and not", "if False and not", "tests/test_postgres.py", "lost_the_lease",
    ),
    Mutation(
        "rows are shown to their leader alone", "daemon/postgres/schema/0001_ledger.sql",
        "'ALTER TABLE %I ENABLE ROW LEVEL SECURITY'", "'ALTER TABLE %I DISABLE ROW LEVEL SECURITY'",
        "tests/test_postgres.py", "for_another_leader",
    ),
    Mutation(
        "names are as long as a server likes", "daemon/postgres/seal.py",
        "digest_size=16).digest()", "digest_size=16).digest() + parts[-1].encode(errors='replace')",
        "tests/test_postgres.py", "any_length",
    ),
    Mutation(
        "what another put in meanwhile is listed, too", "daemon/postgres/mirror.py",
        "listed = bool(count and self._whole and count[0] == self._whole[1])", "listed = known",
        "tests/contract/test_ledger.py", "PostgreSQL and meanwhile",
    ),
    Mutation(
        "answers stay on the calendar", "daemon/postgres/journal.py",
        "after if self.answers else _without_answers(after)", "after", "tests/test_postgres.py", "without_answers",
    ),
    # invitations
    Mutation(
        "a rule never says yes", "daemon/model/user/reply.py", "if self.answer not in ANSWERS:", "if False:",
        "tests/unit/test_invitation_rules.py",
    ),
    Mutation(
        "no rule answers the boss", "policies/invitations/rules.py", "any(map(people.is_boss, others))", "False",
        "tests/unit/test_invitation_rules.py", "no_rule_answers",
    ),
    Mutation(
        "no rule answers a report", "policies/invitations/rules.py", "any(map(people.is_report, others))", "False",
        "tests/unit/test_invitation_rules.py", "no_rule_answers",
    ),
    Mutation(
        "no rule answers a guest", "policies/invitations/rules.py", "or any(map(people.is_external, others))", "",
        "tests/unit/test_invitation_rules.py", "no_rule_answers",
    ),
    Mutation(
        "where guests are not known no rule answers", "policies/invitations/rules.py",
        "not snapshot.profile.internal or any", "any", "tests/unit/test_invitation_rules.py", "from_outside",
    ),
    Mutation(
        "no rule answers an incident", "policies/invitations/rules.py", "shows(event.summary, words(Kind.INCIDENT))",
        "False", "tests/unit/test_invitation_rules.py", "no_rule_answers",
    ),
    Mutation(
        "no rule answers what begins soon", "policies/invitations/rules.py",
        "event.span.start - snapshot.now < SOON", "False", "tests/unit/test_invitation_rules.py", "no_rule_answers",
    ),
    Mutation(
        "a rule holds for all of a series", "policies/invitations/rules.py",
        "if all(holds(snapshot, r, e) for e in events)", "if any(holds(snapshot, r, e) for e in events)",
        "tests/unit/test_invitation_rules.py", "not_at_all",
    ),
    Mutation(
        "nothing is answered while away", "policies/invitations/rules.py",
        "if not options.rules or within_away(snapshot):", "if not options.rules:",
        "tests/unit/test_invitation_rules.py", "away",
    ),
    Mutation(
        "no rule answers twice", "daemon/planning/restraint/replies.py", "and not answered(snapshot, event)", "",
        "tests/unit/test_invitation_rules.py", "never_written",
    ),
    Mutation(
        "what may have been answered and has changed is the user's", "daemon/model/user/reply.py",
        "return self.sent is not Sent.OPEN or event.resource.version != self.version",
        "return self.sent is not Sent.OPEN", "tests/test_invitations.py", "taken_back_is_not_written_again",
    ),
    Mutation(
        "nothing is answered in somebody else's calendar", "daemon/planning/restraint/replies.py",
        "if c.own and c.id.partition", "if c.id.partition", "tests/unit/test_invitation_rules.py", "never_written",
    ),
    Mutation(
        "nothing is sent while a calendar cannot be read", "daemon/cycle.py",
        "not (observation.stale or _no_new(observation))", "not _no_new(observation)", "tests/test_invitations.py",
        "cannot_be_read",
    ),
    Mutation(
        "few replies on a day", "daemon/planning/restraint/replies.py", "[: _left(snapshot)]", "",
        "tests/unit/test_invitation_rules.py", "few_on_a_day",
    ),
    Mutation(
        "what is declined takes no time in the same plan", "daemon/stages/proposing.py",
        "replace(observation, snapshot=with_replies(observation.snapshot, replies))", "observation",
        "tests/test_invitations.py", "same_plan",
    ),
    Mutation(
        "nothing is put where a meeting stays after all", "daemon/stages/applying.py",
        "for c in failed if isinstance(c, Respond)", "for c in failed[:0] if isinstance(c, Respond)",
        "tests/test_invitations.py", "after_all",
    ),
    Mutation(
        "a lost ledger answers nothing twice", "daemon/stages/runtime.py",
        "REPLIES.put(ledger.drawer, dict(replies.read(kept)) or None)", "pass", "tests/test_invitations.py",
        "afterwards_stays and vdir",
    ),
    Mutation(
        "what a crash left open is settled by the calendar", "daemon/stages/observe.py",
        "    replies.settle(runtime, observation.snapshot, now)", "    pass", "tests/test_invitations.py",
        "journal_says_what_was_sent",
    ),
    Mutation(
        "a reply that lost its race may be planned anew", "daemon/stages/ours/replies.py",
        "        lost(runtime, change, now)\n    return outcome", "        pass\n    return outcome",
        "tests/test_invitations.py", "looked_at_anew",
    ),
    Mutation(
        "a state without a yes answers nobody", "daemon/cycle.py", "isinstance(c, Delete | Respond)",
        "isinstance(c, Delete)", "tests/test_invitations.py", "before_an_apply",
    ),
    Mutation(
        "an answer that stands is not written over", "connectors/rfc5545/patch.py",
        'if not all(_partstat(n) in ("", PartStat.NEEDS_ACTION) for n in mine):', "if False:",
        "tests/unit/test_patch.py",
    ),
    Mutation(
        "a message about an event is not answered", "connectors/rfc5545/patch.py",
        'if any(method not in ("", "REQUEST") for method in _methods(lines)):', "if False:",
        "tests/unit/test_patch.py",
    ),
    Mutation(
        "of several events one is answered", "connectors/rfc5545/patch.py", "== [invitation.uid]]", "]",
        "tests/unit/test_patch.py",
    ),
    Mutation(
        "a changed instance is not answered with its series", "connectors/rfc5545/patch.py",
        "else masters * (not invitation.recurrence_id)", "else masters", "tests/unit/test_patch.py",
    ),
    Mutation(
        "a group is not the user", "connectors/google/replies.py",
        'if primary or str(a.get("email", "")).lower() in me]', "]", "tests/google_calendar/test_account.py", "group",
    ),
    Mutation(
        "a reply whose answer was lost is found", "connectors/google/connector.py",
        "            if not calendar.api.repeated:\n                raise\n            standing",
        "            raise\n            standing", "tests/google_calendar/test_account.py", "not_written_twice",
    ),
    Mutation(
        "a light week costs nothing", "policies/invitations/costs.py",
        "if long_blocks(there.free) or not long_blocks(without.free):", "if not long_blocks(without.free):",
        "tests/unit/test_invitations.py", "light_week",
    ),
    Mutation(
        "a private invitation has no message", "policies/invitations/policy.py",
        "if options.messages and not event.secret:", "if options.messages:", "tests/unit/test_invitations.py",
        "private",
    ),
    Mutation(
        "what waits long is named less", "policies/invitations/policy.py", ">= OFTEN", "> 99",
        "tests/unit/test_invitations.py", "three_days",
    ),
    # report and its page
    Mutation(
        "what others write is text on the page", "daemon/views/report/page.py",
        "autoescape=True", "autoescape=False", REPORT_PAGE, "others_write",
    ),
    Mutation(
        "the page's own policy holds", "daemon/views/report/page.html",
        "default-src 'none'; style-src '{{ digest }}'", "style-src * 'unsafe-inline'", REPORT_PAGE, "policy_holds",
    ),
    Mutation(
        "titles that may not be said stand on no page", "daemon/views/report/wording.py",
        "if discreet and event.secret:", "if False:", REPORT_PAGE, "may_not_be_said",
    ),
    Mutation(
        "nor does whose they are", "daemon/views/report/wording.py",
        "hidden = discreet and part.latest.secret", "hidden = False", REPORT_PAGE, "may_not_be_said",
    ),
    Mutation(
        "a page is for nobody else", "daemon/system/state_files.py",
        "data: bytes, mode: int = 0o600) -> None:", "data: bytes, mode: int = 0o644) -> None:", REPORT_PAGE,
        "nobody_else",
    ),
    Mutation(
        "what a meeting took is lost, not kept", "daemon/model/figures/heat.py",
        "lost & grid.met & ~grid.done", "0", "tests/unit/test_heat.py",
    ),
    Mutation(
        "what is ahead is not kept", "daemon/model/figures/heat.py",
        "(Heat.KEPT, focus & past)", "(Heat.KEPT, focus)", "tests/unit/test_heat.py",
    ),
    Mutation(
        "a week's page is written once in its morning", "daemon/service/pages.py",
        "and last.at >= page.since:", "and False:", "tests/test_weekly_page.py", "in_the_morning",
    ),
    Mutation(
        "and anew when the review begins", "policies/reflection/weekly_page.py",
        "max([snapshot.morning(day), *begun])", "snapshot.morning(day)", "tests/test_weekly_page.py", "in_the_morning",
    ),
    Mutation(
        "a folder in which others write gets no page", "daemon/service/pages.py",
        "with opened_folder(path.parent):", "if True:", "tests/test_weekly_page.py", "others_write",
    ),
    Mutation(
        "whom a report misses is known beyond its weeks", "daemon/stages/observe.py",
        "if span.covers(planned):", "if usual:", "tests/test_report.py", "however_long_ago",
    ),
    # a fleet
    Mutation(
        "a worker that stands still is cut off before its leader is served", "daemon/fleet/jobs.py",
        "                cut(connection, number)", "                pass", "tests/test_fleet_jobs.py", "stood_still",
    ),
    Mutation(
        "one job waits for a leader", "daemon/fleet/jobs.py",
        "ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING", "", "tests/test_fleet_jobs.py", "not_put",
    ),
    Mutation(
        "what names a file is never a leader's to set", "daemon/fleet/settings.py",
        "for key in theirs if theirs != known]", "for key in theirs if False]", "tests/test_fleet.py", "names_a_file",
    ),
    Mutation(
        "a figure is of ten people", "daemon/fleet/status.py",
        "figure if people >= FEWEST else None", "figure", "tests/test_fleet.py", "of_ten_people",
    ),
    Mutation(
        "only Google is listened to", "daemon/fleet/push.py",
        "if not hmac.compare_digest(", "if False and not hmac.compare_digest(", "tests/test_fleet_jobs.py",
        "only_google",
    ),
    Mutation(
        "joining is an event of one's own", "connectors/google/watch.py",
        '        and not one.get("attendees")\n', "", "tests/test_fleet.py", "event_of_ones_own",
    ),
    Mutation(
        "what a leader has typed into stays with them", "daemon/fleet/turns.py",
        "if c.uid not in kept)", "if True)", "tests/test_fleet.py", "leaves_nothing",
    ),
    Mutation(
        "no more go out than are allowed", "daemon/fleet/quota.py",
        "at)) >= %(want)s", "at)) >= -1000", "tests/test_fleet_jobs.py", "under_the_quota",
    ),
    Mutation(
        "what is known under a lease ends with it", "daemon/postgres/database.py",
        "        self._known.clear()\n", "", "tests/test_postgres.py", "under_the_lease",
    ),
)  # fmt: skip


def caught(mutation: Mutation, tree: Path) -> tuple[bool, str]:
    """Whether a test fails on the broken tree, which is whole again afterwards; and which."""
    path = tree / mutation.file
    whole = path.read_text()
    assert whole.count(mutation.old) == 1, f"{mutation.file} does not hold this once: {mutation.old}"
    path.write_text(whole.replace(mutation.old, mutation.new))
    try:
        return tried(tree, mutation.tests.split(), mutation.some)
    finally:
        path.write_text(whole)


def tried(tree: Path, tests: Sequence[str], some: str) -> tuple[bool, str]:
    """Whether one of these tests fails, and the last line that says which."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider", *tests]
    environ = os.environ | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1", "UNBUSY_NO_SHRINK": "1"}
    try:
        done = subprocess.run(
            [*command, *(["-k", some] if some else [])], cwd=tree, env=environ, capture_output=True, text=True,
            timeout=SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return False, f"no end within {SECONDS} s"
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
    return done.returncode == FAILED and bool(failed), (failed or done.stdout.splitlines()[-1:] or ["?"])[0][:160]


def main(words: Sequence[str]) -> int:
    """Try the mutations whose guard or file holds one of these words, all without any."""
    chosen = [m for m in MUTATIONS if not words or any(w in f"{m.guard} {m.file}" for w in words)]
    survived = 0
    with TemporaryDirectory() as folder:
        tree = Path(folder)
        for part in PARTS:
            source = ROOT / part
            copy = shutil.copytree if source.is_dir() else shutil.copy2
            copy(source, tree / part)
        for n, mutation in enumerate(chosen, 1):
            seen, what = caught(mutation, tree)
            survived += not seen
            verdict = "caught" if seen else "SURVIVED"
            print(f"{n:3} {verdict}: {mutation.guard} ({mutation.file})\n      {what}", flush=True)  # noqa: T201
    print(f"{len(chosen) - survived} of {len(chosen)} caught")  # noqa: T201
    return 1 if survived or not chosen else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
