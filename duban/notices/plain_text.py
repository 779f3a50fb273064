"""Makes text that people typed safe to print in a letter.

Nothing that comes out of here can start a line of its own, hide, or turn the reading direction: a task's title that
holds line breaks cannot pretend to be a part of the notice.
"""

import unicodedata

_DROPPED = frozenset({"Cc", "Cf", "Cs", "Cn"})
"""Controls, invisible formats (text direction among them), halves of characters, unassigned code points.

Private-use characters stay: rare characters of names are written with them.
"""

_SENTENCE_ENDS = "。！？；…"

_PAIRS = ("“”", "‘’")
"""Quotation marks of mainland China: outermost the double ones, within them the single ones, and so in turn."""


def one_line(text: str) -> str:
    """The text as one line: visible characters, each stretch of white space as one blank."""
    return " ".join("".join(c for c in text if c.isspace() or unicodedata.category(c) not in _DROPPED).split())


def paragraphs(text: str) -> tuple[str, ...]:
    """The text's lines that are not empty, each one safe to print; where they stand is for the letter to say."""
    return tuple(line for raw in text.splitlines() if (line := one_line(raw)))


def sentence(text: str) -> str:
    """The text as one line that ends like a sentence; empty stays empty."""
    line = one_line(text)
    return line if not line or line.rstrip("”’）")[-1:] in _SENTENCE_ENDS else f"{line}。"


def in_book_marks(title: str) -> str:
    """A document's title in 《》, once."""
    line = one_line(title)
    return line if line.startswith("《") else f"《{line}》"


def quoted(text: str) -> str:
    """The text as one line in “ ”; those that it holds become ‘ ’, and what stands in ‘ ’ within them “ ” again."""
    marked, depth = [], 0
    for character in one_line(text):
        if character in "“‘":
            depth += 1
            marked.append(_PAIRS[depth % 2][0])
        elif character in "”’":
            # One that closes nothing is an apostrophe or a slip of the pen: it must not end the quotation.
            marked.append(_PAIRS[depth % 2 if depth else 1][1])
            depth = max(depth - 1, 0)
        else:
            marked.append(character)
    return f"“{''.join(marked)}”"
