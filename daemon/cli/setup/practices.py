"""Which practices are to be on the calendar: a line for each, with what it does in an ordinary week."""

from __future__ import annotations

from typing import Any, NamedTuple

from daemon.cli.setup.asking import Conversation

Table = dict[str, Any]
"""A table of the config."""


class Practice(NamedTuple):
    """`usual`: what is proposed, and what holds where the config says nothing; `on`: the table that switches it on.

    `beside`: a policy without which it says nothing.
    """

    question: str
    usual: bool = True
    on: Table = {"enabled": True}  # noqa: RUF012  nobody changes it
    beside: str = ""


PRACTICES = {
    "overload": Practice("Flags on weeks that are over your limits, with what would help; a few a year?"),
    "reflection": Practice("Ten minutes with two questions at the end of the day, and a review on Friday?"),
    "objectives": Practice(
        "The review asks what the next week is for, and its focus blocks are called so?", beside="reflection"
    ),
    "breaks": Practice("Ten minutes of air after hours of meetings, half an hour after a heavy talk?"),
    "preparation": Practice("45 minutes before the two weightiest meetings of a week, 15 after them?", usual=False),
    "advisors": Practice("A slot before your first 1:1 of a day, to ask one of your people for advice?", usual=False),
    "invitations": Practice("A slot a day about invitations without an answer that cost something?", usual=False),
    "habits": Practice("A walk of 45 minutes at noon, twice a week?", usual=False, on={"items": [{"preset": "walk"}]}),
}


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
    off = {"enabled": False}
    for policy, practice in PRACTICES.items():
        if policy not in registry.kinds() or chosen.get(practice.beside) == off:
            continue
        wanted = asked.agree(policy, practice.question, default=practice.usual)
        if wanted != practice.usual:
            chosen[policy] = practice.on if wanted else off
    return chosen
