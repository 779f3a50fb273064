"""The ledger remembers: tables, every query, migrations.

``Ledger`` is the door. Behind it is one repository per noun; each of their public methods is
one transaction of its own, and nobody outside this room writes a query. Two errors come out:
``LedgerUnavailable`` (try again) and ``LedgerConflict`` (trying again changes nothing).
"""

from duban.ledger.errors import LedgerConflict, LedgerError, LedgerUnavailable, NotInLedger
from duban.ledger.migration import migrate, migrate_back, schema_is_current, schema_revisions
from duban.ledger.opening import Ledger
from duban.ledger.plans.registration import PlanRegistration, RegistrationReceipt, RegistrationStatus

__all__ = [
    "Ledger",
    "LedgerConflict",
    "LedgerError",
    "LedgerUnavailable",
    "NotInLedger",
    "PlanRegistration",
    "RegistrationReceipt",
    "RegistrationStatus",
    "migrate",
    "migrate_back",
    "schema_is_current",
    "schema_revisions",
]
