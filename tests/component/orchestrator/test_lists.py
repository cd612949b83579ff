"""What is open, due soon, reminded of, missed and not offered: lists, page by page, for who may see them."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from havn_events import coordinating_advice, intake, psychology
from tests.component.orchestrator.running import (
    AARHUS,
    ADMITTED,
    ODENSE,
    OTHER_SHELTER,
    Running,
    admitted,
    held,
    moved_home,
    notified,
)


def test_obligations_are_listed_by_state_municipality_rule_and_day_page_by_page(running: Running) -> None:
    running.apply(*(admitted(uuid4(), uuid4()) for _ in range(3)), admitted(uuid4(), uuid4(), home_municipality=AARHUS))
    first = running.get(f"/obligations?municipality={ODENSE}&rule=admission-notice&limit=2")
    rest = running.get(f"/obligations?municipality={ODENSE}&rule=admission-notice&limit=2&after={first['next']}")
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)
    assert len({o["obligation_id"] for o in first["items"] + rest["items"]}) == 3
    assert len(running.get("/obligations?due_before=2026-03-05")["items"]) == 0
    assert len(running.get("/obligations?due_before=2026-03-06")["items"]) == 4
    running.turn(date(2026, 3, 6))
    assert {o["rule"] for o in running.get("/obligations?state=missed")["items"]} == {"admission-notice"}
    with_and_without_due = running.get("/obligations?limit=5")
    assert running.get(f"/obligations?limit=5&after={with_and_without_due['next']}")["items"]
    assert running.get("/obligations?after=WyJub25zZW5zZSIsICJ4Il0=", status=422)["errors"][0]["field"] == "after"


@pytest.mark.parametrize(("days", "found"), [(2, 0), (3, 1)])
def test_what_is_due_soon(running: Running, days: int, found: int) -> None:
    running.apply(admitted(uuid4(), uuid4()))
    assert len(running.get(f"/obligations/due-soon?days={days}")["items"]) == found


def test_the_summary_counts_each_obligation_once_for_who_owes_it_and_once_for_who_handed_it_over(running: Running) -> None:
    stays = [(uuid4(), uuid4()) for _ in range(3)]
    running.set_day(date(2026, 3, 31))
    running.apply(*(admitted(*stay) for stay in stays), held(*stays[0], date(2026, 3, 9), 600), moved_home(stays[1][0], ADMITTED))
    lines = {(line["municipality"], line["rule"]): line for line in running.get("/summary")}
    odense, aarhus = lines[ODENSE, "psychology-woman"], lines[AARHUS, "psychology-woman"]
    assert (odense["owed"], odense["met"], odense["open"], odense["transferred"]) == (3, 1, 1, 1)
    assert (aarhus["owed"], aarhus["open"]) == (1, 1)
    notice = lines[ODENSE, "admission-notice"]
    assert (notice["owed"], notice["missed"], notice["transferred"]) == (3, 3, 0)
    own = running.get(f"/municipalities/{ODENSE}/summary", "municipality", municipality=ODENSE)
    assert {line["municipality"] for line in own} == {ODENSE}
    running.get(f"/municipalities/{ODENSE}/summary", "municipality", status=404, municipality=AARHUS)


def test_the_shelter_sees_what_it_is_reminded_of_until_it_is_done(running: Running) -> None:
    stay = uuid4()
    running.apply(admitted(stay, uuid4()))
    assert running.turn(date(2026, 3, 3)) == 1
    (reminder,) = running.get("/reminders")["items"]
    assert (reminder["rule"], reminder["due"], reminder["reminded_on"]) == ("admission-notice", "2026-03-05", "2026-03-03")
    assert reminder["working_days"] == 2
    assert running.turn(date(2026, 3, 4)) == 0
    assert len(running.get("/reminders", "leader")["items"]) == 1
    assert running.get("/reminders", shelter=str(OTHER_SHELTER))["items"] == []
    running.get("/reminders", "municipality", municipality=ODENSE, status=403)
    running.apply(notified(stay, date(2026, 3, 4)))
    assert running.get("/reminders")["items"] == []


def test_what_a_municipality_owes_is_on_its_feed_and_not_among_the_shelters_reminders(running: Running) -> None:
    stay = uuid4()
    running.set_day(date(2026, 4, 1))
    running.apply(
        admitted(stay, uuid4()),
        intake.WomanMovedOut(occurred_on=date(2026, 4, 1), stay_id=stay, destination="new-home", planned=True, stay_days=30),
    )
    running.turn(date(2026, 4, 14))
    rules = running.context.rows("SELECT rule FROM reminders JOIN obligations USING (obligation_id)")
    assert sorted(row["rule"] for row in rules) == ["advice-offer", "psychology-woman-offer", "psychology-woman-start"]
    assert running.get("/reminders")["items"] == []


def test_the_reminders_are_read_page_by_page(running: Running) -> None:
    running.apply(*(admitted(uuid4(), uuid4()) for _ in range(3)))
    running.turn(date(2026, 3, 3))
    first = running.get("/reminders?limit=2")
    rest = running.get(f"/reminders?limit=2&after={first['next']}")
    assert len({item["obligation_id"] for item in first["items"] + rest["items"]}) == 3
    assert rest["next"] is None


def test_the_leader_sees_what_the_shelter_missed_and_for_how_long(running: Running) -> None:
    stays = [uuid4() for _ in range(3)]
    running.apply(*(admitted(stay, uuid4()) for stay in stays))
    running.turn(date(2026, 3, 9))
    first = running.get("/escalations?limit=2", "leader")
    rest = running.get(f"/escalations?after={first['next']}", "leader")
    items = first["items"] + rest["items"]
    assert {item["case_id"] for item in items} == {str(stay) for stay in stays}
    assert {(item["rule"], item["missed_on"], item["days_overdue"], item["escalated_to"]) for item in items} == {
        ("admission-notice", "2026-03-06", 4, "leader")
    }
    running.apply(notified(stays[0], date(2026, 3, 9)))
    assert len(running.get("/escalations", "leader")["items"]) == 2
    assert running.get("/escalations", "leader", shelter=str(OTHER_SHELTER))["items"] == []
    running.get("/escalations", "shelter", status=403)


def test_what_was_not_offered_at_all_is_counted_by_municipality_and_rule(running: Running) -> None:
    offered, not_offered, elsewhere = uuid4(), uuid4(), uuid4()
    woman = uuid4()
    running.set_day(date(2026, 5, 1))
    running.apply(admitted(offered, woman), admitted(not_offered, uuid4()), admitted(elsewhere, uuid4(), home_municipality=AARHUS))
    for stay in (offered, not_offered, elsewhere):
        running.apply(
            notified(stay, ADMITTED),
            intake.WomanMovedOut(occurred_on=date(2026, 4, 1), stay_id=stay, destination="new-home", planned=True, stay_days=30),
        )
    running.apply(psychology.TreatmentOffered(occurred_on=date(2026, 4, 20), stay_id=offered, person_id=woman))
    running.apply(coordinating_advice.AdviceOffered(occurred_on=date(2026, 4, 20), stay_id=offered))
    answer = running.get("/not-offered")
    counts = {(line["municipality"], line["rule"]): (line["owed"], line["not_offered"]) for line in answer["counts"]}
    assert counts == {
        (ODENSE, "advice-offer"): (2, 1),
        (ODENSE, "initial-advice"): (2, 2),
        (ODENSE, "psychology-woman-offer"): (2, 1),
        (AARHUS, "advice-offer"): (1, 1),
        (AARHUS, "initial-advice"): (1, 1),
        (AARHUS, "psychology-woman-offer"): (1, 1),
    }
    assert len(answer["items"]) == 7
    first = running.get("/not-offered?limit=4")
    rest = running.get(f"/not-offered?limit=4&after={first['next']}")
    assert first["items"] + rest["items"] == answer["items"]
    assert len(running.get(f"/not-offered?municipality={AARHUS}")["items"]) == 3
    own = running.get("/not-offered", "municipality", municipality=AARHUS)
    assert {line["municipality"] for line in own["counts"]} == {AARHUS}
    assert len(own["items"]) == 3
    assert running.get("/not-offered", shelter=str(OTHER_SHELTER)) == {"counts": [], "items": [], "next": None}


def test_what_a_municipality_did_not_offer_stays_its_own_when_her_home_moves(running: Running) -> None:
    # given stays that end without an offer, whose homes move the day before it was due, on that day, the day after and a week later
    left, due = date(2026, 4, 1), date(2026, 4, 15)
    moves = [due + timedelta(days=days) for days in (-1, 0, 1, 7)]
    stays = {uuid4(): on for on in moves}
    running.set_day(date(2026, 5, 1))
    for stay, on in stays.items():
        out = intake.WomanMovedOut(occurred_on=left, stay_id=stay, destination="new-home", planned=True, stay_days=30)
        running.apply(admitted(stay, uuid4()), out, moved_home(stay, on))

    # then each counts for whoever owed it when it was lost, and for whoever has owed it since
    answer = running.get("/not-offered")
    assert {(line["municipality"], line["rule"], line["owed"], line["not_offered"]) for line in answer["counts"]} == {
        (ODENSE, "advice-offer", 4, 2),
        (ODENSE, "psychology-woman-offer", 4, 2),
        (AARHUS, "advice-offer", 4, 4),
        (AARHUS, "psychology-woman-offer", 4, 4),
    }
    assert len(answer["items"]) == 8
    of_odense = {str(stay) for stay, on in stays.items() if on > due}
    assert {item["case_id"] for item in running.get(f"/not-offered?municipality={ODENSE}")["items"]} == of_odense

    # and it is told so itself, of its own time alone
    told = running.get("/not-offered", "municipality", municipality=ODENSE)
    assert [(line["owed"], line["not_offered"]) for line in told["counts"]] == [(4, 2)] * 2
    assert [(item["state"], item["missed_on"]) for item in told["items"]] == [("transferred", "2026-04-16")] * 4

    # when the new one offers both to one of them
    late = next(stay for stay, on in stays.items() if on == moves[-1])
    woman = running.get(f"/cases/{late}")["obligations"][0]["person_id"]
    running.apply(psychology.TreatmentOffered(occurred_on=date(2026, 4, 20), stay_id=late, person_id=woman))
    running.apply(coordinating_advice.AdviceOffered(occurred_on=date(2026, 4, 20), stay_id=late))

    # then they were offered, and the former one is told nothing of that
    assert [line["not_offered"] for line in running.get("/not-offered")["counts"]] == [1, 1, 3, 3]
    assert running.get("/not-offered", "municipality", municipality=ODENSE) == told
