"""`unbusy mcp`: what an assistant may ask, over the Model Context Protocol (https://modelcontextprotocol.io)."""

from __future__ import annotations

import sys

import click

from daemon.cli.session import Session
from daemon.model.errors import UnbusyError


@click.command()
@click.pass_obj
def mcp(session: Session) -> None:
    """Serve plan, week, report and reasons to an assistant.

    Over standard input and output, by the Model Context Protocol; an assistant's program starts it.  What an assistant
    reads it sends to whoever runs its model: docs/assistant.md.
    """
    try:
        from daemon.cli.assistant.server import serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"mcp", "pydantic"}:
            raise
        remedy = f"`{sys.executable} -m pip install 'mcp>=2,<3'` adds it"
        raise UnbusyError("the extra `mcp` of unbusy is not installed", remedy) from error
    serve(session)
