"""What a municipality sees: its own part, no other's, and nothing of the shelter."""

import base64
import re
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from havn_events import intake
from havn_standards import Standard
from orchestrator.main import compose
from tests.component.orchestrator.running import (
    AARHUS,
    ADMITTED,
    ODENSE,
    SHELTER,
    Running,
    admitted,
    held,
    moved_home,
    notified,
    rules_of,
    told,
)


def test_each_municipality_sees_its_own_part(running: Running) -> None:
    stay, woman = uuid4(), uuid4()
    running.set_day(date(2026, 3, 31))
    running.apply(
        admitted(stay, woman, standard="odense"),
        held(stay, woman, date(2026, 3, 10), 120),
        moved_home(stay, date(2026, 3, 15)),
        held(stay, woman, date(2026, 3, 20), 60),
    )
    treatment = next(o for o in running.get(f"/cases/{stay}")["obligations"] if o["rule"] == "psychology-woman")
    path = f"/obligations/{treatment['obligation_id']}"
    before = running.get(path, "municipality", municipality=ODENSE)
    after = running.get(path, "municipality", municipality=AARHUS)
    assert (before["state"], before["used"], before["municipality"]) == ("transferred", None, ODENSE)
    assert [(p["municipality"], p["used"]) for p in before["parts"]] == [(ODENSE, 120)]
    assert (after["state"], after["used"], after["left"]) == ("open", 180, 420)
    assert [(p["municipality"], p["used"]) for p in after["parts"]] == [(AARHUS, 60)]
    running.get(path, "municipality", status=404, municipality="0101")
    for own in (ODENSE, AARHUS):
        steps = running.get(f"{path}/why", "municipality", municipality=own)["steps"]
        assert {step["municipality"] for step in steps} == {own, None}
    listed = f"/obligations?rule=psychology-woman&municipality={AARHUS}"
    assert running.get(listed, "municipality", municipality=ODENSE)["items"] == []
    assert len(running.get(listed, "municipality", municipality=AARHUS)["items"]) == 1
    rules = {o["rule"] for o in running.get(f"/cases/{stay}", "municipality", municipality=ODENSE)["obligations"]}
    assert "psychology-woman" in rules
    assert "risk-assessment" not in rules
    running.get(f"/cases/{stay}", "municipality", status=404, municipality="0101")
    running.get(f"/cases/{stay}/history", "municipality", status=403, municipality=ODENSE)


def test_who_handed_it_over_learns_nothing_of_what_happens_since(running: Running) -> None:
    # given that her home has moved, and what she is owed with it
    stay, woman = uuid4(), uuid4()
    running.set_day(date(2026, 3, 31))
    running.apply(admitted(stay, woman, standard="odense"), moved_home(stay, date(2026, 3, 15)))
    before = told(running, ODENSE)
    # when she moves out, which sets and moves last days, and what is owed is missed
    running.apply(
        intake.WomanMovedOut(occurred_on=date(2026, 3, 15), stay_id=stay, destination="new-home", planned=True, stay_days=13)
    )
    running.turn(date(2026, 5, 1))
    after = told(running, AARHUS)
    # then the one that owes it now is told of the last days, and the one before of nothing new
    due = {each["rule"]: each["due"] for each in after["/obligations"]["items"]}
    assert due["psychology-woman-offer"] == "2026-03-29"
    assert "missed" in {each["state"] for each in after["/obligations"]["items"]}
    assert told(running, ODENSE) == before


@pytest.mark.parametrize(
    ("named", "rule", "due"), [(True, "admission-notice", "2026-03-05"), (False, "admission-notice-anonymous", "2026-03-16")]
)
def test_anonymous_is_what_she_is_to_her_home_municipality(running: Running, named: bool, rule: str, due: str) -> None:
    stay, woman = uuid4(), uuid4()
    running.apply(admitted(stay, woman, standard="lokk", anonymous=True, named_to_home_municipality=named))

    notices = {r: o["due"] for r, o in rules_of(running, stay).items() if r.startswith("admission-notice")}
    assert notices == {rule: due}


STANDARDS = [standard for standard in compose({}).settings["rulebook"].standards if standard.id != "serviceloven"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("standard", STANDARDS, ids=lambda standard: f"{standard.id}-{standard.version}")
def test_a_municipality_learns_neither_the_shelter_nor_its_standard(running: Running, standard: Standard) -> None:
    # given a stay at a shelter with a standard of its own, and everything that a municipality may be told of
    stay, woman, child = uuid4(), uuid4(), uuid4()
    running.set_day(date(2026, 3, 10))
    running.apply(
        admitted(stay, woman, standard=standard.id, home_municipality=AARHUS),
        intake.ChildArrived(occurred_on=ADMITTED, stay_id=stay, person_id=child, birth_month="2020-01", arrival="with-her"),
        intake.ActionPlanRequested(occurred_on=ADMITTED, stay_id=stay),
        notified(stay, ADMITTED),
        intake.MoveOutPlanned(occurred_on=date(2026, 3, 9), stay_id=stay, planned_for=date(2026, 3, 20)),
    )
    # when it asks all it can
    listed = running.get("/obligations", "municipality", municipality=AARHUS)["items"]
    assert len(listed) > 6
    answers: list[Any] = [listed, running.get(f"/cases/{listed[0]['case_id']}", "municipality", municipality=AARHUS)]
    for path in [f"/obligations/{each['obligation_id']}{tail}" for each in listed for tail in ("", "/why")]:
        answers.append(running.get(path, "municipality", municipality=AARHUS))
    # then nothing names either, and the shelter's own staff, asking the same, is told
    named = {
        str(SHELTER),
        str(stay),
        str(woman),
        str(child),
        *("odense", "hellerup", "københavn", "kobenhavn", "copenhagen", "lokk"),
    }
    named |= {standard.title.lower(), standard.document.lower()}
    told = str(answers).lower()
    assert [name for name in named if name in told] == []
    assert standard.id in str(running.get(f"/cases/{stay}"))


def test_two_municipalities_share_no_id_and_each_asks_with_its_own(running: Running) -> None:
    # given that one owed her treatment, and another one owes the rest
    stay, woman = uuid4(), uuid4()
    running.set_day(date(2026, 3, 20))
    running.apply(admitted(stay, woman), notified(stay, ADMITTED), held(stay, woman, date(2026, 3, 9), 60))
    running.apply(moved_home(stay, date(2026, 3, 15)))
    # when both ask all they can, page by page
    told: dict[str, set[str]] = {}
    for code in (ODENSE, AARHUS):
        answers, items, cursor = [], [], ""
        while cursor is not None:
            page = running.get(f"/obligations?limit=1{cursor and '&after=' + cursor}", "municipality", municipality=code)
            items += page["items"]
            cursor = page["next"]
            answers.append(base64.urlsafe_b64decode(cursor or "").decode())
        assert len({each["obligation_id"] for each in items}) == len(items) > 1
        for each in items:
            for path in (f"/obligations/{each['obligation_id']}", f"/obligations/{each['obligation_id']}/why"):
                answers.append(str(running.get(path, "municipality", municipality=code)))
                running.get(path, "municipality", status=404, municipality=ODENSE if code == AARHUS else AARHUS)
        answers.append(str(running.get(f"/cases/{items[0]['case_id']}", "municipality", municipality=code)))
        told[code] = set(re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", str(answers) + str(items)))
    # then they cannot find out by an id that it is the same woman
    assert min(len(ids) for ids in told.values()) > 3
    assert told[ODENSE] & told[AARHUS] == set()
    assert {str(stay), str(woman)} & (told[ODENSE] | told[AARHUS]) == set()
