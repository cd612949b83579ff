"""What a municipality does under its own case reference, on a real PostgreSQL."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from havn_embedded.tokens import Issuer
from havn_events.municipal import own_id
from havn_events.orchestrator import ObligationMet, ObligationOpened, ObligationTransferred
from tests.component.notification.test_notification import ADMITTED_ON, GENTOFTE, ODENSE, House, events_of, house_of

DAY = timedelta(days=1)
MOVED_ON = ADMITTED_ON + 10 * DAY
WAIVED = {"decision": "waived", "ground": "no-income"}


@pytest.fixture
def house(database: str, issuer: Issuer, tmp_path: Path) -> Iterator[House]:
    yield from house_of(database, issuer, tmp_path)


def asked(house: House, rule: str = "action-plan") -> ObligationOpened:
    """A duty of Odense's in a stay that it is the home municipality of."""
    duty = house.opened(rule, "home-municipality", due=ADMITTED_ON + 90 * DAY)
    house.happens(house.fact("WomanAdmitted", municipality=ODENSE), duty)
    return duty


def moves_home(house: House, *duties: ObligationOpened) -> None:
    """She moves to Gentofte, which owes the rest."""
    transferred = [
        house.later(ObligationTransferred, duty, occurred_on=MOVED_ON, municipality=GENTOFTE, from_municipality=ODENSE)
        for duty in duties
    ]
    house.happens(house.fact("HomeMunicipalityChanged", occurred_on=MOVED_ON, municipality=GENTOFTE), *transferred)


def reference(house: House, code: str = ODENSE) -> UUID:
    """The case reference, taken from the feed."""
    return UUID(house.municipality("/feed", code).json()["items"][-1]["data"]["case_reference"])


def case(house: House, code: str = ODENSE) -> dict[str, Any]:
    answer = house.municipality(f"/cases/{reference(house, code)}", code)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def answers(
    house: House, duty: UUID, said: str = "action-plan-made", on: date = ADMITTED_ON, code: str = ODENSE, case: UUID | None = None
) -> Any:
    path = f"/cases/{case or reference(house, code)}/obligations/{duty}/answer"
    return house.post("municipality", path, {"occurred_on": on.isoformat(), "answer": said}, municipality=code)


def decides(house: House, on: date = ADMITTED_ON, code: str = ODENSE, case: UUID | None = None, **body: str) -> Any:
    path = f"/cases/{case or reference(house, code)}/payment"
    return house.post("municipality", path, {"occurred_on": on.isoformat(), **(body or WAIVED)}, municipality=code)


def rule_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rpartition("/")[2]


def test_a_case_tells_what_is_owed_under_ids_of_the_municipalitys_own(house: House) -> None:
    duty = asked(house)
    shown = case(house)
    assert shown == {
        "case_reference": str(reference(house)),
        "stay_id": str(own_id(ODENSE, house.stay_id)),
        "unconfirmed": [],
        "owed": [
            {
                "obligation_id": str(own_id(ODENSE, duty.obligation_id)),
                "rule": "action-plan",
                "due": str(duty.due),
                "told_on": str(ADMITTED_ON),
                "change": "opened",
                "answer": None,
                "answered_on": None,
                "recorded_at": None,
            }
        ],
        "payment": [],
    }


def test_a_notice_waits_in_its_case_until_it_is_confirmed(house: House) -> None:
    notice = house.opened("admission-notice")
    house.happens(notice)
    [waiting] = case(house)["unconfirmed"]
    assert waiting == str(own_id(ODENSE, notice.obligation_id))
    house.acknowledges(UUID(waiting))
    assert case(house)["unconfirmed"] == []


