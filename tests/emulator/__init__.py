"""A public emulator of Google's sign-in: another hand's reading of the same documents.

It needs Node, and `make emulator` once; without them its tests are skipped.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
USER = "ada@example.com"
SEED = {"google": {"users": [{"email": USER, "name": "Ada"}]}}
"""No client is registered: it would have to name the port to which the browser comes back."""


def missing() -> str:
    """Why it cannot run here, '' if it can."""
    if not shutil.which("node"):
        return "Node is not installed"
    return "" if (HERE / "node_modules/emulate").is_dir() else "`make emulator` installs it"


@contextmanager
def emulator() -> Iterator[str]:
    """Its origin, on 127.0.0.1."""
    command = ["node", str(HERE / "serve.mjs"), json.dumps(SEED)]
    with subprocess.Popen(command, cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            address = json.loads(process.stdout.readline())
            assert address["address"] == "127.0.0.1"
            yield f"http://127.0.0.1:{address['port']}"
        finally:
            process.kill()
