"""A socket that keeps a deadline for a whole request; the timeout of Python's is one for each byte."""

from __future__ import annotations

import io
import socket
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class DeadlineSocket:
    """A socket each of whose reads and writes ends by a deadline, however little comes at a time."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self.deadline = 0.0

    def wait(self) -> None:
        """Let the next call take no longer than is left."""
        left = self.deadline - monotonic()
        if left <= 0:
            raise TimeoutError("too slow")
        self._sock.settimeout(left)

    def sendall(self, data: bytes) -> None:
        """As socket.sendall."""
        self.wait()
        self._sock.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What http.client reads an answer from."""
        return io.BufferedReader(_Reader(self, self._sock.makefile("rb", buffering=0)))

    def close(self) -> None:
        """As socket.close."""
        self._sock.close()


class _Reader(io.RawIOBase):
    def __init__(self, timed: DeadlineSocket, raw: io.RawIOBase) -> None:
        self._timed = timed
        self._raw = raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        self._timed.wait()
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()
