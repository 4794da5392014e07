"""Tasks side by side: what may take long is done in a thread for each task, and all else in the thread that calls.

A task is a generator.  It yields steps, which may take long, and gets back what came of each.  Between two steps it
runs in the thread that calls, to which the ledger belongs; a step that needs something of it asks with `at_home`.  So
no more than the outcome of one step of each task waits to be taken up.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from queue import Empty, SimpleQueue
from threading import Lock, Thread, current_thread
from time import monotonic
from typing import Any, Generic, TypeVar

from msgspec import Struct

from daemon.model.errors import TemporaryError

T = TypeVar("T")

Step = Callable[[], Any]
Task = Generator[Step, Any, T]

TICK = 0.5
"""Seconds between two looks whether to go on waiting."""

_NONE = "nobody waits for this any more"


def at_home(what: Callable[[], T]) -> T:
    """What comes of this in the thread of the ledger, whichever asks; TemporaryError when nobody waits there now."""
    me = current_thread()
    return me.hand(what) if isinstance(me, _Worker) else what()


class Came(Struct, frozen=True):
    """What came of a step, of a task, or of what was asked for at home: a value or an error."""

    value: Any = None
    error: Exception | None = None


def together(
    tasks: Mapping[str, Task[T]], patience: Mapping[str, float], *,
    leave: Callable[[str], Callable[[], None]], done: Callable[[], None], tick: Callable[[], None],
) -> dict[str, T]:  # fmt: skip
    """The outcomes of all, in the order of `tasks`; the first error of one is raised once all have ended.

    `patience`: seconds for each of those that get a thread; then a TemporaryError stands for what is still to come.
    `leave` is told of one whose thread is at a step when nobody waits for it any more, and gives what the thread is to
    do after that step.  `done` is called after each task, `tick` all the while: what it raises ends the waiting.
    """
    group = _Group(tasks, leave, done)
    try:
        for name in tasks:
            if name in patience:
                group.begin(name, patience[name])
        for name in tasks:
            if name not in patience:
                group.here(name)
                tick()
        while group.workers:
            group.turn()
            tick()
    finally:
        group.abandon(list(group.workers))
    came = [group.came[name] for name in tasks]
    for error in (c.error for c in came if c.error):
        raise error
    return {name: c.value for name, c in zip(tasks, came, strict=True)}


class _Group(Generic[T]):
    """Those of one round, in the thread that calls."""

    def __init__(
        self, tasks: Mapping[str, Task[T]], leave: Callable[[str], Callable[[], None]], done: Callable[[], None]
    ) -> None:
        self._tasks = tasks
        self._leave = leave
        self._done = done
        self._inbox: SimpleQueue[tuple[_Worker, Came | _Call]] = SimpleQueue()
        self.workers: dict[str, _Worker] = {}
        self.came: dict[str, Came] = {}

    def here(self, name: str) -> None:
        """A task whose steps are done by the thread that calls."""
        step = self._next(name, Came())
        while step:
            step = self._next(name, _came(step))

    def begin(self, name: str, patience: float) -> None:
        """One that gets a thread."""
        if step := self._next(name, Came()):
            worker = self.workers[name] = _Worker(name, self._inbox, monotonic() + patience)
            worker.start()
            worker.steps.put(step)

    def turn(self) -> None:
        """Take up what the next thread says, if one does; give up those that are late."""
        try:
            worker, said = self._inbox.get(timeout=TICK)
        except Empty:
            pass
        else:
            self._heard(worker, said)
        late = [name for name, worker in self.workers.items() if monotonic() > worker.deadline]
        self.abandon(late)
        for name in late:
            error = TemporaryError("it takes too long, and is left for now")
            while self._next(name, Came(error=error)):
                pass

    def _heard(self, worker: _Worker, said: Came | _Call) -> None:
        if isinstance(said, _Call):
            said.answer.put(_came(said.what))
        elif worker.name in self.workers:
            step = self._next(worker.name, said)
            worker.steps.put(step)
            if not step:
                del self.workers[worker.name]

    def _next(self, name: str, came: Came) -> Step | None:
        """The next step of a task; None when there is none, and what came of it is known."""
        task = self._tasks[name]
        try:
            return task.throw(came.error) if came.error else task.send(came.value)
        except StopIteration as end:
            self.came[name] = Came(end.value)
        except Exception as error:  # noqa: BLE001  it is raised when the others have ended
            self.came[name] = Came(error=error)
        self._done()
        return None

    def abandon(self, names: list[str]) -> None:
        """Wait for these no longer."""
        for name in names:
            self.workers.pop(name).abandon(self._leave(name))
        while names and not self._inbox.empty():
            worker, said = self._inbox.get()
            if not isinstance(said, _Call) or worker.name in self.workers:
                self._heard(worker, said)
            else:
                said.answer.put(Came(error=TemporaryError(_NONE)))


class _Call(Struct, frozen=True):
    """Something that a step wants done at home."""

    what: Callable[[], Any]
    answer: SimpleQueue[Came]


class _Worker(Thread):
    """The thread of one task.  It ends with the process, whatever it waits for."""

    def __init__(self, name: str, inbox: SimpleQueue[tuple[_Worker, Came | _Call]], deadline: float) -> None:
        super().__init__(name=name, daemon=True)
        self.steps: SimpleQueue[Step | None] = SimpleQueue()
        self.deadline = deadline
        self._inbox = inbox
        self._lock = Lock()
        self._alone = False

    def run(self) -> None:
        while step := self.steps.get():
            self._say(_came(step))

    def hand(self, what: Callable[[], T]) -> T:
        """See `at_home`."""
        call = _Call(what, SimpleQueue())
        if not self._say(call):
            raise TemporaryError(_NONE)
        came = call.answer.get()
        if came.error:
            raise came.error
        outcome: T = came.value
        return outcome

    def abandon(self, last: Step) -> None:
        """Nobody listens from now on; `last` is done when the step at hand is over."""
        with self._lock:
            self._alone = True
        self.steps.put(last)
        self.steps.put(None)

    def _say(self, said: Came | _Call) -> bool:
        with self._lock:
            if not self._alone:
                self._inbox.put((self, said))
        return not self._alone


def _came(of: Callable[[], Any]) -> Came:
    try:
        return Came(of())
    except Exception as error:  # noqa: BLE001  whoever asked for it knows what it means
        return Came(error=error)
