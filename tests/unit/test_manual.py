"""The manual pages say what `--help` and the schema say, and are pages that man can show."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import click
import pytest

from daemon.cli import WIDTHS, app, main, usage_file
from daemon.cli.app import cli
from daemon.cli.help.manual import PAGES, usage
from daemon.config.json_schema import schema

MAN = Path(__file__).parents[2] / "docs" / "man"
GROFF = shutil.which("groff")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_as_it_is_made(page: str) -> None:
    assert (MAN / page).read_text() == PAGES[page](cli), "run `make man`"


@pytest.mark.parametrize("columns", WIDTHS)
def test_the_help_that_is_kept_is_the_help(columns: int) -> None:
    assert Path(usage_file(columns)).read_text() == usage(cli, columns), "run `make man`"


@pytest.mark.parametrize("columns", [40, 79, 80, 81, 99, 100, 101, 250])
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_the_help_is_the_same_whoever_shows_it(
    option: str, columns: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    assert main([option]) == 0
    shown = capsys.readouterr().out
    assert app.main([option]) == 0
    assert capsys.readouterr().out == shown


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.skipif(GROFF is None, reason="groff is not installed here")
def test_nothing_is_wrong_in_a_page(page: str) -> None:
    shown = [str(GROFF), "-man", "-ww", "-Tutf8", "-K", "utf8", str(MAN / page)]
    done = subprocess.run(shown, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_command_and_every_option_of_the_config_is_there() -> None:
    command, config = ((MAN / page).read_text().replace("\\-", "-") for page in PAGES)
    context = click.Context(cli)
    for name, one in ((name, cli.get_command(context, name)) for name in cli.list_commands(context)):
        if one is None or one.hidden:
            continue
        assert f".SS {name} " in command
        if isinstance(one, click.Group):
            assert all(f".SS {name} {sub} " in command for sub in one.commands)
    whole = schema()["properties"]
    for name, policy in whole["policies"]["properties"].items():
        assert f".SH POLICY {name.upper()}" in config
        assert all(f".B {option}\n" in config for option in policy["properties"])
    assert all(f".B {name}\n" in config for name in whole if name not in ("accounts", "policies"))