def test_an_answer_is_kept_with_its_day_and_the_instant_of_recording(house: House) -> None:
    duty, before = asked(house), house.context.clock.now()

    receipt = answers(house, duty.obligation_id, on=ADMITTED_ON + DAY)

    assert (receipt.status_code, receipt.json()["events"]) == (201, ["MunicipalityAnswered"])
    [owed] = case(house)["owed"]
    assert (owed["answer"], owed["answered_on"]) == ("action-plan-made", str(ADMITTED_ON + DAY))
    assert before <= datetime.fromisoformat(owed["recorded_at"]) <= house.context.clock.now()
    house.happens(house.later(ObligationMet, duty, late=False))
    assert case(house)["owed"][0]["change"] == "met"
    assert rule_of(answers(house, duty.obligation_id)) == (409, "nothing-left-to-answer")


def test_an_answer_that_cannot_be_names_its_rule_and_field(house: House) -> None:
    plan, advice = asked(house), asked(house, "initial-advice")
    assert rule_of(answers(house, advice.obligation_id)) == (409, "not-met-by-an-answer")
    assert rule_of(answers(house, plan.obligation_id, on=ADMITTED_ON - DAY)) == (409, "before-it-was-asked")
    other = answers(house, plan.obligation_id, "action-plan-reviewed")
    assert rule_of(other) == (422, "not-an-answer-to-this")
    assert other.json()["errors"][0]["field"] == "answer"
    assert rule_of(answers(house, plan.obligation_id, "yes"))[0] == 422


def test_a_foreign_case_is_answered_exactly_as_an_unknown_one(house: House) -> None:
    duty = asked(house)
    own, nobodys = reference(house), uuid4()
    acts: list[Callable[[UUID], Any]] = [
        lambda named: house.municipality(f"/cases/{named}", GENTOFTE),
        lambda named: answers(house, duty.obligation_id, code=GENTOFTE, case=named),
        lambda named: decides(house, code=GENTOFTE, case=named),
    ]
    for act in acts:
        foreign, unknown = act(own), act(nobodys)
        assert (foreign.status_code, foreign.text) == (unknown.status_code, unknown.text)
        assert rule_of(foreign) == (404, "case-not-found")
    # nor does the stay's own id open anything
    assert rule_of(house.municipality(f"/cases/{house.stay_id}")) == (404, "case-not-found")


def test_who_owes_it_now_answers_and_the_former_one_sees_only_its_own_part(house: House) -> None:
    duty = asked(house)
    moves_home(house, duty)
    odenses, gentoftes = reference(house), reference(house, GENTOFTE)
    assert odenses != gentoftes
    assert rule_of(answers(house, duty.obligation_id, on=MOVED_ON)) == (404, "obligation-not-found")
    assert rule_of(answers(house, duty.obligation_id, on=MOVED_ON - DAY, code=GENTOFTE)) == (409, "before-it-was-asked")
    assert answers(house, duty.obligation_id, on=MOVED_ON, code=GENTOFTE).status_code == 201
    [odense], [gentofte] = case(house)["owed"], case(house, GENTOFTE)["owed"]
    assert (odense["change"], odense["answer"]) == ("transferred-from", None)
    assert (gentofte["change"], gentofte["answer"], gentofte["told_on"]) == ("transferred-to", "action-plan-made", str(MOVED_ON))


def test_payment_is_decided_in_codes_and_shown_with_both_times(house: House) -> None:
    asked(house, "payment-decision")
    assert decides(house).json()["events"] == ["PaymentDecided"]
    assert decides(house, on=ADMITTED_ON + DAY, decision="full", ground="able-to-pay").status_code == 201
    shown = case(house)["payment"]
    assert [(each["decision"], each["ground"], each["decided_on"]) for each in shown] == [
        ("waived", "no-income", str(ADMITTED_ON)),
        ("full", "able-to-pay", str(ADMITTED_ON + DAY)),
    ]
    assert all(datetime.fromisoformat(each["recorded_at"]).tzinfo for each in shown)
    assert rule_of(decides(house, decision="full", ground="no-income")) == (422, "no-payment-without-income")
    amount = {"occurred_on": str(ADMITTED_ON), **WAIVED, "amount": 93}
    refused = house.post("municipality", f"/cases/{reference(house)}/payment", amount, municipality=ODENSE)
    assert (refused.status_code, "93" in refused.text) == (422, False)


