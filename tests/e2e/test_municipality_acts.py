"""Two municipalities act with nothing but feed and plain HTTP: they read, look up by case reference, act, and see the effect."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from havn_chassis.clock import business_day
from tests.e2e.conftest import House
from tests.processes import eventually

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("house")]

AALBORG, RANDERS = "0851", "0730"
"""No other test of the house tells these two anything."""
UUIDS = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"


@dataclass
class Municipality:
    """A municipality's own system: a token, a cursor, and what it was ever told."""

    house: House
    code: str
    cursor: str = ""
    messages: list[dict[str, Any]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def ask(self, method: str, service: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        answer = self.house.call(method, service, path, body, role="municipality", municipality=self.code)
        self.told.append(answer.text)
        return answer

    def get(self, service: str, path: str) -> Any:
        answer = self.ask("GET", service, path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, service: str, path: str, **body: Any) -> None:
        """Known on its feed a moment before it is known everywhere, a stay may have to be asked for again."""
        answers: list[httpx.Response] = []

        def accepted() -> bool:
            answers.append(self.ask("POST", service, path, body))
            return answers[-1].status_code != 404

        eventually(accepted, what=path)
        assert answers[-1].status_code == 201, answers[-1].text

    def reads(self, **wanted: Any) -> dict[str, Any]:
        """The first message of the feed with these values, waited for."""
        for _ in range(60):
            for message in self.messages:
                if wanted.items() <= message.items():
                    return message
            page = self.get("notification", f"/feed?wait=1{self.cursor and '&after=' + self.cursor}")
            self.cursor = page["next"]
            self.messages += [item["data"] for item in page["items"]]
        raise AssertionError(f"{wanted} is not on the feed of {self.code}")


def test_municipalities_act_by_their_own_case_references(house: House) -> None:
    today = business_day(datetime.now(UTC))

    def ago(days: int) -> str:
        return (today - timedelta(days)).isoformat()

    aalborg, randers = Municipality(house, AALBORG), Municipality(house, RANDERS)
    stay, woman = str(uuid4()), str(uuid4())

    # given a woman from Aalborg who wants an action plan and has applied for relief of her own payment
    admission = {"stay_id": stay, "person_id": woman, "occurred_on": ago(9), "home_municipality": AALBORG, "anonymous": False}
    house.post("intake", "/stays", admission)
    house.post("intake", f"/stays/{stay}/action-plan/request", {"occurred_on": ago(8)})
    house.post("intake", f"/stays/{stay}/payment-relief/request", {"occurred_on": ago(8)})

    # when Aalborg reads its feed, confirms the notice and looks the case up
    notice = aalborg.reads(kind="stay-notice", notice="admission")
    plan = aalborg.reads(rule="action-plan", change="opened")
    aalborg.reads(rule="payment-decision", change="opened")
    case = notice["case_reference"]
    assert plan["case_reference"] == case
    aalborg.post("notification", f"/notices/{notice['notice_id']}/acknowledgement")
    found = aalborg.get("notification", f"/cases/{case}")
    assert (found["unconfirmed"], found["payment"]) == ([], [])
    assert {"action-plan", "payment-decision", "psychology-woman"} <= {owed["rule"] for owed in found["owed"]}
    known_as = found["stay_id"]

    # and answers, decides, grants and names
    aalborg.post(
        "notification", f"/cases/{case}/obligations/{plan['obligation_id']}/answer", occurred_on=ago(7), answer="action-plan-made"
    )
    aalborg.post("notification", f"/cases/{case}/payment", occurred_on=ago(7), decision="waived", ground="no-income")
    [treatment] = [o for o in aalborg.get("orchestrator", f"/cases/{known_as}")["obligations"] if o["rule"] == "psychology-woman"]
    hours = f"/stays/{known_as}/people/{treatment['person_id']}/treatment/extra-hours"
    aalborg.post("psychology", hours, occurred_on=ago(7), minutes=120)
    aalborg.post("coordinating-advice", f"/stays/{known_as}/advice/adviser", occurred_on=ago(7), adviser_id=str(uuid4()))

    # and is asked whether the shelter's own psychologist may treat her, and agrees
    house.post("psychology", f"/stays/{stay}/agreement/request", {"occurred_on": ago(7)})
    aalborg.reads(rule="psychologist-agreement", change="opened", case_reference=case)
    aalborg.post("psychology", f"/stays/{known_as}/agreement/answer", occurred_on=ago(7), agreed=True)
    aalborg.reads(rule="psychologist-agreement", change="met", case_reference=case)
    own = {"occurred_on": ago(7), "psychologist_id": str(uuid4()), "employer": "shelter", "authorised": True}
    house.post("psychology", f"/stays/{stay}/people/{woman}/treatment/psychologist", own)

    # then it sees on its feed that all is met, and what it granted
    aalborg.reads(rule="action-plan", change="met", case_reference=case)
    aalborg.reads(rule="payment-decision", change="met", case_reference=case)
    eventually(
        lambda: aalborg.get("orchestrator", f"/obligations/{treatment['obligation_id']}")["granted"] == 120, 20, "the grant"
    )
    shown = aalborg.get("notification", f"/cases/{case}")
    assert [each["decision"] for each in shown["payment"]] == ["waived"]

    # when she moves her home to Randers, which takes over and extends her rights with its own reference
    house.post("intake", f"/stays/{stay}/home-municipality", {"occurred_on": ago(5), "home_municipality": RANDERS})
    aalborg.reads(rule="psychology-woman", change="transferred-from")
    moved = randers.reads(rule="psychology-woman", change="transferred-to")
    theirs = moved["case_reference"]
    assert theirs != case
    house.settle()
    to_them = randers.get("notification", f"/cases/{theirs}")["stay_id"]
    takeover = f"/stays/{to_them}/advice/takeover"
    randers.post("coordinating-advice", takeover, occurred_on=ago(4), adviser_id=str(uuid4()), by="meeting")
    randers.post("notification", f"/cases/{theirs}/payment", occurred_on=ago(4), decision="full", ground="able-to-pay")

    # then it is on record, and neither acts any more where the other does
    assert randers.get("coordinating-advice", f"/stays/{to_them}/advice")["taken_over_on"] == ago(4)
    too_late = {"occurred_on": ago(4), "decision": "waived", "ground": "no-income"}
    late = aalborg.ask("POST", "notification", f"/cases/{case}/payment", too_late)
    assert late.status_code == 409
    foreign = [("notification", theirs), ("notification", to_them), ("orchestrator", to_them), ("orchestrator", theirs)]
    assert {aalborg.ask("GET", service, f"/cases/{name}").status_code for service, name in foreign} == {404}
    house.settle()
    history = house.get("orchestrator", f"/cases/{stay}/history?limit=200")["items"]
    assert {"AdviceTakenOver", "AgreementAnswered", "MunicipalityAnswered", "PaymentDecided"} <= {each["fact"] for each in history}

    # and in all that either was told, there is no id of the stay or the woman, and no id that the other was told
    assert not any(ours in text for ours in (stay, woman) for text in (*aalborg.told, *randers.told))
    assert not {case, known_as} & set(re.findall(UUIDS, " ".join(randers.told)))
    assert not {theirs, to_them} & set(re.findall(UUIDS, " ".join(aalborg.told)))
