"""Straight from shelter to shelter: what municipalities owe goes on in the next stay, and comes back from one that is annulled."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from havn_events import intake
from tests.component.orchestrator.running import OTHER_SHELTER, SHELTER, Running, admitted, held, moved_in, rules_of


def test_a_direct_transfer_goes_on_with_what_municipalities_owe_and_a_later_stay_begins_anew(running: Running) -> None:
    woman, first, second, third, later = (uuid4() for _ in range(5))
    running.set_day(date(2026, 4, 1))
    running.apply(admitted(first, woman), held(first, woman, date(2026, 3, 4), 60))
    onward = {"shelter_id": OTHER_SHELTER, "occurred_on": date(2026, 3, 9)}
    running.apply(admitted(second, woman, transferred_from=first, **onward))
    running.apply(held(second, woman, date(2026, 3, 10), 45))
    running.apply(admitted(third, woman, transferred_from=second, occurred_on=date(2026, 3, 16)))
    running.apply(held(first, woman, date(2026, 3, 5), 30))
    running.apply(admitted(later, woman, occurred_on=date(2026, 4, 1)))

    used = {stay: rules_of(running, stay)["psychology-woman"]["used"] for stay in (first, third, later)}
    assert used == {first: 90, third: 135, later: 0}
    treatment = rules_of(running, second, OTHER_SHELTER)["psychology-woman"]
    assert (treatment["state"], treatment["used"], treatment["left"]) == ("cancelled", 135, 465)
    assert rules_of(running, third)["psychology-woman"]["state"] == "open"
    assert rules_of(running, first)["admission-notice"]["state"] == "missed"
    left = rules_of(running, first)["psychology-woman"]
    said = running.get(f"/obligations/{left['obligation_id']}/why")["explanation_en"]
    assert "Monday 9 March 2026: owed no more by: the stay went on at another shelter. (recorded" in said


def test_when_the_next_stay_is_annulled_the_one_before_owes_again(running: Running) -> None:
    woman, first, second = (uuid4() for _ in range(3))
    running.set_day(date(2026, 4, 1))
    running.apply(admitted(first, woman))
    running.apply(admitted(second, woman, transferred_from=first, shelter_id=OTHER_SHELTER, occurred_on=date(2026, 3, 9)))
    running.apply(held(first, woman, date(2026, 3, 5), 30))
    assert rules_of(running, first)["psychology-woman"]["state"] == "cancelled"

    running.apply(intake.StayAnnulled(stay_id=second, occurred_on=date(2026, 3, 10), reason="registered-by-mistake"))

    owed = rules_of(running, first)["psychology-woman"]
    assert (owed["state"], owed["used"], owed["left"]) == ("open", 30, 570)
    said = running.get(f"/obligations/{owed['obligation_id']}/why")["explanation_en"]
    assert "Tuesday 10 March 2026: open again by: the stay at the other shelter was annulled. (recorded" in said


def treatment_of(running: Running, stay: UUID, child: UUID, shelter: UUID = SHELTER) -> dict[str, Any]:
    owed = running.get(f"/cases/{stay}", shelter=str(shelter))["obligations"]
    return next(o for o in owed if (o["rule"], o["person_id"]) == ("psychology-child", str(child)))


def why_of(running: Running, treatment: dict[str, Any]) -> str:
    said: str = running.get(f"/obligations/{treatment['obligation_id']}/why")["explanation_en"]
    return said


def test_a_child_that_stays_behind_is_owed_its_treatment_until_it_arrives_at_one_of_the_next_shelters(running: Running) -> None:
    # given a woman with two children, one of whom stays with family while she goes on to two more shelters
    woman, along, behind, first, second, third = (uuid4() for _ in range(6))
    running.set_day(date(2026, 4, 1))
    running.apply(admitted(first, woman), moved_in(first, along), moved_in(first, behind))
    running.apply(intake.ChildMovedOut(stay_id=first, occurred_on=date(2026, 3, 5), person_id=behind, destination="family"))
    onward = {"shelter_id": OTHER_SHELTER, "occurred_on": date(2026, 3, 9)}
    running.apply(admitted(second, woman, transferred_from=first, **onward), moved_in(second, along, date(2026, 3, 9)))
    running.apply(held(first, behind, date(2026, 3, 10), 60))
    running.apply(admitted(third, woman, transferred_from=second, occurred_on=date(2026, 3, 16)))

    assert treatment_of(running, first, along)["state"] == "cancelled"
    waiting = treatment_of(running, first, behind)
    assert (waiting["state"], waiting["used"]) == ("open", 60)

    # when it follows
    running.apply(moved_in(third, behind, date(2026, 3, 20)))

    # then what it used counts there, and it is owed no more here
    there = treatment_of(running, third, behind)
    assert (there["state"], there["used"]) == ("open", 60)
    assert treatment_of(running, first, behind)["state"] == "cancelled"
    assert "Friday 20 March 2026: owed no more by: the child came along to another shelter." in why_of(running, waiting)
    # and the other, of whom the third shelter told nothing, is owed it where it was last
    assert treatment_of(running, second, along, OTHER_SHELTER)["state"] == "open"


def test_a_child_of_the_stay_before_that_is_told_of_late_is_owed_there_only_what_it_is_not_owed_here(running: Running) -> None:
    woman, child, first, second = (uuid4() for _ in range(4))
    running.set_day(date(2026, 4, 1))
    running.apply(admitted(first, woman), admitted(second, woman, transferred_from=first, shelter_id=OTHER_SHELTER))
    running.apply(moved_in(second, child), moved_in(first, child))

    assert treatment_of(running, first, child)["state"] == "cancelled"
    assert treatment_of(running, second, child, OTHER_SHELTER)["state"] == "open"


def test_where_the_stay_a_child_had_followed_to_is_annulled_it_is_owed_here_again_and_says_so_once(running: Running) -> None:
    woman, child, sibling, first, second = (uuid4() for _ in range(5))
    running.set_day(date(2026, 4, 1))
    running.apply(admitted(first, woman), moved_in(first, child), moved_in(first, sibling))
    running.apply(admitted(second, woman, transferred_from=first, shelter_id=OTHER_SHELTER))
    running.apply(moved_in(second, child), moved_in(second, sibling))

    running.apply(intake.StayAnnulled(stay_id=second, occurred_on=date(2026, 3, 10), reason="registered-by-mistake"))

    treatment = treatment_of(running, first, child)
    assert (treatment["state"], treatment_of(running, first, sibling)["state"]) == ("open", "open")
    again = "Tuesday 10 March 2026: open again by: the stay at the other shelter was annulled."
    assert why_of(running, treatment).count(again) == 1


def test_a_transfer_from_another_womans_stay_or_an_unknown_one_carries_nothing_over(running: Running) -> None:
    woman, stay, mistaken, unknown = (uuid4() for _ in range(4))
    running.set_day(date(2026, 3, 9))
    running.apply(admitted(stay, woman), held(stay, woman, date(2026, 3, 4), 60))
    running.apply(admitted(mistaken, uuid4(), transferred_from=stay), admitted(unknown, woman, transferred_from=uuid4()))

    assert rules_of(running, stay)["psychology-woman"]["state"] == "open"
    assert [rules_of(running, s)["psychology-woman"]["used"] for s in (mistaken, unknown)] == [0, 0]


def test_two_stays_that_name_each_other_count_what_is_reported_once(running: Running) -> None:
    woman, first, second = (uuid4() for _ in range(3))
    running.set_day(date(2026, 3, 9))
    running.apply(admitted(first, woman, transferred_from=second), admitted(second, woman, transferred_from=first))
    running.apply(admitted(first, woman, transferred_from=second))
    running.apply(held(second, woman, date(2026, 3, 4), 60), held(first, woman, date(2026, 3, 4), 30))

    assert {rules_of(running, stay)["psychology-woman"]["used"] for stay in (first, second)} == {90}
