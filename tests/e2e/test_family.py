"""One family's whole way: admitted, told of, treated, moved to another municipality, advised, moved out; misses are named."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from havn_chassis.clock import business_day
from havn_events.municipal import own_id
from tests.e2e.conftest import House
from tests.processes import eventually

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("house")]


def test_a_familys_whole_way_through_six_services(house: House) -> None:
    today = business_day(datetime.now(UTC))

    def ago(days: int) -> str:
        return (today - timedelta(days)).isoformat()

    stay, woman, child = str(uuid4()), str(uuid4()), str(uuid4())
    treatment = f"/stays/{stay}/people/{woman}/treatment"

    # given a woman and her child, admitted forty days ago and registered only today
    house.post(
        "intake",
        "/stays",
        {"stay_id": stay, "person_id": woman, "occurred_on": ago(40), "home_municipality": "0461", "anonymous": False},
    )
    born = (today.replace(year=today.year - 6)).isoformat()[:7]
    arrival = {"child_id": child, "occurred_on": ago(40), "birth_month": born, "arrival": "with-her"}
    house.post("intake", f"/stays/{stay}/children", arrival)
    house.settle()

    # then the home municipality is told at once, but too late, and that is what the record says
    case = house.obligations(stay)
    assert case["admission-notice"]["state"] == "met-late"
    assert (case["contact-persons"]["state"], case[f"contact-persons-child:{child[:8]}"]["state"]) == ("missed", "missed")
    notices = house.get("notification", "/notices?state=unacknowledged", role="municipality", municipality="0461")["items"]
    told = str(own_id("0461", UUID(case["admission-notice"]["obligation_id"])))
    [notice] = [item for item in notices if item["notice_id"] == told]
    house.post("notification", f"/notices/{notice['notice_id']}/acknowledgement", {}, role="municipality", municipality="0461")

    # when treatment is offered, and two sessions are held, one of them recorded wrongly
    house.post("psychology", f"{treatment}/offer", {"occurred_on": ago(39)})
    psychologist = {
        "occurred_on": ago(38), "psychologist_id": str(uuid4()), "employer": "independent", "authorised": True,
    }  # fmt: skip
    house.post("psychology", f"{treatment}/psychologist", psychologist)
    first = str(uuid4())
    house.post("psychology", f"{treatment}/sessions", {"occurred_on": ago(30), "session_id": first, "minutes": 90})
    house.post("psychology", f"{treatment}/sessions", {"occurred_on": ago(25), "session_id": str(uuid4()), "minutes": 60})
    house.post("psychology", f"{treatment}/sessions/{first}/correction", {"occurred_on": ago(24), "minutes": 60})

    # and she moves her home to another municipality in the middle of it
    house.post("intake", f"/stays/{stay}/home-municipality", {"occurred_on": ago(20), "home_municipality": "0101"})
    house.settle()

    # then what is used stays used, and the new municipality owes the rest
    ledger = {row["person_id"]: row for row in house.get("orchestrator", f"/cases/{stay}")["ledger"]}
    assert (ledger[woman]["owed"], ledger[woman]["used"], ledger[woman]["left"]) == (600, 120, 480)
    assert house.obligations(stay)["psychology-woman"]["municipality"] == "0101"
    assert house.get("psychology", treatment, role="municipality", municipality="0101")["left"] == 480

    # and what would go over the ceiling is refused, with the minutes left in the answer
    over = {"occurred_on": ago(19), "session_id": str(uuid4()), "minutes": 481}
    refused = house.call("POST", "psychology", f"{treatment}/sessions", over)
    assert (refused.status_code, "480" in refused.json()["detail"]) == (409, True)

    # when she plans to move out before anybody has given her the initial advice
    house.post("intake", f"/stays/{stay}/move-out-plan", {"occurred_on": ago(10), "planned_for": ago(5)})
    house.settle()
    assert house.obligations(stay)["initial-advice"]["state"] == "missed"

    # and the advice is given and started too late, and she moves out into a home of her own
    house.post("coordinating-advice", f"/stays/{stay}/advice/initial", {"occurred_on": ago(8), "by": "shelter"})
    start = {"occurred_on": ago(8), "variant": "ordinary", "by": "shelter"}
    house.post("coordinating-advice", f"/stays/{stay}/advice/start", start)
    house.post("intake", f"/stays/{stay}/children/{child}/departure", {"occurred_on": ago(5), "destination": "new-home"})
    house.post("intake", f"/stays/{stay}/move-out", {"occurred_on": ago(5), "destination": "new-home"})
    house.settle()

    # then each right has its end, and the misses stay in the history
    case = house.obligations(stay)
    states = {rule: item["state"] for rule, item in case.items()}
    assert states["initial-advice"] == "met"  # owed only from today, when the municipality was told
    assert states["advice-start"] == "met-late"
    assert states["advice-window"] == "open"
    assert states["aftercare-offer"] == "missed"
    assert states[f"child-notice:{child[:8]}"] == "missed"
    moved_out = today - timedelta(5)
    assert case["advice-window"]["counted_from"] == moved_out.isoformat()
    assert date.fromisoformat(case["advice-window"]["due"]) > moved_out + timedelta(178)

    # and the window can be extended by the municipality, to twelve months and not a day longer
    advice = house.get("coordinating-advice", f"/stays/{stay}/advice")
    latest = date.fromisoformat(advice["latest_until"])
    extension = f"/stays/{stay}/advice/extension"
    too_long = {"occurred_on": ago(0), "until": (latest + timedelta(1)).isoformat()}
    refused = house.call("POST", "coordinating-advice", extension, too_long, role="municipality", municipality="0101")
    assert refused.status_code in (409, 422), refused.text
    just_right = {"occurred_on": ago(0), "until": latest.isoformat()}
    house.post("coordinating-advice", extension, just_right, role="municipality", municipality="0101")
    eventually(lambda: house.obligations(stay)["advice-window"]["due"] == latest.isoformat(), what="the extension")

    # and the family is offered aftercare, a few days late
    house.post("aftercare", f"/stays/{stay}/aftercare/offer", {"occurred_on": ago(2)})
    house.post("aftercare", f"/stays/{stay}/aftercare/start", {"occurred_on": ago(1)})
    house.settle()
    case = house.obligations(stay)
    assert (case["aftercare-offer"]["state"], case["aftercare-course"]["state"]) == ("met-late", "open")

    # and why each is due can be answered
    why = house.get("orchestrator", f"/obligations/{case['admission-notice']['obligation_id']}/why")
    assert why["due"] == case["admission-notice"]["due"]

    # and each municipality sees its own part
    copenhagen: dict[str, Any] = {"role": "municipality", "municipality": "0101"}
    owed = house.get("orchestrator", f"/cases/{stay}", **copenhagen)["obligations"]
    assert {"psychology-woman", "advice-window"} <= {item["rule"] for item in owed if item["state"] == "open"}
    assert house.get("orchestrator", "/obligations?municipality=0461", **copenhagen)["items"] == []


def test_what_operators_watch_is_measured(house: House) -> None:
    stay = str(uuid4())
    today = business_day(datetime.now(UTC)).isoformat()
    admission = {"stay_id": stay, "person_id": str(uuid4()), "occurred_on": today, "home_municipality": "0461", "anonymous": True}
    house.post("intake", "/stays", admission)
    house.settle()
    metrics = {service: httpx.get(f"{url}/metrics", timeout=30).text for service, url in house.stack.urls.items()}
    for state in ("open", "met", "met-late", "missed", "cancelled"):
        assert f'havn_obligations{{state="{state}"}}' in metrics["orchestrator"]
    assert 'havn_obligations{state="open"} 0.0' not in metrics["orchestrator"]
    assert 'havn_inbox_lag_events{upstream="intake.0"} 0.0' in metrics["orchestrator"]
    for service, text in metrics.items():
        assert f'havn_relay_lag_events{{relay="{service}"}} 0.0' in text
        assert "havn_parked_cases 0.0" in text
    assert 'havn_request_seconds_count{method="POST",route="/stays",status="201"}' in metrics["intake"]
