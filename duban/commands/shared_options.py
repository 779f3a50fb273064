"""Options that several commands share: declared once, as the parameters of a function, and given to each as one value.

A command takes the value as a parameter of its own; the options stand in its place on the command line.
"""

import inspect
from collections.abc import Callable


def with_shared(command: Callable[..., None], shared: Callable[..., object], name: str) -> Callable[..., None]:
    """The command with the parameters of ``shared`` in the place of one of its own, as Typer reads them.

    Args:
        command: What runs.
        shared: Its parameters are the options; what it returns goes to the command.
        name: Of the command's parameter that takes it.
    """
    options = inspect.signature(shared, eval_str=True).parameters
    own = inspect.signature(command, eval_str=True).parameters

    def run(**given: object) -> None:
        value = shared(**{option: given.pop(option) for option in options})
        command(**given, **{name: value})

    parameters = [
        replacing.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for each, parameter in own.items()
        for replacing in (options.values() if each == name else (parameter,))
    ]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # what inspect.signature looks for
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run
