"""The first schema: plans, tasks and their timeline, notices and their deliveries."""

import sqlalchemy as sa
from alembic import op

from duban.ledger.tables.columns import JsonValue, RowNumber, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bodies",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=True),
        sa.Column("supervised_by", sa.String(), nullable=True),
        sa.Column("aliases", JsonValue(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_bodies")),
    )
    op.create_table(
        "body_counts",
        sa.Column("lead_body", sa.String(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("is_behind", sa.Boolean(), nullable=False),
        sa.Column("tasks", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("lead_body", "is_open", "is_behind", name=op.f("pk_body_counts")),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("uncertain", sa.Boolean(), nullable=False),
        sa.Column("claimed_at", UtcDateTime(), nullable=False),
        sa.Column("claimed_at_real", UtcDateTime(), nullable=False),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("retry_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    op.create_index("ix_deliveries_status", "deliveries", ["status", "claimed_at_real"], unique=False)
    op.create_index(
        "ix_deliveries_unfinished",
        "deliveries",
        ["recipient", "claimed_at_real", "id"],
        unique=False,
        postgresql_where=sa.text("status IN ('sending', 'waiting')"),
        sqlite_where=sa.text("status IN ('sending', 'waiting')"),
    )
    op.create_table(
        "paper_numbers",
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", "year", name=op.f("pk_paper_numbers")),
    )
    op.create_table(
        "stored_plans",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_stored_plans")),
    )
    op.create_table(
        "delivery_attempts",
        sa.Column("delivery_id", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("uncertain", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name=op.f("fk_delivery_attempts_delivery_id")),
        sa.PrimaryKeyConstraint("delivery_id", "attempt", name=op.f("pk_delivery_attempts")),
    )
    op.create_table(
        "plans",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("regime", sa.String(), nullable=False),
        sa.Column("supervising_body", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("business_epoch", UtcDateTime(), nullable=False),
        sa.Column("real_epoch", UtcDateTime(), nullable=False),
        sa.Column("speed", sa.Float(), nullable=False),
        sa.Column("stops_at", UtcDateTime(), nullable=True),
        sa.Column("zone", JsonValue(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("registered_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("closed_by_body", sa.String(), nullable=False),
        sa.Column("closed_by_person", sa.String(), nullable=False),
        sa.Column("closing_decision", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["stored_plans.digest"], name=op.f("fk_plans_digest")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_plans")),
    )
    op.create_table(
        "plan_counts",
        sa.Column("plan_code", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reminder_level", sa.String(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("is_behind", sa.Boolean(), nullable=False),
        sa.Column("tasks", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["plan_code"], ["plans.code"], name=op.f("fk_plan_counts_plan_code")),
        sa.PrimaryKeyConstraint(
            "plan_code", "status", "reminder_level", "is_open", "is_behind", name=op.f("pk_plan_counts")
        ),
    )
    op.create_table(
        "tasks",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("plan_code", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("leader", sa.String(), nullable=False),
        sa.Column("lead_body", sa.String(), nullable=False),
        sa.Column("handling_body", sa.String(), nullable=False),
        sa.Column("supporting_bodies", JsonValue(), nullable=False),
        sa.Column("measures", sa.String(), nullable=False),
        sa.Column("deliverable", sa.String(), nullable=False),
        sa.Column("deadline_text", sa.String(), nullable=False),
        sa.Column("open_ended", sa.Boolean(), nullable=False),
        sa.Column("list_kinds", JsonValue(), nullable=False),
        sa.Column("registered_at", UtcDateTime(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("chain_head", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("behind_since", sa.Date(), nullable=True),
        sa.Column("suspended_days", sa.Integer(), nullable=False),
        sa.Column("suspended_since", sa.Date(), nullable=True),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("reminder_level", sa.String(), nullable=True),
        sa.Column("awaiting", JsonValue(), nullable=False),
        sa.Column("next_moment_at", UtcDateTime(), nullable=True),
        sa.Column("next_moment_text", sa.String(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["plan_code"], ["plans.code"], name=op.f("fk_tasks_plan_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_tasks")),
    )
    op.create_index("ix_tasks_level", "tasks", ["reminder_level", "plan_code", "position"], unique=False)
    op.create_index(
        "ix_tasks_open",
        "tasks",
        ["plan_code"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
        sqlite_where=sa.text("closed_at IS NULL"),
    )
    op.create_index("ix_tasks_status", "tasks", ["status", "plan_code", "position"], unique=False)
    op.create_index(
        "ix_tasks_unstarted",
        "tasks",
        ["plan_code", "position"],
        unique=False,
        postgresql_where=sa.text("started_at IS NULL"),
        sqlite_where=sa.text("started_at IS NULL"),
    )
    op.create_index("uq_tasks_place", "tasks", ["plan_code", "position"], unique=True)
    op.create_table(
        "decisions",
        sa.Column("task_code", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("request", sa.String(), nullable=False),
        sa.Column("duty", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("grounds", JsonValue(), nullable=False),
        sa.Column("scope", JsonValue(), nullable=False),
        sa.ForeignKeyConstraint(["task_code"], ["tasks.code"], name=op.f("fk_decisions_task_code")),
        sa.PrimaryKeyConstraint("task_code", "round", "request", name=op.f("pk_decisions")),
    )
    op.create_table(
        "milestones",
        sa.Column("task_code", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("phrase", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("baseline_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("met_at", UtcDateTime(), nullable=True),
        sa.Column("met_by", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["task_code"], ["tasks.code"], name=op.f("fk_milestones_task_code")),
        sa.PrimaryKeyConstraint("task_code", "round", "number", name=op.f("pk_milestones")),
    )
    op.create_table(
        "notices",
        sa.Column("id", RowNumber(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=False),
        sa.Column("task_code", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("plan_code", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=True),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("issued_at_real", UtcDateTime(), nullable=False),
        sa.Column("deliver_not_before", UtcDateTime(), nullable=False),
        sa.Column("deliver_not_before_real", UtcDateTime(), nullable=False),
        sa.Column("lag_days", sa.Integer(), nullable=True),
        sa.Column("milestone_due_on", sa.Date(), nullable=True),
        sa.Column("reminder_due_on", sa.Date(), nullable=False),
        sa.Column("paper_series", sa.String(), nullable=True),
        sa.Column("paper_year", sa.Integer(), nullable=True),
        sa.Column("paper_number", sa.Integer(), nullable=True),
        sa.Column("intent", JsonValue(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("withdraw_reason", sa.String(), nullable=False),
        sa.Column("delivered_at", UtcDateTime(), nullable=True),
        sa.Column("delivered_at_real", UtcDateTime(), nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["plan_code"], ["plans.code"], name=op.f("fk_notices_plan_code")),
        sa.ForeignKeyConstraint(["task_code"], ["tasks.code"], name=op.f("fk_notices_task_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_notices_idempotency_key")),
        sa.UniqueConstraint(
            "paper_series",
            "paper_year",
            "paper_number",
            "recipient",
            name=op.f("uq_notices_paper_series_paper_year_paper_number_recipient"),
        ),
    )
    op.create_index("ix_notices_level", "notices", ["level", "id"], unique=False)
    op.create_index(
        "ix_notices_pending",
        "notices",
        ["recipient", "deliver_not_before_real", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'pending'"),
        sqlite_where=sa.text("status = 'pending'"),
    )
    op.create_index("ix_notices_plan", "notices", ["plan_code", "id"], unique=False)
    op.create_index("ix_notices_recipient", "notices", ["recipient", "id"], unique=False)
    op.create_index("ix_notices_status", "notices", ["status", "id"], unique=False)
    op.create_index("ix_notices_task", "notices", ["task_code", "round", "subject"], unique=False)
    op.create_table(
        "obligations",
        sa.Column("task_code", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("duty", sa.String(), nullable=False),
        sa.Column("owed_by", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("chases", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["task_code"], ["tasks.code"], name=op.f("fk_obligations_task_code")),
        sa.PrimaryKeyConstraint("task_code", "round", "id", name=op.f("pk_obligations")),
    )
    op.create_index(
        "ix_obligations_open",
        "obligations",
        ["owed_by", "due_on"],
        unique=False,
        postgresql_where=sa.text("status = 'open'"),
        sqlite_where=sa.text("status = 'open'"),
    )
    op.create_table(
        "records",
        sa.Column("task_code", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("facts", JsonValue(), nullable=False),
        sa.ForeignKeyConstraint(["task_code"], ["tasks.code"], name=op.f("fk_records_task_code")),
        sa.PrimaryKeyConstraint("task_code", "round", "id", name=op.f("pk_records")),
    )
    op.create_table(
        "reminders",
        sa.Column("task_code", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("lag_days", sa.Integer(), nullable=False),
        sa.Column("milestone_due_on", sa.Date(), nullable=True),
        sa.Column("issued_at", UtcDateTime(), nullable=True),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("citation", JsonValue(), nullable=False),
        sa.ForeignKeyConstraint(["task_code"], ["tasks.code"], name=op.f("fk_reminders_task_code")),
        sa.PrimaryKeyConstraint("task_code", "round", "key", name=op.f("pk_reminders")),
    )
    op.create_table(
        "reports",
        sa.Column("task_code", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("reported_at", UtcDateTime(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("milestones", JsonValue(), nullable=False),
        sa.Column("returned_at", UtcDateTime(), nullable=True),
        sa.Column("return_reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["task_code"], ["tasks.code"], name=op.f("fk_reports_task_code")),
        sa.PrimaryKeyConstraint("task_code", "round", "id", name=op.f("pk_reports")),
    )
    op.create_table(
        "task_bodies",
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("task_code", sa.String(), nullable=False),
        sa.Column("roles", JsonValue(), nullable=False),
        sa.Column("plan_code", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["body"], ["bodies.name"], name=op.f("fk_task_bodies_body")),
        sa.ForeignKeyConstraint(["task_code"], ["tasks.code"], name=op.f("fk_task_bodies_task_code")),
        sa.PrimaryKeyConstraint("body", "task_code", name=op.f("pk_task_bodies")),
    )
    op.create_index("ix_task_bodies_place", "task_bodies", ["body", "plan_code", "position", "task_code"], unique=False)
    op.create_index(op.f("ix_task_bodies_task_code"), "task_bodies", ["task_code"], unique=False)
    op.create_table(
        "timeline",
        sa.Column("task_code", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("previous_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["task_code"], ["tasks.code"], name=op.f("fk_timeline_task_code")),
        sa.PrimaryKeyConstraint("task_code", "round", "version", name=op.f("pk_timeline")),
    )
    op.create_table(
        "delivery_notices",
        sa.Column("delivery_id", sa.String(), nullable=False),
        sa.Column("notice_id", RowNumber(), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name=op.f("fk_delivery_notices_delivery_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_delivery_notices_notice_id")),
        sa.PrimaryKeyConstraint("delivery_id", "notice_id", name=op.f("pk_delivery_notices")),
    )
    op.create_index(op.f("ix_delivery_notices_notice_id"), "delivery_notices", ["notice_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_delivery_notices_notice_id"), table_name="delivery_notices")
    op.drop_table("delivery_notices")
    op.drop_table("timeline")
    op.drop_index(op.f("ix_task_bodies_task_code"), table_name="task_bodies")
    op.drop_index("ix_task_bodies_place", table_name="task_bodies")
    op.drop_table("task_bodies")
    op.drop_table("reports")
    op.drop_table("reminders")
    op.drop_table("records")
    op.drop_index(
        "ix_obligations_open",
        table_name="obligations",
        postgresql_where=sa.text("status = 'open'"),
        sqlite_where=sa.text("status = 'open'"),
    )
    op.drop_table("obligations")
    op.drop_index("ix_notices_task", table_name="notices")
    op.drop_index("ix_notices_status", table_name="notices")
    op.drop_index("ix_notices_recipient", table_name="notices")
    op.drop_index("ix_notices_plan", table_name="notices")
    op.drop_index(
        "ix_notices_pending",
        table_name="notices",
        postgresql_where=sa.text("status = 'pending'"),
        sqlite_where=sa.text("status = 'pending'"),
    )
    op.drop_index("ix_notices_level", table_name="notices")
    op.drop_table("notices")
    op.drop_table("milestones")
    op.drop_table("decisions")
    op.drop_index("uq_tasks_place", table_name="tasks")
    op.drop_index(
        "ix_tasks_unstarted",
        table_name="tasks",
        postgresql_where=sa.text("started_at IS NULL"),
        sqlite_where=sa.text("started_at IS NULL"),
    )
    op.drop_index("ix_tasks_status", table_name="tasks")
    op.drop_index(
        "ix_tasks_open",
        table_name="tasks",
        postgresql_where=sa.text("closed_at IS NULL"),
        sqlite_where=sa.text("closed_at IS NULL"),
    )
    op.drop_index("ix_tasks_level", table_name="tasks")
    op.drop_table("tasks")
    op.drop_table("plan_counts")
    op.drop_table("plans")
    op.drop_table("delivery_attempts")
    op.drop_table("stored_plans")
    op.drop_table("paper_numbers")
    op.drop_index(
        "ix_deliveries_unfinished",
        table_name="deliveries",
        postgresql_where=sa.text("status IN ('sending', 'waiting')"),
        sqlite_where=sa.text("status IN ('sending', 'waiting')"),
    )
    op.drop_index("ix_deliveries_status", table_name="deliveries")
    op.drop_table("deliveries")
    op.drop_table("body_counts")
    op.drop_table("bodies")
