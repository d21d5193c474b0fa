"""The facts of a plan and of a preview for machines: counts and codes, no contact and no comment; see docs/json.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ctnb.cli.facts import SCHEMA
from ctnb.version import __version__

if TYPE_CHECKING:
    import pandas as pd

    from ctnb.leads.plan import Plan
    from ctnb.matching.preview import Preview


def plan_facts(plan: Plan) -> dict[str, Any]:
    """Return what a plan comes to."""
    checks = plan.checks
    return {
        "schema": SCHEMA,
        "version": __version__,
        "command": "plan",
        "rows": len(plan),
        "ready": int(plan.counts["ready"]),
        "invalid": int(plan.counts["invalid"]),
        "problems": _counted(plan.frame["problem_code"]),
        "record": None if plan.record is None else dict(plan.record.leads(plan.sent)),
        "leads": len(plan.sent),
        "requests": int(plan.requests),
        "seconds": float(plan.floor_seconds),
        "findings": [
            {"code": str(code), "severity": str(severity), "rows": int(rows)}
            for code, severity, rows in zip(checks["code"], checks["severity"], checks["rows"], strict=True)
        ],
    }


def preview_facts(preview: Preview) -> dict[str, Any]:
    """Return what a preview comes to."""
    from ctnb.outcomes import Status
    from ctnb.results.rates import counts

    statuses = {str(name): int(rows) for name, rows in counts(preview.frame).items()}
    found = statuses[Status.COMMENTED]
    offered = found + statuses[Status.UNMATCHED]
    reasons = preview.reasons.reset_index(drop=True)
    return {
        "schema": SCHEMA,
        "version": __version__,
        "command": "preview",
        "rows": len(preview),
        "statuses": statuses,
        "match_rate": found / offered if offered else None,
        "reasons": {
            str(rule): _counted(outcomes) for rule, outcomes in reasons.groupby("rule", observed=True)["outcome"]
        },
        "undecided": _counted(preview.undecided()["reason"]),
        "collisions": len(preview.collisions()),
    }


def _counted(codes: pd.Series[Any]) -> dict[str, int]:
    """Count codes; those that do not occur, and missing ones, are left out."""
    return {str(code): int(rows) for code, rows in codes.astype("string").value_counts().items() if rows}
