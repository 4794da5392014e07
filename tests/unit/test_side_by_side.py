"""Tasks side by side: steps in threads, the rest in the thread that calls; nothing here waits for a clock."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Event, current_thread, main_thread
from typing import Any

import pytest

from daemon.model.errors import EndedError, TemporaryError
from daemon.system.side_by_side import Task, at_home, together

LONG = 60.0


def nothing() -> None:
    pass


def run(
    tasks: dict[str, Task[Any]], patience: dict[str, float] | None = None, *, tick: Callable[[], None] = nothing,
    left: list[str] | None = None, closed: Event | None = None,
) -> dict[str, Any]:  # fmt: skip
    def leave(name: str) -> Callable[[], Any]:
        (left if left is not None else []).append(name)
        return closed.set if closed else nothing

    patience = dict.fromkeys(tasks, LONG) if patience is None else patience
    return together(tasks, patience, leave=leave, done=nothing, tick=tick)


def once(step: Callable[[], Any]) -> Task[Any]:
    return (yield step)


def test_steps_run_at_the_same_time_and_outcomes_come_in_order() -> None:
    both = Barrier(3)

    def met(name: str) -> Callable[[], str]:
        return lambda: f"{name}{both.wait(LONG) * 0}"

    tasks = {name: once(met(name)) for name in ("c", "a", "b")}
    assert list(run(tasks).items()) == [("c", "c0"), ("a", "a0"), ("b", "b0")]


def test_all_but_the_steps_is_done_in_the_thread_that_calls() -> None:
    def task() -> Task[list[object]]:
        seen: list[object] = [current_thread()]
        seen.append((yield current_thread))
        seen.append((yield lambda: at_home(current_thread)))
        return [*seen, current_thread()]

    first, step, home, last = run({"a": task()})["a"]
    assert (first, home, last) == (main_thread(),) * 3
    assert step is not main_thread()
    assert set(run({"a": task()}, {})["a"]) == {main_thread()}


def test_an_error_of_a_step_is_the_tasks_to_judge() -> None:
    def fails() -> None:
        raise ValueError("no")

    def task() -> Task[str]:
        try:
            yield fails
        except ValueError as error:
            return str(error)
        return "none"

    for patience in ({"a": LONG}, {}):
        assert run({"a": task()}, patience) == {"a": "no"}


def test_an_error_at_home_is_told_to_the_step_that_asked() -> None:
    def fails() -> None:
        raise ValueError("no")

    def step() -> str:
        try:
            at_home(fails)
        except ValueError as error:
            return str(error)
        return "none"

    assert run({"a": once(step)}) == {"a": "no"}


def test_the_first_error_is_raised_when_all_have_ended() -> None:
    ended = Event()

    def fails() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        run({"a": once(fails), "b": once(ended.set)})
    assert ended.is_set()


def test_one_that_is_late_is_left_and_its_thread_does_one_last_thing() -> None:
    go_on, closed, left = Event(), Event(), list[str]()
    tried = list[str]()

    def task() -> Task[str]:
        for _ in range(3):
            try:
                yield lambda: go_on.wait(LONG)
            except TemporaryError as error:
                tried.append(str(error))
        return "known from before"

    assert run({"a": task(), "b": once(lambda: 1)}, {"a": 0.0, "b": LONG}, left=left, closed=closed) == {
        "a": "known from before", "b": 1
    }  # fmt: skip
    assert (left, set(tried), len(tried)) == (["a"], {"it takes too long, and is left for now"}, 3)
    assert not closed.is_set()
    go_on.set()
    assert closed.wait(LONG)


def test_whoever_is_left_is_told_when_it_asks_at_home() -> None:
    go_on, told = Event(), list[object]()
    closed = Event()

    def step() -> None:
        go_on.wait(LONG)
        try:
            at_home(lambda: told.append("was done"))
        except TemporaryError as error:
            told.append(error)

    with pytest.raises(TemporaryError):
        run({"a": once(step)}, {"a": 0.0}, closed=closed)
    go_on.set()
    assert closed.wait(LONG)
    assert [type(t) for t in told] == [TemporaryError]


def test_what_the_tick_raises_ends_the_waiting() -> None:
    go_on, closed, left = Event(), Event(), list[str]()

    def tick() -> None:
        raise EndedError("stop")

    with pytest.raises(EndedError):
        run({"a": once(lambda: go_on.wait(LONG))}, tick=tick, left=left, closed=closed)
    assert left == ["a"]
    go_on.set()
    assert closed.wait(LONG)


def test_of_a_task_no_more_than_one_step_is_ahead() -> None:
    ahead, most = [0], [0]

    def step() -> None:
        ahead[0] += 1
        most[0] = max(most[0], ahead[0])

    def task() -> Task[int]:
        for _ in range(100):
            yield step
            ahead[0] -= 1
        return most[0]

    assert run({"a": task()}) == {"a": 1}
