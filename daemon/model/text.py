"""The description of our events: how it is written, and how what the user typed into it is told from our own words.

Clients and servers rewrite descriptions by themselves: they trim lines, drop blank ones, and Google's own web page
makes HTML of them at the first edit.  So they are compared in a normal form, and our lines are known by their signs.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, product

from msgspec import Struct

QUESTION, GOES_ON = "▸", "▹"
"""How the first line of a question begins, and how its further lines do."""

FOOTER = "Change, move or delete this: your edit stands. What you type is kept in your journal."

READ = "Delete this once you have read it."
"""The last line of what only says something."""

_FOOTERS = (FOOTER, READ, "– Move it, edit it or delete it: unbusy follows you. What you type here stays.")
"""Our last lines, and those of older versions, which are as good as they: the oldest is the one that is hashed."""

OPEN = "…"
"""How a sentence ends that the user is to finish."""

_TRIES = 256
_LONGEST_HEAD = 40  # lines
_LONGEST_QUESTION = 300  # characters in which a sentence of ours ends


class Answer(Struct, frozen=True):
    """What the user typed under a question; `question` is '' for what stands under none.

    `id`: of the question, '' where it is not known.
    """

    question: str
    text: str
    id: str = ""


class Words(Struct, frozen=True):
    """A description without what the user typed: the reason, and the questions."""

    reason: str
    questions: tuple[str, ...]


def composed(reason: str, questions: Iterable[str], last: str = FOOTER) -> str:
    """The reason, the questions, one line on what to do with it, with a blank line between them."""
    asked = (f"{QUESTION} {question.replace(chr(10), f'{chr(10)}{GOES_ON} ')}" for question in questions)
    return "\n\n".join([reason, *asked, *filter(None, [last])])


def asked(description: str) -> int:
    """How many questions of ours stand in a description."""
    if QUESTION not in description:
        return 0
    return sum(bool(s.question) for s in _sections(plain_text(description).split("\n")))


# -- the normal form --------------------------------------------------------------------------------------------------


def normal_text(text: str) -> str:
    """The normal form in which descriptions are compared: plain text, without blank lines and runs of blanks."""
    return "\n".join(_normal_lines(plain_text(text).split("\n")))


def fingerprint(text: str) -> str:
    """Equal for equal normal forms: 'ALL.HEAD', the latter of what stands above the questions."""
    lines = _normal_lines(plain_text(text).split("\n"))
    return f"{_hashed(lines)}.{_hashed(_sections(lines)[0].lines)[:8]}"


def _normal_lines(lines: Iterable[str]) -> list[str]:
    """Without blanks.  A last line of ours in other words is the same line: its wording is no reason to write."""
    folded = (" ".join(unicodedata.normalize("NFC", line).split()) for line in lines)
    return [_FOOTERS[-1] if line in _FOOTERS else line for line in folded if line]


def _hashed(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode(errors="surrogatepass")).hexdigest()[:16]


# -- HTML -------------------------------------------------------------------------------------------------------------

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)\b([^<>]*)>|<!(?:--|doctype)[^<>]*>")
_HREF = re.compile(r"""\bhref\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)
_BROKEN = re.compile(r"<(?:br|/?p|/?div)\b[^<>]*>\s*\Z", re.IGNORECASE)
_PARAGRAPHS = frozenset({"p", "table", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6"})
_LINES = frozenset({"div", "li", "ul", "ol", "tr", "body", "html", "section", "article"})
_BREAKS = _PARAGRAPHS | _LINES | {"br", "hr"}
_INLINE = frozenset(
    {"a", "span", "b", "i", "u", "s", "strong", "em", "font", "code", "td", "th", "tbody", "meta", "link", ""}
)
_HIDDEN = frozenset({"head", "style", "script", "title"})
_LINE, _GAP = "\n\0", "\n\n\0"
"""The edge of a block: a new line, or a blank one, where there is none yet."""


def plain_text(text: str) -> str:
    """A description as lines of plain text (separated by a line feed), without blanks at their ends.

    It is HTML if tags make its lines; where our own last line stands in it as it was written, a tag is what the user
    typed.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if is_html(text):
        text = _joined(_from_html(text)).replace("\xa0", " ")
        text = "\n".join(line.strip() for line in text.split("\n"))
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n")


def is_html(text: str) -> bool:
    """Whether tags make the lines of a description."""
    if "<" not in text or not any((m[2] or "").lower() in _BREAKS for m in _TAG.finditer(text)):
        return False
    before, last, after = max((text.rpartition(footer) for footer in _FOOTERS), key=lambda parts: len(parts[1]))
    alone = last and before[-1:] in ("", "\n") and after[:1] in ("", "\n")
    return not alone or bool(_BROKEN.search(before[-100:]))


def _from_html(text: str) -> Iterator[str]:
    tags = list(_TAG.finditer(text))
    blocks = any((m[2] or "").lower() in _PARAGRAPHS | _LINES for m in tags)
    ends = {name: text.lower().rfind(f"</{name}") for name in _HIDDEN}
    at, hidden, link = 0, "", ""
    for tag in tags:
        piece = text[at : tag.start()]
        at = tag.end()
        closes, name = bool(tag[1]), (tag[2] or "").lower()
        if hidden:
            hidden = "" if closes and name == hidden else hidden
            continue
        shown = _unescaped(piece, blocks=blocks)
        yield shown
        if name in _HIDDEN:
            hidden = name if not closes and ends[name] >= at else ""
        elif name == "a":
            yield f" ({link})" if closes and link and _bare(link) != _bare(shown) else ""
            found = _HREF.search(tag[3])
            link = _unescaped(found[1], blocks=True) if found and not closes else ""
        elif name == "li" and not closes:
            yield from (_LINE, "- ")
        else:
            yield _GAP if name in _PARAGRAPHS else _LINE if name in _LINES else "\n" if name in _BREAKS else ""
            yield "" if name in _BREAKS | _INLINE else tag[0]
    if not hidden:
        yield _unescaped(text[at:], blocks=blocks)


def _joined(pieces: Iterable[str]) -> str:
    out, feeds = [""], 2  # how many line feeds stand at the end
    for piece in pieces:
        if piece in (_LINE, _GAP):
            new = "\n" * (len(piece) - 1 - feeds)
        elif piece == "\n" or piece.strip() or not feeds:
            new = piece
        else:
            new = ""
        out.append(new)
        bare = new.rstrip("\n")
        feeds = feeds + len(new) if not bare else len(new) - len(bare)
    return "".join(out)


def _unescaped(piece: str, *, blocks: bool) -> str:
    """Text between tags; where blocks make the lines, a line feed is a blank."""
    from html import unescape  # noqa: PLC0415  few descriptions are HTML

    return unescape(re.sub(r"\s*\n\s*", " ", piece) if blocks else piece)


def _bare(address: str) -> str:
    return address.strip().removeprefix("mailto:").removeprefix("https://").removeprefix("http://").rstrip("/").lower()


# -- what the user typed ----------------------------------------------------------------------------------------------


class _Section(Struct):
    """A question and the lines under it; the first section has none, and is what stands above them all."""

    question: list[str]
    lines: list[str]


def typed(description: str, base: str, ids: Sequence[str] = ()) -> tuple[Answer, ...]:
    """What the user typed into a description, question by question.  `base`: the fingerprint as last asked for.

    What is not known to be ours is the user's.  `ids`: of its questions, in order; where one of these is gone, nobody
    knows which is which.
    """
    lines = plain_text(description).split("\n")
    head, *rest = _sections(lines)
    wanted, _, above = base.partition(".")
    own, note = _told_apart(head.lines, above)
    asked = [s for s in rest if s.question]
    cut = _cut(own, asked, wanted)
    named = dict(zip((question for question, _ in cut), ids, strict=True)) if len(ids) == len(asked) else {}
    found = {"": [note]}
    for section in rest:
        question, tail = cut.pop(0) if section.question else ("", "")
        found.setdefault(question, []).append(_text([*([tail] if tail else []), *section.lines]))
    texts = ((question, "\n".join(filter(None, parts))) for question, parts in found.items())
    return tuple(Answer(question, text, named.get(question, "")) for question, text in texts if text)


def words(description: str) -> Words:
    """Reason and questions of a description that nobody has edited."""
    head, *rest = _sections(plain_text(description).split("\n"))
    return Words(_text(head.lines), tuple("\n".join(s.question) for s in rest if s.question))


def reason_of(description: str, base: str) -> str:
    """Our own words above the questions; '' where they cannot be told from the user's."""
    head, above = _sections(plain_text(description).split("\n"))[0].lines, base.partition(".")[2]
    ours, _ = _told_apart(head, above)
    return "\n".join(ours) if _hashed(ours)[:8] == above else ""


def _sections(lines: Iterable[str]) -> list[_Section]:
    """The head, each question, and what follows our last line."""
    sections = [_Section([], [])]
    for line in lines:
        bare, last = " ".join(line.split()), sections[-1]
        if bare.startswith(QUESTION):
            sections.append(_Section([bare.removeprefix(QUESTION).strip()], []))
        elif bare.startswith(GOES_ON) and last.question and not any(last.lines):
            last.question.append(bare.removeprefix(GOES_ON).strip())
        elif footer := next(filter(bare.startswith, _FOOTERS), ""):
            sections.append(_Section([], [bare.removeprefix(footer).strip()]))
        else:
            last.lines.append(line)
    return sections


def _told_apart(head: Sequence[str], above: str) -> tuple[list[str], str]:
    """Our lines above the questions, and what the user typed between them: all, where that cannot be told."""
    lines = _normal_lines(head)
    if _hashed(lines)[:8] == above:
        return lines, ""
    full = [line for line in head if line.strip()]
    if len(lines) == len(full) <= _LONGEST_HEAD:
        for start in range(len(full)):
            for end in range(start + 1, len(full) + 1):
                ours = [*lines[:start], *lines[end:]]
                if _hashed(ours)[:8] == above:
                    return ours, _text(full[start:end])
    return lines, _text(head)


def _cut(head: list[str], asked: Sequence[_Section], wanted: str) -> list[tuple[str, str]]:
    """Each question, and what was typed behind it on the same line.

    Where none of the possible ends makes the text that was last asked for, a question ends with its last question mark,
    or where it is left open.
    """
    ways = [_ends("\n".join(s.question)) for s in asked]
    for way in islice(product(*ways), _TRIES):
        lines = [f"{QUESTION} {question}".replace("\n", f"\n{GOES_ON} ") for question, _ in way]
        ours = _normal_lines("\n".join([*head, *lines, FOOTER]).split("\n"))
        if _hashed(ours) == wanted:
            return list(way)
    return [_likely(options) for options in ways]


def _ends(question: str) -> list[tuple[str, str]]:
    """Where it may end: at its end, or behind a mark, the last one first; or where the user wrote over its open end."""
    stops = [m.end() for m in re.finditer(r"\.(?=\s+\S)", question[:_LONGEST_QUESTION])]
    marks = sorted([*stops, *(m.end() for m in re.finditer(r"[?…](?=\s*\S)", question))], reverse=True)
    ends = [(question, ""), *((question[:n], question[n:].strip()) for n in marks)]
    if OPEN in question or "?" in question:
        return ends
    gaps = [m.start() for m in re.finditer(r" (?=\S)", question[:_LONGEST_QUESTION])]
    return [*ends, *((f"{question[:n]} {OPEN}", question[n:].strip()) for n in gaps)]


def _likely(options: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """The whole, where that ends as a question does; else up to the last such end in it; else the whole."""
    whole = options[0]
    return next((o for o in options if o[0].endswith(("?", OPEN)) and whole[0].startswith(o[0])), whole)


def _text(lines: Iterable[str]) -> str:
    return "\n".join(line.rstrip() for line in lines).strip("\n")
