"""What a caller may see of obligations, and how it is told of them.

A shelter, and who audits it, sees its own cases. A municipality sees what it owes or is told of, as far as its own part goes:
not who owed it before, nor who owes it now. The rest does not exist for it. It is shown ids of its own, and neither the shelter nor
the standard that the shelter follows.
"""

from collections.abc import Mapping
from typing import Any

from havn_chassis.decider import Refused
from havn_chassis.http import Reader
from orchestrator.domain.state import MINUTES_PER_SESSION
from orchestrator.why import THE_ACT

_USED = (
    "CASE o.unit WHEN 'minutes' THEN greatest(0, coalesce(l.minutes, 0)) "
    "WHEN 'sessions' THEN greatest(0, coalesce(l.sessions, 0)) END"
)
_GRANTED = (
    f"CASE o.unit WHEN 'minutes' THEN coalesce(l.granted, 0) "
    f"WHEN 'sessions' THEN coalesce(l.granted, 0) / {MINUTES_PER_SESSION} END"
)
_COLUMNS = """
    o.obligation_id, o.case_id, o.person_id, o.reference, o.rule, o.owed_by, o.owed_to, o.opened_on,
    o.unit, o.floor, o.ceiling, o.document, o.section
"""
_LEFT = f"CASE WHEN o.unit IS NOT NULL THEN greatest(0, o.ceiling + {_GRANTED} - {_USED}) END"
_AMOUNTS = f'{_GRANTED} AS granted, {_USED} AS used, {_LEFT} AS "left"'
_LEDGER = "LEFT JOIN ledgers l ON l.case_id = o.case_id AND l.person_id = o.person_id AND o.unit IS NOT NULL"
_OWN_PART = """
    JOIN LATERAL (
        SELECT p.municipality, p.until, p.version FROM obligation_parts p
        WHERE p.obligation_id = o.obligation_id AND p.municipality = %s ORDER BY p.version DESC LIMIT 1
    ) own ON true
    LEFT JOIN LATERAL (
        SELECT
            (array_agg(h.due ORDER BY h.version DESC) FILTER (WHERE h.type IN ('ObligationOpened', 'ObligationRescheduled')))[1]
                AS due,
            (array_agg(h.counted_from ORDER BY h.version DESC)
                FILTER (WHERE h.type IN ('ObligationOpened', 'ObligationRescheduled')))[1] AS counted_from,
            (array_agg(h.standard ORDER BY h.version DESC) FILTER (WHERE h.standard IS NOT NULL))[1] AS standard,
            (array_agg(h.standard_version ORDER BY h.version DESC) FILTER (WHERE h.standard IS NOT NULL))[1] AS standard_version,
            (array_agg(h.occurred_on ORDER BY h.version DESC) FILTER (WHERE h.type = 'ObligationMissed'))[1] AS missed_on,
            (array_agg(h.type ORDER BY h.version DESC) FILTER (WHERE h.type IN
                ('ObligationOpened', 'ObligationMet', 'ObligationMissed', 'ObligationCancelled', 'ObligationReopened')
            ))[1] = 'ObligationMissed' AS is_missed
        FROM case_history h WHERE own.until IS NOT NULL AND h.obligation_id = o.obligation_id AND h.version < (
            SELECT min(p.version) FROM obligation_parts p WHERE p.obligation_id = o.obligation_id AND p.version > own.version
        )
    ) left_as ON own.until IS NOT NULL
    CROSS JOIN LATERAL (SELECT
        CASE WHEN own.until IS NULL THEN o.due ELSE left_as.due END AS due,
        CASE WHEN own.until IS NULL THEN o.counted_from ELSE left_as.counted_from END AS counted_from,
        CASE WHEN own.until IS NULL THEN o.standard ELSE left_as.standard END AS standard,
        CASE WHEN own.until IS NULL THEN o.standard_version ELSE left_as.standard_version END AS standard_version,
        CASE WHEN own.until IS NULL THEN o.missed_on ELSE left_as.missed_on END AS missed_on,
        CASE WHEN own.until IS NULL THEN o.escalated_to END AS escalated_to,
        CASE WHEN own.until IS NULL THEN o.state = 'missed'
            ELSE left_as.is_missed AND own.until > least(left_as.due, left_as.missed_on) END AS is_missed
    ) told
"""
"""A municipality's own part. What another one owes since is told as it was when it was handed over, and never as it is now."""


