"""What can be owed in the course of supervision."""

from enum import StrEnum


class Duty(StrEnum):
    """What somebody owes; what does not come in its time is chased (see ``duties``)."""

    ACCEPTANCE = "acceptance"
    FEEDBACK = "feedback"
    CYCLE_REPORT = "cycle_report"
    CALL_RECORD = "call_record"
    EXPLANATION = "explanation"
    VISIT_RECORD = "visit_record"
    INTERVIEW_RECORD = "interview_record"
    RECTIFICATION = "rectification"
    GROUNDS = "grounds"
    CONFIRMATION = "confirmation"
    DECISION = "decision"
    CONSENT = "consent"
    EXTENSION_DECISION = "extension_decision"
    VERIFICATION = "verification"
    STEP = "step"
    ADVANCE_EXPLANATION = "advance_explanation"
    HAND_OVER = "hand_over"


DATED_OTHERWISE = (Duty.ADVANCE_EXPLANATION, Duty.HAND_OVER)
"""What is due on a date that comes with it, and so has no limit of its own in the rules."""
APPROVALS = (Duty.GROUNDS, Duty.CONFIRMATION, Duty.DECISION, Duty.CONSENT)
"""What may have to come before a reminder: each is a decision."""
ANSWERS = (Duty.CALL_RECORD, Duty.EXPLANATION, Duty.VISIT_RECORD, Duty.INTERVIEW_RECORD, Duty.RECTIFICATION)
"""What may have to come back after one."""


WITH_LIMITS_OF_THEIR_OWN = (Duty.STEP,)
"""What is due by the step that asks for it, and not by one limit for all."""
