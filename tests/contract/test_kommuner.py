"""The municipalities' guide says what the code does: its routes, its rules, its codes, and the check of a signature."""

import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args
from uuid import UUID

from tests.component.test_who_may import tables

from havn_events.codes import ObligationChange
from havn_events.municipal import MUNICIPAL_TYPES
from havn_standards import Rulebook
from notification.endpoint import signed

GUIDE = (Path(__file__).parents[2] / "docs" / "kommuner.md").read_text(encoding="utf-8")
SECRET = "whsec_" + "QUJD" * 8


def test_the_shown_check_knows_what_havn_signed_from_what_it_did_not() -> None:
    shown: dict[str, Any] = {}
    exec(GUIDE.partition("```python\n")[2].partition("```")[0], shown)
    check, now = shown["is_from_havn"], datetime.now(UTC)
    headers = signed(SECRET, UUID(int=1), now, b"{}")

    assert check(headers, b"{}", SECRET)
    assert not check(headers, b"{ }", SECRET)
    assert not check(headers, b"{}", SECRET[:-4] + "QUJE")
    assert not check(headers | {"webhook-timestamp": str(int(time.time()) + 1)}, b"{}", SECRET)
    assert not check(signed(SECRET, UUID(int=1), now - timedelta(minutes=6), b"{}"), b"{}", SECRET)


def test_every_rule_that_a_municipality_owes_is_in_the_table() -> None:
    rules = {rule.id for standard in Rulebook.load().standards for rule in standard.rules if "municipality" in rule.owed_by}
    rows = [line.split("|")[1] for line in GUIDE.splitlines() if line.startswith("| `") and "|" in line]
    assert {rule for row in rows for rule in re.findall(r"`([a-z-]+)`", row)} >= rules


def test_every_change_and_every_message_is_explained() -> None:
    assert [change for change in get_args(ObligationChange) if f"`{change}`" not in GUIDE] == []
    assert [cls.__name__ for cls in MUNICIPAL_TYPES if f"`dk.havn.municipal.{cls.__name__}.v1`" not in GUIDE] == []


def test_every_route_that_is_named_is_one_that_a_municipality_may_call() -> None:
    may = {row.path for rows in tables().values() for row in rows if row.cells["municipality"] in ("own", "yes")}
    named = [path.partition("?")[0] for path in re.findall(r"`(?:GET |POST |PUT )?((?:/|…)[^`]*)`", GUIDE)]
    named = [path for path in named if path not in ("/openapi.json", "…/treatment", "…/advice")]
    assert len(named) > 15
    assert [path for path in named if not any(each.endswith(path.removeprefix("…")) for each in may)] == []