@pytest.mark.parametrize(
    ("on", "odense", "gentofte"),
    [(MOVED_ON - DAY, 201, 409), (MOVED_ON, 409, 201), (MOVED_ON + DAY, 409, 201)],
)
def test_the_home_municipality_of_the_day_decides(house: House, on: date, odense: int, gentofte: int) -> None:
    moves_home(house, asked(house))
    assert decides(house, on).status_code == odense
    assert decides(house, on, GENTOFTE).status_code == gentofte


def test_nobody_decides_on_payment_for_an_annulled_stay(house: House) -> None:
    asked(house)
    house.happens(house.fact("StayAnnulled"))
    assert rule_of(decides(house)) == (409, "stay-retracted")


def test_the_same_key_answers_the_same_and_records_once(house: House) -> None:
    duty = asked(house)
    token = house.issuer.token("municipality", "odense", municipality=ODENSE)
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}
    path = f"/cases/{reference(house)}/obligations/{duty.obligation_id}/answer"
    body = {"occurred_on": str(ADMITTED_ON), "answer": "action-plan-made"}
    first, second = (house.client.post(path, json=body, headers=headers) for _ in range(2))
    assert (first.status_code, first.text) == (second.status_code, second.text)
    assert [event.type_name() for event in events_of(house)].count("MunicipalityAnswered") == 1


def test_no_answer_counts_what_another_municipality_did(house: House) -> None:
    # given a stay in which Odense decided twice before she moved
    moves_home(house, asked(house))
    for day in (ADMITTED_ON, ADMITTED_ON + DAY):
        assert decides(house, day).status_code == 201
    # when Gentofte decides for the first time
    first = decides(house, MOVED_ON, GENTOFTE)
    # then neither its answer nor its tag is a number that the two before are counted in
    assert first.json() == {"events": ["PaymentDecided"]}
    assert UUID(first.headers["ETag"].strip('"'))


def test_a_former_municipalitys_tag_does_not_tell_that_something_happens_since(house: House) -> None:
    # given a notice that Odense confirmed and a decision that it made, before her home moved
    notice = house.opened("admission-notice")
    house.happens(notice)
    duty = asked(house)
    moves_home(house, duty)
    before = house.acknowledges(notice.obligation_id).headers["ETag"]
    decided = decides(house).headers["ETag"]
    # when Gentofte is told and asked, answers and decides
    discharge = house.opened("discharge-notice", municipality=GENTOFTE)
    house.happens(discharge)
    assert house.acknowledges(discharge.obligation_id, GENTOFTE).status_code == 201
    assert answers(house, duty.obligation_id, on=MOVED_ON, code=GENTOFTE).status_code == 201
    assert decides(house, MOVED_ON, GENTOFTE).status_code == 201
    # then Odense, confirming again or deciding anew, finds all as it left it
    assert house.acknowledges(notice.obligation_id).headers["ETag"] == before
    token = house.issuer.token("municipality", "odense", municipality=ODENSE)
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4()), "If-Match": decided}
    body = {"occurred_on": str(ADMITTED_ON + DAY), **WAIVED}
    assert house.client.post(f"/cases/{reference(house)}/payment", json=body, headers=headers).status_code == 201


def test_a_municipalitys_tag_holds_for_if_match(house: House) -> None:
    asked(house)
    path = f"/cases/{reference(house)}/payment"

    def decided(if_match: str, days: int) -> Any:
        token = house.issuer.token("municipality", "odense", municipality=ODENSE)
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4()), "If-Match": if_match}
        return house.client.post(path, json={"occurred_on": str(ADMITTED_ON + days * DAY), **WAIVED}, headers=headers)

    tag = decides(house).headers["ETag"]
    # when it goes on from the tag that it was given
    newer = decided(tag, 1)
    # then it may, and no more from an older one, or from a number
    assert newer.status_code == 201
    assert [decided(stale, 2).status_code for stale in (tag, '"2"', '"3"')] == [412, 412, 412]
    assert decided(newer.headers["ETag"], 2).status_code == 201
