"""Of every sentence of a document something follows in its regime file, or docs/regimes.md says why nothing does."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from duban.regimes.loading import load_rulebook
from duban.supervision.clauses import Source

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ROOT.parent / "shared" / "sources"
HEADINGS = {
    "kunming": "Kunming 2016",
    "chengdu": "Chengdu 2016",
    "jincheng": "Jincheng 2019",
    "bozhou": "Bozhou 2015",
    "sichuan": "Sichuan 2016",
}

pytestmark = pytest.mark.skipif(not DOCUMENTS.is_dir(), reason="the public documents do not lie beside the checkout")


@pytest.mark.parametrize("name", HEADINGS)
def test_of_every_sentence_something_follows_or_it_is_said_why_nothing_does(name: str) -> None:
    rulebook = load_rulebook(name)
    sentences = _sentences(DOCUMENTS / rulebook.document.file)
    cited = {(source.paragraph or 0, source.sentence.strip("。 ")) for source in _sources(rulebook)}
    unanswered = {
        number
        for number, text in sentences.items()
        if not any(int(number.split(".")[0]) == p and (said in text or text in said) for p, said in cited)
    }
    assert _listed(HEADINGS[name], sentences) == unanswered


def _sentences(file: Path) -> dict[str, str]:
    """By paragraph and sentence, such as ``3.2``; paragraphs as the regime files count them."""
    lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    return {
        f"{paragraph}.{sentence}": text.strip("。 ")
        for paragraph, line in enumerate(lines[1:], 1)
        for sentence, text in enumerate(re.findall(r"[^。]+。?", line), 1)
        if text.strip("。 ")
    }


def _listed(heading: str, sentences: dict[str, str]) -> set[str]:
    """The sentences named in a section of the page: ``- 1.1, 29–31: why``."""
    page = (ROOT / "docs" / "regimes.md").read_text(encoding="utf-8")
    section = page.split(f"\n## {heading}\n")[1].split("\n## ")[0].split("### Sentences without a rule\n")[1]
    named: set[str] = set()
    for numbers in re.findall(r"^- ([\d., –]+):", section, flags=re.MULTILINE):
        for part in numbers.split(", "):
            first, _, last = part.partition("–")
            paragraphs = range(int(first), int(last) + 1) if last else ()
            named |= {number for number in sentences if int(number.split(".")[0]) in paragraphs} if last else {part}
    return named


def _sources(value: object) -> Iterator[Source]:
    match value:
        case Source():
            yield value
        case BaseModel():
            for name in type(value).model_fields:
                yield from _sources(getattr(value, name))
        case dict():
            yield from (source for item in value.values() for source in _sources(item))
        case tuple():
            yield from (source for item in value for source in _sources(item))
        case _:
            pass
