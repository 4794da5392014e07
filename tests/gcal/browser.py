"""A browser and the person before it: follows where a consent page leads, and agrees on every form on its way.

`Browser` is registered under its name, so that the client library opens it as it would any other.
"""

from __future__ import annotations

import re
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from threading import Thread
from urllib.parse import urlencode, urljoin
from urllib.request import Request, urlopen

NAME = "unbusy-tests"


def agree(url: str) -> str:
    """The last page, after every redirect and form."""
    with urlopen(Request(url)) as answer:  # noqa: S310  loopback
        page = answer.read().decode()
        url = answer.url
    form = re.search(r'<form[^>]*action="([^"]+)"[^>]*>(.*?)</form>', page, re.DOTALL)
    if not form:
        return page
    inputs = re.findall(r'<input[^>]*type="hidden"[^>]*>', form[2])
    fields = {_value(one, "name"): _value(one, "value") for one in inputs}
    with urlopen(Request(urljoin(url, unescape(form[1])), urlencode(fields).encode())) as answer:  # noqa: S310
        last: str = answer.read().decode()
        return last


def _value(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return unescape(found[1]) if found else ""


class Browser(webbrowser.BaseBrowser):
    """Opens in the background, as browsers do."""

    def __init__(self) -> None:
        super().__init__(NAME)
        self.opened: list[str] = []
        self.threads: list[Thread] = []

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
        self.opened.append(url)
        self.threads.append(Thread(target=agree, args=(url,), daemon=True))
        self.threads[-1].start()
        return True


@contextmanager
def browser() -> Iterator[Browser]:
    """The user's browser, for as long as this lasts."""
    one = Browser()
    webbrowser.register(NAME, None, one, preferred=True)
    try:
        yield one
    finally:
        for thread in one.threads:
            thread.join(10)
        webbrowser._tryorder.remove(NAME)  # type: ignore[attr-defined]  # it cannot be unregistered otherwise
