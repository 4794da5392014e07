"""`unbusy mcp`, asked by the client of the official SDK, over the pipes of a real process."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters

from daemon.cli import main
from daemon.cli.assistant import answers
from daemon.cli.session import Session
from living import GUESTS, ONLY_FOCUS, Life

ALLOWED = "[mcp]\njournal = true\napply = true\n"


def told(life: Life, talk: Callable[[Client], Awaitable[None]]) -> None:
    """Talk with the server of a life, as an assistant's program does."""
    args = ["-m", "daemon", "--config", str(life.base / "config.toml"), "--now", life.now.isoformat(), "mcp"]
    server = StdioServerParameters(command=sys.executable, args=args, cwd=Path(__file__).parents[1])

    async def whole() -> None:
        async with Client(server) as client:
            await talk(client)

    asyncio.run(whole())


async def asked(client: Client, tool: str, **args: object) -> dict[str, object]:
    found = await client.call_tool(tool, args)
    assert not found.is_error, found.content
    assert json.loads(found.content[0].text) == found.structured_content
    return found.structured_content


async def refused(client: Client, tool: str, **args: object) -> str:
    found = await client.call_tool(tool, args)
    assert found.is_error
    return str(found.content[0].text)


@pytest.fixture
def life(tmp_path: Path) -> Life:
    return Life(tmp_path, top="horizon = '14d'")


def test_an_assistant_looks_and_changes_nothing(life: Life) -> None:
    life.meet("Tue 09:00-12:00", title="Board")

    async def talk(client: Client) -> None:
        tools = (await client.list_tools()).tools
        assert [t.name for t in tools] == ["plan", "week", "why", "report"]
        assert all(t.annotations.read_only_hint and t.description for t in tools)
        plan = await asked(client, "plan")
        assert plan["weeks"][0] == "Week 49: 8 h in 4 blocks; 4 changes"
        assert plan["changes"][0] | {"reason": ""} == {
            "action": "create", "title": "Focus", "start": "2026-11-30T09:00:00+01:00",
            "end": "2026-11-30T11:00:00+01:00", "shown_as": "free", "reason": "",
        }  # fmt: skip
        week = await asked(client, "week", when="next")
        assert week["week"] == "2026-W50"
        assert "  09:00–12:00  Board (meeting)" in (await asked(client, "week"))["days"]
        why = await asked(client, "why", when="2026-12-01T10:00")
        assert [row["title"] for row in why["yours"]] == ["Board"]
        assert len((await asked(client, "report", weeks=2))["weeks"]) == 2
        assert "write it like 2026-12-03, or `next`" in await refused(client, "week", when="soon")
        assert "write it like 2026-12-01T09:00" in await refused(client, "why", when="soon")
        assert "apply" in await refused(client, "apply", plan_id=str(plan["id"]))
        assert "search_journal" in await refused(client, "search_journal", words="no")

    told(life, talk)
    assert [n for n in life.names() if n.startswith("unbusy")] == []


def test_an_assistant_applies_what_it_has_shown_and_nothing_else(life: Life) -> None:
    life.configure(top="horizon = '14d'\n" + ALLOWED)

    async def talk(client: Client) -> None:
        first = await asked(client, "plan")
        assert "run `unbusy apply` once yourself" in await refused(client, "apply", plan_id=str(first["id"]))
        assert life.names() == []
        life.apply()
        life.meet("Mon 09:00-11:00", title="Board")
        assert "no plan of that id was shown" in await refused(client, "apply", plan_id="0" * 16)
        second = await asked(client, "plan")
        assert second["id"] != first["id"]
        life.meet("Tue 09:00-11:00", title="Board")
        assert "the plan has changed since" in await refused(client, "apply", plan_id=str(second["id"]))
        third = await asked(client, "plan")
        done = await asked(client, "apply", plan_id=str(third["id"]))
        assert done == {"written": len(third["changes"]), "changes": len(third["changes"]), "changed_meanwhile": 0}
        assert (await asked(client, "plan"))["changes"] == []
        life.configure(top="horizon = '14d'")
        assert "an assistant may not apply" in await refused(client, "apply", plan_id=str(third["id"]))

    told(life, talk)
    assert life.changes() == []


def test_the_journal_is_searched_where_the_config_says_so(life: Life) -> None:
    life.configure(top="horizon = '14d'\n" + ALLOWED)
    life.apply()
    life.type("2026-W49/1", ("▸ ", "We stop the migration.\n▸ "))
    life.apply()

    async def talk(client: Client) -> None:
        found = await asked(client, "search_journal", words="MIGRATION stop")
        assert [row["text"] for row in found["answers"]] == ["We stop the migration."]
        assert (await asked(client, "search_journal", words="party"))["answers"] == []
        assert (await asked(client, "search_journal", words="stop", first="2026-12-24"))["answers"] == []
        life.configure(top="horizon = '14d'")
        assert "set `journal = true`" in await refused(client, "search_journal", words="stop")

    told(life, talk)


@pytest.mark.parametrize("more", ["", "CLASS:PRIVATE\n"], ids=["anybody's", "private"])
def test_a_reply_is_shown_as_it_will_be_given(life: Life, more: str) -> None:
    rule = '[[policies.invitations.rules]]\ntitle = ["sales*"]\nanswer = "decline"\ncomment = "No, thank you."\n'
    life.configure(f"{ONLY_FOCUS}[policies.invitations]\nenabled = true\n{rule}", top="horizon = '14d'")
    life.meet("Thu 10:00-11:00", title="Sales pitch", more=GUESTS.replace("ACCEPTED", "NEEDS-ACTION") + more)
    session = Session(str(life.base / "config.toml"), life.now.isoformat(), verbose=False)
    (reply,) = (c for c in answers.plan(session)["changes"] if c["action"] == "respond")
    assert reply["reply"] == "declined", "a folder of files cannot say the comment, so nobody reads it"
    assert reply["title"] == ("a private appointment" if more else "Sales pitch")


def test_without_the_extra_it_says_which(
    life: Life, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "daemon.cli.assistant.server", raising=False)
    for module in ("mcp", "mcp.server"):
        monkeypatch.setitem(sys.modules, module, None)
    assert main(["--config", str(life.base / "config.toml"), "mcp"]) == 1
    err = capsys.readouterr().err
    assert "the extra `mcp` of unbusy is not installed" in err
    assert f"{sys.executable} -m pip install 'mcp>=2,<3'" in err


@pytest.mark.parametrize("module", ["mcp", "pydantic"])
def test_no_other_command_pays_for_it(module: str) -> None:
    code = f"import sys, daemon.cli, daemon.cycle; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_a_config_that_is_wrong_is_said_before_anything_is_served(
    life: Life, capsys: pytest.CaptureFixture[str]
) -> None:
    life.configure(top="[mcp]\nwrite = true")
    assert main(["--config", str(life.base / "config.toml"), "mcp"]) == 2
    assert "mcp.write" in capsys.readouterr().err
