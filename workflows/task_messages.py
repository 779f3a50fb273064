"""What people say to a task and what they see of it: every message handler of ``ReformTask``.

Handlers never await: they decide at once and leave the entries in the outbox. Passed through the
sandbox as a whole: loading twenty handlers again for each of thousands of workflows would cost
most of a workflow's memory (docs/adr/0001).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue, TypedSearchAttributes
from temporalio.exceptions import ApplicationError

from duban.contracts import Answer, TaskInput, TimelineLine, Unreadable
from duban.supervision.rules.authority import Act
from duban.supervision.rules.policy import Policy
from duban.supervision.tasks.advance import Tick, Transition, advance, note_refusal
from duban.supervision.tasks.door import refuse_excess, refuse_growth
from duban.supervision.tasks.entries import LedgerEntry
from duban.supervision.tasks.messages import AnyMessage
from duban.supervision.tasks.reading import read_message
from duban.supervision.tasks.state import TaskState
from duban.supervision.tasks.turn import Refusal
from duban.supervision.tasks.views import StatusView, details, snapshot, status_view
from duban.supervision.words import ACT_WORDS
from duban.visibility import task_attributes

LINES_KEPT = 20
LONGEST_SIGNAL = 40
REFUSED = "Refused"
UNREADABLE_ON_RECORD = "unreadable-signals-on-record"
"""Patch: earlier releases dropped a signal that could not be decoded, and kept one of an unknown name for nobody."""
BOUNDED_SIGNALS = "bounded-signals"
"""Patch: earlier releases took any report that the rules allowed, whatever its size."""


def _read(act: Act, data: object) -> AnyMessage | Refusal:
    return Refusal(data.reason) if isinstance(data, Unreadable) else read_message(act, data)


class TaskMessages:
    """A task with its outbox, as messages and queries find it; carried out by ``ReformTask``."""

    def __init__(self, given: TaskInput) -> None:
        """Take over the state; nothing is decided here."""
        self._state: TaskState = given.state
        self._policy: Policy = given.policy
        self._clock = given.clock
        self._timeline = list(given.timeline)
        self._outbox: list[LedgerEntry] = []
        self._handled = 0
        self._shown = self._attributes()
        """As every start, and every run carried on, has stated them."""

    @property
    def _now(self) -> datetime:
        return self._clock.business(workflow.now())

    def _do_what_is_due(self) -> None:
        passed = advance(self._state, Tick(), self._policy, self._now)
        if isinstance(passed, Transition):
            self._take(passed)

    def _take(self, done: Transition) -> None:
        self._state = done.state
        self._policy = done.policy or self._policy
        self._outbox.extend(done.entries)
        lines = [TimelineLine(version=e.version, at=e.at, text=e.text) for e in done.entries]
        self._timeline = [*self._timeline, *lines][-LINES_KEPT:]

    # --- what people see ----------------------------------------------------------------------

    def _attributes(self) -> TypedSearchAttributes:
        return task_attributes(self._state, snapshot(self._state, self._policy), self._policy)

    def _show(self) -> None:
        """Bring the search attributes up to date.

        Compared with what this run has shown, never with what the server says: it answers by the attributes that the
        namespace has today, and a history read after one was removed would be replayed to other commands.
        """
        wanted, shown = self._attributes(), self._shown
        self._shown = wanted
        keys = {pair.key for pair in (*wanted, *shown)}
        changes = [
            key.value_set(wanted[key]) if key in wanted else key.value_unset()
            for key in sorted(keys, key=lambda key: key.name)
            if wanted.get(key) != shown.get(key)
        ]
        if changes:
            workflow.upsert_search_attributes(changes)
        workflow.set_current_details(details(self._state, self._policy))

    @workflow.query(description="任务现状：状态、滞后、下一时点、等待事项（JSON）")
    def status(self, *_: Any) -> StatusView:
        """How the task stands; day counts hold for the business date of the last thing that happened to it."""
        return status_view(self._state, self._policy, self._now)

    @workflow.query(description="最近的时间线；全部记录见台账")
    def timeline(self, *_: Any) -> list[TimelineLine]:
        """The latest entries; the whole timeline is in the ledger."""
        return self._timeline

    # --- what people say ----------------------------------------------------------------------

    def _advanced(self, act: Act, data: object) -> Transition | Refusal:
        message = _read(act, data)
        if isinstance(message, Refusal):
            return message
        return advance(self._state, message, self._policy, self._now)

    def _admitted(self, act: Act, data: object) -> Transition | Refusal:
        """As ``_advanced``, but not more than the ledger can carry. Asked only of what has just come."""
        message = _read(act, data)
        if isinstance(message, Refusal):
            return message
        if (refusal := refuse_excess(message)) is not None:
            return refusal
        outcome = advance(self._state, message, self._policy, self._now)
        if isinstance(outcome, Refusal):
            return outcome
        return refuse_growth(act, self._state, outcome.state) or outcome

    def _check(self, act: Act, data: object) -> None:
        """Validate an update: what is refused here writes nothing, not even to history."""
        outcome = self._admitted(act, data)
        if isinstance(outcome, Refusal):
            raise ApplicationError(outcome.reason, type=REFUSED, non_retryable=True)

    def _do(self, act: Act, data: object) -> Answer:
        done = self._advanced(act, data)
        if isinstance(done, Refusal):
            # Another message in the same activation got in between this one's validation and now.
            raise ApplicationError(done.reason, type=REFUSED, non_retryable=True)
        self._handled += 1
        if done.repeated:
            return Answer(text="此前已受理，未重复办理", version=done.version, repeated=True)
        self._take(done)
        return Answer(text=f"已受理：{ACT_WORDS[act]}", version=done.version)

    @workflow.signal(name="progress", description='报告进展，例如 {"body": "单位", "person": "姓名", "percent": 30}')
    def progress(self, message: Any = None, *_: Any) -> None:
        """Progress by signal. Nobody waits for the answer, so a refusal is put on record.

        Takes whatever number of arguments comes: a signal that a handler cannot take stops the task for ever.
        """
        if isinstance(message, Unreadable) and not workflow.patched(UNREADABLE_ON_RECORD):
            return  # an earlier release dropped it
        outcome = self._advanced(Act.PROGRESS, message)
        self._handled += 1
        if not isinstance(outcome, Refusal):
            excess = self._admitted(Act.PROGRESS, message)
            if isinstance(excess, Refusal) and workflow.patched(BOUNDED_SIGNALS):
                outcome = excess
        if isinstance(outcome, Refusal):
            self._note_refusal(f"未受理的进展报告：{outcome.reason}")
        else:
            self._take(outcome)

    @workflow.signal(dynamic=True)
    def other_signal(self, name: str, _: Sequence[RawValue]) -> None:
        """A signal of a name that a task does not know: put on record, because nobody waits for its answer."""
        if workflow.patched(UNREADABLE_ON_RECORD):
            self._handled += 1
            self._note_refusal(f"未受理的信号“{name[:LONGEST_SIGNAL]}”：任务只受理信号 progress，其他事项请用更新")

    def _note_refusal(self, text: str) -> None:
        if self._state.stage.is_final:
            workflow.logger.warning("a signal came after the end", extra={"reason": text})
        else:
            self._take(note_refusal(self._state, self._policy, self._now, text))

    @workflow.update(description="报告进展，并等待答复")
    def report_progress(self, message: Any = None, *_: Any) -> Answer:
        """Progress, answered."""
        return self._do(Act.PROGRESS, message)

    @report_progress.validator
    def _check_report_progress(self, message: Any = None, *_: Any) -> None:
        self._check(Act.PROGRESS, message)

    @workflow.update(description="承办单位签收任务")
    def accept(self, message: Any = None, *_: Any) -> Answer:
        """The handling body takes the task on."""
        return self._do(Act.ACCEPT, message)

    @accept.validator
    def _check_accept(self, message: Any = None, *_: Any) -> None:
        self._check(Act.ACCEPT, message)

    @workflow.update(description="牵头单位提交书面说明（text）")
    def submit_explanation(self, message: Any = None, *_: Any) -> Answer:
        """The written explanation."""
        return self._do(Act.SUBMIT_EXPLANATION, message)

    @submit_explanation.validator
    def _check_submit_explanation(self, message: Any = None, *_: Any) -> None:
        self._check(Act.SUBMIT_EXPLANATION, message)

    @workflow.update(description="登记通话、现场、约谈或整改记录（action, with_whom, content）")
    def record_action(self, message: Any = None, *_: Any) -> Answer:
        """A record of a call, visit, interview or rectification."""
        return self._do(Act.RECORD_ACTION, message)

    @record_action.validator
    def _check_record_action(self, message: Any = None, *_: Any) -> None:
        self._check(Act.RECORD_ACTION, message)

    @workflow.update(description="对提请的事项作出决定（approve, request, reason, grounds, scope）")
    def decide(self, message: Any = None, *_: Any) -> Answer:
        """A decision that was asked for."""
        return self._do(Act.DECIDE, message)

    @decide.validator
    def _check_decide(self, message: Any = None, *_: Any) -> None:
        self._check(Act.DECIDE, message)

    @workflow.update(description="申请延期（milestone, new_due_on, reason）")
    def request_extension(self, message: Any = None, *_: Any) -> Answer:
        """A wish for a later date."""
        return self._do(Act.REQUEST_EXTENSION, message)

    @request_extension.validator
    def _check_request_extension(self, message: Any = None, *_: Any) -> None:
        self._check(Act.REQUEST_EXTENSION, message)

    @workflow.update(description="暂停计时（reason, until）")
    def suspend(self, message: Any = None, *_: Any) -> Answer:
        """Stop the count."""
        return self._do(Act.SUSPEND, message)

    @suspend.validator
    def _check_suspend(self, message: Any = None, *_: Any) -> None:
        self._check(Act.SUSPEND, message)

    @workflow.update(description="恢复计时（reason）")
    def resume(self, message: Any = None, *_: Any) -> Answer:
        """Let the count run again."""
        return self._do(Act.RESUME, message)

    @resume.validator
    def _check_resume(self, message: Any = None, *_: Any) -> None:
        self._check(Act.RESUME, message)

    @workflow.update(description="催办（text）")
    def urge(self, message: Any = None, *_: Any) -> Answer:
        """An urging by hand."""
        return self._do(Act.URGE, message)

    @urge.validator
    def _check_urge(self, message: Any = None, *_: Any) -> None:
        self._check(Act.URGE, message)

    @workflow.update(description="领导提出整改要求（text）")
    def demand(self, message: Any = None, *_: Any) -> Answer:
        """A leader's demand."""
        return self._do(Act.DEMAND, message)

    @demand.validator
    def _check_demand(self, message: Any = None, *_: Any) -> None:
        self._check(Act.DEMAND, message)

    @workflow.update(description="改革办提出约谈建议（grounds, reason）")
    def raise_interview(self, message: Any = None, *_: Any) -> Answer:
        """Raise an interview."""
        return self._do(Act.RAISE_INTERVIEW, message)

    @raise_interview.validator
    def _check_raise_interview(self, message: Any = None, *_: Any) -> None:
        self._check(Act.RAISE_INTERVIEW, message)

    @workflow.update(description="退回重办（what, report, reason）")
    def return_for_rework(self, message: Any = None, *_: Any) -> Answer:
        """Refuse an answer for quality."""
        return self._do(Act.RETURN_FOR_REWORK, message)

    @return_for_rework.validator
    def _check_return_for_rework(self, message: Any = None, *_: Any) -> None:
        self._check(Act.RETURN_FOR_REWORK, message)

    @workflow.update(description="申请销号（deliverable, note）")
    def request_strike_off(self, message: Any = None, *_: Any) -> Answer:
        """The task is done, the deliverable is in."""
        return self._do(Act.REQUEST_STRIKE_OFF, message)

    @request_strike_off.validator
    def _check_request_strike_off(self, message: Any = None, *_: Any) -> None:
        self._check(Act.REQUEST_STRIKE_OFF, message)

    @workflow.update(description="核验销号申请（passed, note）")
    def verify(self, message: Any = None, *_: Any) -> Answer:
        """Check the deliverable."""
        return self._do(Act.VERIFY, message)

    @verify.validator
    def _check_verify(self, message: Any = None, *_: Any) -> None:
        self._check(Act.VERIFY, message)

    @workflow.update(description="终止任务（reason）")
    def terminate(self, message: Any = None, *_: Any) -> Answer:
        """End the task without its being done."""
        return self._do(Act.TERMINATE, message)

    @terminate.validator
    def _check_terminate(self, message: Any = None, *_: Any) -> None:
        self._check(Act.TERMINATE, message)

    @workflow.update(description="结转任务（new_due_on, cause, reason）")
    def carry_over(self, message: Any = None, *_: Any) -> Answer:
        """Into next year's list."""
        return self._do(Act.CARRY_OVER, message)

    @carry_over.validator
    def _check_carry_over(self, message: Any = None, *_: Any) -> None:
        self._check(Act.CARRY_OVER, message)

    @workflow.update(description="变更适用的规则、日历或机构信息")
    def adopt(self, message: Any = None, *_: Any) -> Answer:
        """Changed rules, calendar or organisation."""
        return self._do(Act.ADOPT, message)

    @adopt.validator
    def _check_adopt(self, message: Any = None, *_: Any) -> None:
        self._check(Act.ADOPT, message)

    @workflow.update(description="按调整后的方案调整任务（reason, document，以及改变的各项）")
    def amend(self, message: Any = None, *_: Any) -> Answer:
        """What the amended plan says differently."""
        return self._do(Act.AMEND, message)

    @amend.validator
    def _check_amend(self, message: Any = None, *_: Any) -> None:
        self._check(Act.AMEND, message)

    @workflow.update(description="更正记录：原记录保留（version, text）")
    def correct(self, message: Any = None, *_: Any) -> Answer:
        """What an earlier entry should have said."""
        return self._do(Act.CORRECT, message)

    @correct.validator
    def _check_correct(self, message: Any = None, *_: Any) -> None:
        self._check(Act.CORRECT, message)

    @workflow.update(description="登记督查结果（found, on_schedule, content, problems, rectify_by）")
    def inspect(self, message: Any = None, *_: Any) -> Answer:
        """What an inspection found."""
        return self._do(Act.INSPECT, message)

    @inspect.validator
    def _check_inspect(self, message: Any = None, *_: Any) -> None:
        self._check(Act.INSPECT, message)

    @workflow.update(description="办理当前步骤：结果和须写明的事项（step, outcome, facts, note）")
    def take_step(self, message: Any = None, *_: Any) -> Answer:
        """A step of a procedure is done."""
        return self._do(Act.TAKE_STEP, message)

    @take_step.validator
    def _check_take_step(self, message: Any = None, *_: Any) -> None:
        self._check(Act.TAKE_STEP, message)

    @workflow.update(description="列入清单或移出清单（lists, remove, reason）")
    def mark(self, message: Any = None, *_: Any) -> Answer:
        """On which lists the task stands."""
        return self._do(Act.MARK, message)

    @mark.validator
    def _check_mark(self, message: Any = None, *_: Any) -> None:
        self._check(Act.MARK, message)
