"""One admission is one trace, from the shelter's request to the municipality's feed."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from tests.e2e.collector import ReceivedSpan
from tests.e2e.conftest import House
from tests.processes import eventually

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("house")]

TRACE = "0af7651916cd43dd8448eb211c80319c"


def test_one_admission_is_one_trace_over_at_least_four_services_and_the_feed(house: House) -> None:
    # given a caller that traces its own request, and tries to send baggage along
    headers = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01", "baggage": "name=Testperson", "tracestate": "x=Testperson"}
    body = {
        "stay_id": str(uuid4()), "person_id": str(uuid4()), "occurred_on": datetime.now(UTC).date().isoformat(),
        "home_municipality": "0101", "anonymous": False,
    }  # fmt: skip
    # when she is admitted
    house.post("intake", "/stays", body, headers=headers)
    house.settle()

    # then the same trace runs through four services and out to the feed, and every span but the first hangs on another one of it
    def spans() -> list[ReceivedSpan]:
        return [span for span in house.collector.spans() if span.trace_id == TRACE]

    def orphans() -> list[ReceivedSpan]:
        known = {span.span_id for span in spans()} | {"b7ad6b7169203331"}
        return [span for span in spans() if span.parent_id not in known]

    wanted = {
        ("havn-intake", "POST /stays"),
        ("havn-intake", "send INTAKE"),
        ("havn-orchestrator", "process WomanAdmitted"),
        ("havn-orchestrator", "send ORCHESTRATOR"),
        ("havn-notification", "process ObligationOpened"),
        ("havn-notification", "send FEED"),
        ("havn-psychology", "process ObligationOpened"),
    }
    eventually(lambda: wanted <= {(span.service, span.name) for span in spans()}, what="the spans being exported")
    eventually(lambda: orphans() == [], what="every span having the one it hangs on")
    assert b"Testperson" not in house.collector.raw()
