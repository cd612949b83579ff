"""What is owed to a woman who only asked: shown, reminded of, explained, and told to nobody else."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from havn_events import intake
from havn_events.event import Event
from tests.component.orchestrator.running import ADMITTED, ODENSE, OTHER_SHELTER, SHELTER, Running


def interviewed(inquiry: UUID, on: date = ADMITTED, standard: str = "hellerup") -> list[Event]:
    return [
        intake.InquiryReceived(
            occurred_on=on, inquiry_id=inquiry, shelter_id=SHELTER, referred_by="self", home_municipality=ODENSE
        ),
        intake.InterviewHeld(occurred_on=on, inquiry_id=inquiry, shelter_id=SHELTER, standard=standard),
    ]


def decided(inquiry: UUID, on: date) -> intake.InquiryAssessed:
    return intake.InquiryAssessed(occurred_on=on, inquiry_id=inquiry, outcome="not-in-target-group", interview_on=ADMITTED)


def test_the_decision_on_an_inquiry_is_owed_reminded_of_missed_escalated_explained_and_met_late(running: Running) -> None:
    inquiry = uuid4()
    running.apply(*interviewed(inquiry))
    next_day = ADMITTED + timedelta(days=1)

    case = running.get(f"/cases/{inquiry}")
    [owed] = case["obligations"]
    assert (case["standard"], case["ledger"], owed["rule"], owed["state"]) == ("hellerup", [], "admission-decision", "open")
    assert (owed["due"], owed["person_id"], owed["municipality"], owed["reference"]) == (ADMITTED.isoformat(), None, None, None)
    assert [item["reminded_on"] for item in running.get("/reminders")["items"]] == [ADMITTED.isoformat()]
    assert [item["rule"] for item in running.get("/obligations/due-soon?days=0")["items"]] == ["admission-decision"]

    assert running.turn(next_day) == 1
    [escalated] = running.get("/escalations", "leader")["items"]
    assert (escalated["rule"], escalated["days_overdue"], escalated["person_id"]) == ("admission-decision", 1, None)
    assert running.get("/reminders")["items"] == []

    running.apply(decided(inquiry, next_day))
    assert running.states(inquiry) == {"admission-decision": "met-late"}
    assert running.get("/escalations", "leader")["items"] == []
    explained = running.get(f"/obligations/{owed['obligation_id']}/why")
    assert "met late by: inquiry assessed" in explained["explanation_en"]
    assert "for sent ved: henvendelse vurderet" in explained["explanation_da"]
    assert running.get(f"/obligations/{owed['obligation_id']}")["parts"] == []
    [line] = running.get("/summary")
    assert (line["municipality"], line["rule"], line["owed"], line["met_late"]) == (None, "admission-decision", 1, 1)
    assert running.get("/not-offered")["counts"] == []
    told = [item["fact"] for item in running.get(f"/cases/{inquiry}/history")["items"] if item["type"] == "FactNoted"]
    assert told == ["InterviewHeld", "InquiryAssessed"]


def test_no_municipality_and_no_other_shelter_learns_that_she_asked(running: Running) -> None:
    inquiry = uuid4()
    running.apply(*interviewed(inquiry))
    [owed] = running.get(f"/cases/{inquiry}")["obligations"]

    for code in (ODENSE, "0157"):
        for path in (f"/cases/{inquiry}", f"/obligations/{owed['obligation_id']}", f"/obligations/{owed['obligation_id']}/why"):
            running.get(path, "municipality", status=404, municipality=code)
        assert running.get("/obligations", "municipality", municipality=code)["items"] == []
        assert running.get("/not-offered", "municipality", municipality=code)["counts"] == []
        assert running.get(f"/municipalities/{code}/summary", "municipality", municipality=code) == []
    running.get(f"/cases/{inquiry}", status=404, shelter=str(OTHER_SHELTER))
    assert running.get("/obligations", shelter=str(OTHER_SHELTER))["items"] == []


@pytest.mark.parametrize("standard", ["serviceloven", "odense", "kobenhavn", "lokk"])
def test_an_inquiry_to_a_shelter_that_promises_no_day_has_no_case_file(running: Running, standard: str) -> None:
    inquiry = uuid4()
    running.apply(*interviewed(inquiry, standard=standard), decided(inquiry, ADMITTED))
    running.apply(intake.InterviewCorrected(occurred_on=ADMITTED, inquiry_id=inquiry, interview_on=ADMITTED - timedelta(days=1)))

    assert running.states(inquiry) == {}
    running.get(f"/cases/{inquiry}", status=404)


def test_a_corrected_interview_moves_the_day_and_a_complaint_finds_the_case_file_open(running: Running) -> None:
    inquiry, next_day = uuid4(), ADMITTED + timedelta(days=1)
    running.apply(*interviewed(inquiry))
    running.turn(next_day)
    running.apply(intake.InterviewCorrected(occurred_on=next_day, inquiry_id=inquiry, interview_on=next_day))
    [owed] = running.get(f"/cases/{inquiry}")["obligations"]
    assert (owed["state"], owed["due"], owed["counted_from"]) == ("open", next_day.isoformat(), next_day.isoformat())

    running.apply(
        decided(inquiry, next_day),
        intake.StayRefused(occurred_on=next_day, inquiry_id=inquiry, reason="not-in-target-group"),
        intake.ComplaintFiled(
            occurred_on=next_day, complaint_id=uuid4(), concerns=inquiry, about="refusal", form="written", late=False,
            route="ankestyrelsen", shelter_id=SHELTER, standard="hellerup",
        ),
    )  # fmt: skip

    assert running.states(inquiry) == {"admission-decision": "met", "complaint-answer": "open"}
    types = [item["type"] for item in running.get(f"/cases/{inquiry}/history")["items"]]
    assert types.count("CaseOpened") == 1
