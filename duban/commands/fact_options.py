"""What has to be stated, on the command line: ``--fact name=value``, and what was forgotten is asked for."""

from collections.abc import Sequence

from duban.commands.asking import Choice, Questions
from duban.commands.command_line import UsageError
from duban.supervision.rules.procedures import Fact, FactKind
from duban.supervision.steps.stating import wanted_words

Stated = dict[str, tuple[str, ...]]


def stated_facts(pairs: Sequence[str]) -> Stated:
    """The facts of the command line; of several values each is written by itself.

    Raises:
        UsageError: One is not written as name and value.
    """
    facts: Stated = {}
    for pair in pairs:
        name, is_stated, value = pair.partition("=")
        if not is_stated or not name.strip():
            raise UsageError(f"--fact 须写成 名称=内容，例如 --fact meeting_on=2016-06-01，收到“{pair}”。")
        facts[name.strip()] = (*facts.get(name.strip(), ()), value.strip())
    return facts


def ask_fact(talk: Questions, fact: Fact, given: Sequence[str]) -> tuple[str, ...]:
    """What is stated of one fact: as given, else as a person answers."""
    option, said = f"--fact {fact.name}=", "、".join(given)
    choices = tuple(Choice(name, title) for name, title in fact.choices.items())
    if fact.several:
        others = fact.kind is not FactKind.CHOICE
        return talk.several(option, fact.title, given, choices, needed=not fact.optional, others=others)
    if fact.kind is FactKind.DATE:
        return (talk.day(option, fact.title, said, needed=not fact.optional),)
    if fact.kind is FactKind.CHOICE and not fact.optional:
        return (talk.choice(option, fact.title, said, choices),)
    words = wanted_words(fact) if fact.kind is FactKind.CHOICE else fact.title
    return (talk.text(option, f"{words}，可以不写" if fact.optional else words, said, needed=not fact.optional),)