class Visible:
    """The obligations a caller may see, as a subquery ``o``; what is not in it does not exist for the caller."""

    def __init__(self, reader: Reader) -> None:
        caller = reader.caller
        self.own_part = caller.role == "municipality"
        if self.own_part:
            self.sql = f"""
                SELECT {_COLUMNS}, own.municipality,
                    CASE WHEN own.until IS NULL THEN o.state ELSE 'transferred' END AS state,
                    coalesce(own.until, o.closed_on) AS closed_on, o.late AND own.until IS NULL AS late,
                    told.due, told.counted_from, told.standard, told.standard_version, told.missed_on, told.escalated_to,
                    told.is_missed, a.granted, a.used, a."left"
                FROM obligations o {_OWN_PART} {_LEDGER}
                LEFT JOIN LATERAL (SELECT {_AMOUNTS}) a ON own.until IS NULL
                WHERE o.obligation_id IN (SELECT obligation_id FROM obligation_parts WHERE municipality = %s)
            """
            self.params: list[Any] = [caller.municipality, caller.municipality]
        else:
            self.sql = (
                f"SELECT {_COLUMNS}, o.municipality, o.state, o.closed_on, o.late, o.due, o.counted_from, o.standard, "
                f"o.standard_version, o.missed_on, o.escalated_to, o.state = 'missed' AS is_missed, {_AMOUNTS} "
                f"FROM obligations o {_LEDGER} WHERE true"
            )
            self.sql += " AND o.case_id IN (SELECT case_id FROM cases WHERE shelter_id = %s)"
            self.params = [caller.shelter]

    def where(self, **conditions: Any) -> "Visible":
        """Narrowed by conditions on columns of ``obligations`` that are set."""
        for column, value in conditions.items():
            if value is not None:
                table = _OWN_TABLES.get(column, "o") if self.own_part else "o"
                self.sql += f" AND {table}.{_CONDITIONS[column]}"
                self.params.append(value)
        return self


SHARES = """
    SELECT v.*, coalesce(p.municipality, v.municipality) AS share_of,
        v.is_missed AND (p.until IS NULL OR p.until > least(v.due, v.missed_on)) AS was_missed
    FROM ({}) v LEFT JOIN obligation_parts p USING (obligation_id)
"""
SHARES_OF_ITS_OWN = "SELECT v.*, v.municipality AS share_of, v.is_missed AS was_missed FROM ({}) v"
"""Each obligation for each municipality that owed it at some time, and whether it was missed then or since."""

_CONDITIONS = {
    "case_id": "case_id = %s",
    "obligation_id": "obligation_id = %s",
    "municipality": "municipality = %s",
    "rule": "rule = %s",
    "due_from": "due >= %s",
    "due_to": "due <= %s",
    "due_before": "due < %s",
}
_OWN_TABLES = {"municipality": "own", "due_from": "told", "due_to": "told", "due_before": "told"}


def as_told(reader: Reader, row: dict[str, Any]) -> dict[str, Any]:
    """An obligation as the caller is told of it."""
    if reader.caller.role != "municipality":
        return row
    ids = {name: reader.shown(row[name]) for name in ("obligation_id", "case_id", "person_id") if row[name] is not None}
    hidden = ["reference", "standard", "standard_version"]
    if row["document"] != THE_ACT:
        hidden += ["document", "section"]
    return row | ids | dict.fromkeys(hidden)


def may_see(reader: Reader, case: Mapping[str, Any], obligations: list[dict[str, Any]]) -> bool:
    """Whether the case exists for the caller, given what the caller may see of its obligations."""
    if reader.caller.role == "municipality":
        return bool(obligations)
    return bool(case["shelter_id"] == reader.caller.shelter)


def all_as_told(reader: Reader, listed: dict[str, Any]) -> dict[str, Any]:
    """One page of obligations as the caller is told of them."""
    return listed | {"items": [as_told(reader, row) for row in listed["items"]]}


def not_found(what: str) -> Refused:
    """The one answer for what does not exist and what the caller may not see."""
    return Refused("not-found", f"There is no such {what} here; check its id.", kind="absent")
