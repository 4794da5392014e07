"""The options of `[policies.reflection]`."""

from typing import Annotated, Literal

from msgspec import Meta

from daemon.model.event import ShowAs
from daemon.model.options import FaultsError, Folder, Minutes, PolicyOptions
from policies.questions.own import OwnQuestions

SHORTEST, LONGEST = Minutes(5), Minutes(240)

Patterns = tuple[str, ...]


class ReflectionOptions(PolicyOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[policies.reflection]`."""

    daily: Annotated[bool, Meta(description="A journal slot at the end of each working day.")] = True
    daily_length: Annotated[Minutes, Meta(description="Its length.")] = Minutes(10)
    daily_within: Annotated[Minutes, Meta(description="It lies in this last part of the day's working time.")] = (
        Minutes(90)
    )
    daily_questions: Annotated[int, Meta(ge=1, le=10, description="Most questions in it, up to 3.")] = 2
    weekly: Annotated[bool, Meta(description="A review of each week.")] = True
    weekly_length: Annotated[Minutes, Meta(description="Its length.")] = Minutes(25)
    weekly_day: Annotated[
        Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
        Meta(description="Its day; in a week in which you are not there then, the last working day before it."),
    ] = "fri"
    monthly: Annotated[bool, Meta(description="A review on the last working day of each month.")] = True
    monthly_length: Annotated[Minutes, Meta(description="Its length.")] = Minutes(30)
    quarterly: Annotated[bool, Meta(description="A review on the last working day of each quarter.")] = True
    quarterly_length: Annotated[Minutes, Meta(description="Its length.")] = Minutes(45)
    review_within: Annotated[
        Minutes, Meta(description="The reviews of week, month and quarter lie in this last part of their day.")
    ] = Minutes(240)
    review_questions: Annotated[int, Meta(ge=1, le=10, description="Most questions in a review, up to 3.")] = 2
    fade: Annotated[
        bool,
        Meta(
            description="Journal slots that pass without a word become fewer; any word that you type brings them back."
        ),
    ] = True
    echo: Annotated[bool, Meta(description="The reviews of month and quarter bring words of yours back.")] = True
    picture: Annotated[
        bool, Meta(description="The weekly review shows the week as a picture: a line of signs for each day.")
    ] = True
    page: Annotated[
        Folder,
        Meta(
            description="A folder for a page of each week, which the weekly review names; written by the daemon.",
            examples=["~/unbusy"],
        ),
    ] = Folder()
    questions: Annotated[
        OwnQuestions,
        Meta(description="A file with questions of your own, beside the config; see docs/reflection.md."),
    ] = OwnQuestions()
    show_as: Annotated[ShowAs, Meta(description="How others see these slots.")] = ShowAs.FREE
    tense_titles: Annotated[
        Patterns | None,
        Meta(description="Words in the titles of meetings that may be tense; default: words of five languages."),
    ] = None
    incident_titles: Annotated[Patterns | None, Meta(description="The same, of incidents and their reviews.")] = None
    decision_titles: Annotated[Patterns | None, Meta(description="The same, of meetings that decide something.")] = None
    high_stakes_titles: Annotated[
        Patterns | None, Meta(description="The same, of meetings where much is at stake.")
    ] = None
    overloaded_share: Annotated[
        float, Meta(gt=0, le=1, description="A day with this part of its working time in meetings is overloaded.")
    ] = 0.75
    quiet_share: Annotated[
        float, Meta(ge=0, lt=1, description="A week with at most this part of its working time in meetings is quiet.")
    ] = 0.2

    def __post_init__(self) -> None:
        """ValueError for a length that no slot could have."""
        for name in ("daily_length", "weekly_length", "monthly_length", "quarterly_length"):
            if not SHORTEST <= getattr(self, name) <= LONGEST:
                raise FaultsError({name: f"{getattr(self, name)}: a slot takes {SHORTEST} to {LONGEST}"})
