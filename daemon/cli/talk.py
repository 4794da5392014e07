"""Somebody at a terminal, as connectors see them (`Talk`)."""

from __future__ import annotations

import click

from daemon.cli.session import interactive, say
from daemon.cli.terminal import still
from daemon.model.errors import ConfigError


class Terminal:
    """Asks on standard error.  Without a terminal nothing can be asked: ConfigError."""

    def say(self, text: str) -> None:
        """Tell something."""
        say(_line(text))

    def ask(self, question: str, *, hidden: bool = False, default: str = "") -> str:
        """Ask for a line, not empty but where there is a default."""
        _needed(question)
        shown = _line(f"{question} [{default}]" if default else question)
        with still():
            answer: str = click.prompt(shown, hide_input=hidden, default=default or None, show_default=False, err=True)
        try:
            answer.encode()
        except UnicodeEncodeError:
            raise ConfigError("what was typed is not in UTF-8", "set the terminal to UTF-8") from None
        return answer.strip() if not hidden else answer

    def agree(self, question: str, *, default: bool = False) -> bool:
        """Ask for a yes."""
        _needed(question)
        with still():
            return bool(click.confirm(_line(question), default=default, err=True))


class Nobody:
    """Where nobody is to be asked: every answer is no."""

    def say(self, text: str) -> None:
        """Nobody listens."""

    def ask(self, question: str, *, hidden: bool = False) -> str:
        """Nobody answers."""
        del hidden
        raise ConfigError(f"there is nobody to ask: {question}", "run it on a terminal")

    def agree(self, question: str) -> bool:
        """No."""
        del question
        return False


def _needed(question: str) -> None:
    if not interactive():
        raise ConfigError(f"there is no terminal to ask on: {question}", "run it on a terminal")


def _line(text: str) -> str:
    from daemon.model.words import LINE, harmless

    return harmless(text, LINE)
