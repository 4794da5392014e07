"""A week as a drawing in the terminal, its sums as bars."""

from daemon.views.picture.bars import bars
from daemon.views.picture.drawing import before_after, week

__all__ = ["bars", "before_after", "week"]
