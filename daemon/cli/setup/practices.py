"""Which practices are to be on the calendar: a line for each, with what it does in an ordinary week."""

from __future__ import annotations

from typing import Any, NamedTuple

from daemon.cli.setup.asking import Conversation

Table = dict[str, Any]
"""A table of the config."""


class Practice(NamedTuple):
    """`usual`: what is proposed, and what holds where the config says nothing; `on`: the table that switches it on."""

    policy: str
    question: str
    usual: bool = True
    on: Table = {"enabled": True}  # noqa: RUF012  nobody changes it


PRACTICES = (
    Practice("overload", "Flags on weeks that are over your limits, with what would help; a few a year?"),
    Practice("reflection", "Ten minutes with two questions at the end of the day, and a review on Friday?"),
    Practice("objectives", "The review asks what the next week is for, and its focus blocks are called so?"),
    Practice("breaks", "Ten minutes of air after hours of meetings, half an hour after a heavy talk?"),
    Practice("preparation", "45 minutes before the two weightiest meetings of a week, 15 after them?", usual=False),
    Practice("advisors", "A slot before your first 1:1 of a day, to ask one of your people for advice?", usual=False),
    Practice("invitations", "A slot a day about invitations without an answer that cost something?", usual=False),
    Practice(
        "habits", "A walk of 45 minutes at noon, twice a week?", usual=False, on={"items": [{"preset": "walk"}]}
    ),
)  # fmt: skip


def practices(asked: Conversation, top: Table) -> Table:
    """The tables of the policies, as far as they say something."""
    from daemon.cli.setup.proposals import goal_of
    from daemon.config import registry
    from daemon.config.values import Hours
    from daemon.model.options import Minutes

    def goal(text: str) -> str:
        minutes = Minutes.parse(text)
        if not 60 <= minutes <= working // 2:
            raise ValueError(f"write 1h to {working // 120}h: half of your working time at most")
        return str(minutes)

    working = Hours.parse(top["working_hours"]).minutes
    why = "Time for thinking, in blocks of two hours. A fifth of the working time is a good beginning."
    chosen: Table = {
        "focus": {"weekly_goal": asked.ask("goal", "Focus time a week", goal, why=why, default=goal_of(working))}
    }
    asked.say("  What else shall be on your calendar? Each can be changed later, and `unbusy docs` has a page on it.")
    for practice in PRACTICES:
        if practice.policy not in registry.kinds() or not _makes_sense(practice, chosen):
            continue
        wanted = asked.agree(practice.policy, practice.question, default=practice.usual)
        if wanted != practice.usual:
            chosen[practice.policy] = practice.on if wanted else {"enabled": False}
    return chosen


def _makes_sense(practice: Practice, chosen: Table) -> bool:
    """Objectives are asked for in the review."""
    return practice.policy != "objectives" or "reflection" not in chosen
