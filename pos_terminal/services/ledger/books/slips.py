"""Slips on their way to paper: each waits as facts until the printer said that it is printed.

R41, R42; a slip belongs to a refund, an application or a case, or to nothing (a test).
"""

from __future__ import annotations

from typing import Final

from pos_terminal.core.print_job import UNPRINTED, JobState
from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.books.book import Book, Gone, Listing
from pos_terminal.services.ledger.names import Names, among

_TABLES: Final = f"""
CREATE TABLE print_jobs (
    job_id INTEGER PRIMARY KEY AUTOINCREMENT,
    refund_id INTEGER REFERENCES refunds,
    application INTEGER REFERENCES applications,
    case_id INTEGER REFERENCES cases,
    original INTEGER REFERENCES print_jobs,
    slip TEXT NOT NULL CHECK (json_valid(slip)),
    state TEXT NOT NULL REFERENCES print_job_states,
    attempt INTEGER NOT NULL DEFAULT 0,
    duplicate INTEGER NOT NULL DEFAULT 0,
    queued_at TEXT NOT NULL,
    changed_at TEXT NOT NULL
) STRICT;
CREATE INDEX print_jobs_state ON print_jobs (state, job_id) WHERE state IN {among(UNPRINTED)};
CREATE INDEX print_jobs_refund ON print_jobs (refund_id) WHERE refund_id IS NOT NULL;
CREATE INDEX print_jobs_application ON print_jobs (application) WHERE application IS NOT NULL;
CREATE INDEX print_jobs_case ON print_jobs (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX print_jobs_original ON print_jobs (original) WHERE original IS NOT NULL;
"""
_LIST: Final = """SELECT j.job_id, j.refund_id, coalesce(j.application, r.application)
    AS application, j.slip -> 'body' ->> 'kind' AS slip, j.slip -> 'head' ->> 'copy' AS copy,
    j.state, j.attempt, j.duplicate, j.queued_at, j.changed_at
    FROM print_jobs j LEFT JOIN refunds r USING (refund_id)
    ORDER BY j.job_id DESC LIMIT :limit"""
_SALE_STAYS: Final = f"""s.sale_id IN (
        SELECT coalesce(r.sale_id, a.sale_id, c.sale_id, '') FROM print_jobs j
        LEFT JOIN refunds r ON r.refund_id = j.refund_id
        LEFT JOIN applications a ON a.number = j.application
        LEFT JOIN cases c ON c.case_id = j.case_id
        WHERE j.state IN {among(UNPRINTED)})"""
_STAYS: Final = f"x.state IN {among(UNPRINTED)} OR substr(x.changed_at, 1, 10) >= :before"

BOOK: Final = Book(
    names=(Names.of("print_job_states", JobState),),
    tables=_TABLES,
    goes=(
        Gone("print_jobs", purges.OF_REFUNDS),
        Gone("print_jobs", "application IN (SELECT value FROM json_each(:applications))"),
        Gone("print_jobs", "case_id IN (SELECT value FROM json_each(:cases))"),
    ),
    sale_stays=_SALE_STAYS,
    slip_stays=_STAYS,
    lists=(
        Listing(
            name="print_jobs",
            sql=_LIST,
            columns=("job_id", "refund_id", "slip", "state", "attempt", "duplicate"),
        ),
    ),
)
