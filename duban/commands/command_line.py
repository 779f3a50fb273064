"""The command line as a whole: whatever is foreseeable ends in a sentence and an exit code that can be trusted.

0 done; 1 refused or failed, with the reason on stderr; 2 usage. An error that nobody foresaw stays a traceback,
because then a programmer has to look.
"""

import contextlib
import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TypeVar

import structlog
import typer
import typer.rich_utils
from typer.core import TyperCommand, TyperGroup

from duban.commands.reasons import reason_of
from duban.commands.showing import complain

DONE, FAILED, USAGE = 0, 1, 2
_STOPS = re.compile(r"([，；、：。])\s*")
_OPTIONS, _COMMANDS = "[选项]", "命令 [参数]…"

Run = TypeVar("Run", bound=Callable[..., Any])
"""A function that a command runs."""

UsageError: type[Any] = typer.BadParameter.__mro__[1]
"""Typer carries its own copy of click, and does not name the base class of usage errors in public."""


class _Explained:
    """What `--help` shows: Chinese, and not losing half a sentence at the edge of a terminal."""

    params: list[Any]

    def get_help_option(self, ctx: Any) -> Any:
        """The option --help, explained."""
        option = super().get_help_option(ctx)  # type: ignore[misc] # of Typer's class, which comes after
        if option is not None:
            option.help = "显示这段说明"
        return option

    def get_usage(self, ctx: Any) -> str:
        """How it is called."""
        usage: str = super().get_usage(ctx)  # type: ignore[misc]
        return usage.replace("Usage:", "用法：", 1)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Show it all."""
        for param in self.params:
            if getattr(param, "help", None):
                param.help = _breakable(param.help)
        super().format_help(ctx, formatter)  # type: ignore[misc]


class ExplainedCommand(_Explained, TyperCommand):
    """A command."""

    def invoke(self, ctx: Any) -> Any:
        """Run it; an error of usage that it finds itself is told like one that is found for it."""
        try:
            return super().invoke(ctx)
        except UsageError as error:
            error.ctx = error.ctx or ctx
            raise


class ReasonsTold(_Explained, TyperGroup):
    """Turns errors into sentences, for commands and for the way they are called."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command; an error of ours becomes a sentence on stderr and exit code 1."""
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort, UsageError, BrokenPipeError):
            raise
        except KeyboardInterrupt:
            complain("已中断。")
            raise typer.Exit(FAILED) from None
        except Exception as error:
            reason = reason_of(error)
            if reason is None:
                raise
            complain(reason)
            raise typer.Exit(FAILED) from error

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command line; errors of usage are told in Chinese."""
        try:
            code = super().main(args, prog_name, complete_var, False, windows_expand_args, **extra)
        except UsageError as error:
            if not standalone_mode:
                raise
            _tell_usage(error)
            code = USAGE
        except typer.Abort:
            complain("已中断。")
            code = FAILED
        except BrokenPipeError:  # the reader went away: `ledger | head`
            code = FAILED
        if standalone_mode:
            sys.exit(code if isinstance(code, int) else DONE)
        return code


class CommandLine(typer.Typer):
    """Commands whose help is Chinese to the last line."""

    def command(self, name: str | None = None, **settings: Any) -> Callable[[Run], Run]:
        """Register a command."""
        return super().command(name, **{"cls": ExplainedCommand, "options_metavar": _OPTIONS, **settings})


def command_line() -> typer.Typer:
    """An empty command line, for commands to register with."""
    titles = {"ARGUMENTS": "参数", "OPTIONS": "选项", "COMMANDS": "命令"}
    for name, title in titles.items():
        setattr(typer.rich_utils, f"{name}_PANEL_TITLE", title)
    typer.rich_utils.DEFAULT_STRING = "［默认：{}］"
    typer.rich_utils.REQUIRED_LONG_STRING = "［必填］"
    return CommandLine(
        cls=ReasonsTold,
        options_metavar=_OPTIONS,
        subcommand_metavar=_COMMANDS,
        help="督办：下发改革方案，盯住每项任务直到销号。",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["--help", "-h"]},
    )


def command_group(app: typer.Typer, name: str, *, about: str, alone: Callable[..., None] | None = None) -> typer.Typer:
    """Commands under one name; they register with what is returned.

    Args:
        app: The command line that they belong to.
        name: Of the group.
        about: Chinese; what it is for.
        alone: Runs where none of them is named, and before each of them; without it, help is shown.
    """
    group = CommandLine(
        cls=ReasonsTold,
        invoke_without_command=alone is not None,
        no_args_is_help=alone is None,
        options_metavar=_OPTIONS,
        subcommand_metavar=_COMMANDS if alone is None else f"[{_COMMANDS}]",
        help=about,
    )
    if alone is not None:
        group.callback()(alone)
    app.add_typer(group, name=name)
    return group


def run(app: typer.Typer) -> NoReturn:
    """Run the command line of this process and end it with the exit code that the command gave.

    The interpreter's own way out now and then crashes after the Temporal SDK was used (temporalio 1.35), which would
    turn "done" into 134 or 139. Everything of ours is closed by then, so nothing is lost by not taking it.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without Chinese letters is no reason to fail
    # Unconfigured, it would write into the result.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    code: object = FAILED
    try:
        app()
    except SystemExit as leaving:
        code = leaving.code
    except BaseException:  # noqa: BLE001 - shown as the interpreter would show it, and left by the same door
        sys.excepthook(*sys.exc_info())
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code if isinstance(code, int) else DONE)


def _tell_usage(error: Any) -> None:
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()
        return
    where = error.ctx.command_path if error.ctx is not None else "starter.py"
    complain(f"用法不对：{_usage(error)}\n运行 {where} --help 查看用法。")


def _breakable(text: str) -> str:
    """A text with blanks after its stops: a narrow terminal cuts off what it cannot break."""
    return _STOPS.sub(r"\1 ", text).rstrip()


def _usage(error: Any) -> str:
    """By the error's name: Typer does not give its classes in public."""
    match type(error).__name__:
        case "MissingParameter":
            return f"缺少 {_parameter(error)}。"
        case "NoSuchOption":
            near = "、".join(sorted(error.possibilities or ()))
            return f"没有 {error.option_name} 这个选项。" + (f"是否应为 {near}？" if near else "")
        case "BadOptionUsage":
            return f"选项 {error.option_name} 的写法不对（{error.message}）"
        case "BadParameter" if error.message.isascii():
            return f"{_parameter(error)} 的值不能用（{error.message}）"
        case "BadParameter":
            return f"{_parameter(error)} 的值不能用：{error.message}"
        case _ if error.message.isascii():
            return f"命令或参数无法识别（{error.message}）"
        case _:
            return str(error.message)


def _parameter(error: Any) -> str:
    if error.param_hint:
        return str(error.param_hint)
    return str(error.param.get_error_hint()).replace("'", "") if error.param is not None else "参数"
