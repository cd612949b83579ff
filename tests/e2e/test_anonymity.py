"""An anonymous stay, told to the home municipality without an identity, and linked to her when she lifts the anonymity."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from havn_events.municipal import MUNICIPAL_EVENT, StayNotice, own_id
from tests.e2e.conftest import House

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("house")]

SHELTER = "5e1f0000-0000-4000-8000-000000000461"
HOME = "0461"
NAME = "Eta Testperson Lommedue"


def _post(house: House, path: str, body: dict[str, Any], role: Any = "shelter") -> httpx.Response:
    token = house.stack.issuer.token(role, "test", shelter=SHELTER)
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}
    return httpx.post(house.stack.urls["intake"] + path, json=body, headers=headers, timeout=30)


def _told(house: House, stay: str) -> list[dict[str, Any]]:
    """What the home municipality was told of this stay, oldest first, as the events that were committed say it."""
    with psycopg.connect(house.database) as connection:
        rows = connection.execute(
            "SELECT convert_from(state, 'UTF8')::jsonb -> 'data' FROM notification.notification_events "
            "WHERE topic = 'MunicipalityNotified' ORDER BY notification_id"
        ).fetchall()
    return [data for (data,) in rows if data["stay_id"] == stay]


def test_her_municipality_is_told_without_identity_and_lifting_links_what_it_was_told(house: House) -> None:
    # given an anonymous admission, of which the home municipality is told
    today = datetime.now(UTC).date().isoformat()
    stay, woman = str(uuid4()), str(uuid4())
    body = {"stay_id": stay, "person_id": woman, "occurred_on": today, "home_municipality": HOME, "anonymous": True}
    assert _post(house, "/stays", {**body, "identity": {"name": NAME}}).status_code == 422
    assert _post(house, "/stays", body).status_code == 201
    house.settle()
    (first,) = _told(house, stay)
    assert (first["notice"], first["anonymous"], first["municipality"]) == ("admission", True, HOME)

    # when the leader decides that a child's safety outweighs it, and she then lifts it herself
    outweighing = {"occurred_on": today, "reason": "child-exposed-to-violence"}
    assert _post(house, f"/stays/{stay}/anonymity/outweighing", outweighing).status_code == 403
    assert _post(house, f"/stays/{stay}/anonymity/outweighing", {"occurred_on": today}, "leader").status_code == 422
    assert _post(house, f"/stays/{stay}/anonymity/outweighing", outweighing, "leader").status_code == 201
    house.settle()
    assert _told(house, stay) == [first]
    lifting = {"occurred_on": today, "identity": {"name": NAME}}
    assert _post(house, f"/stays/{stay}/anonymity/lifting", lifting).status_code == 201
    house.settle()

    # then the earlier notice stands as it was sent, and a later one under its reference says that she is anonymous no more
    earlier, link = _told(house, stay)
    assert earlier == first
    assert (link["case_reference"], link["anonymous"], link["notice"]) == (first["case_reference"], False, "correction")
    mine = house.get("notification", "/notices?limit=200", role="municipality", municipality=HOME)["items"]
    assert {item["notice_id"] for item in mine if item["case_reference"] == first["case_reference"]} == {
        str(own_id(HOME, UUID(notice["notice_id"]))) for notice in (first, link)
    }
    assert woman not in str(mine)
    assert stay not in str(mine)
    leader = {"Authorization": f"Bearer {house.stack.issuer.token('leader', 'test', shelter=SHELTER)}"}
    detail = httpx.get(f"{house.stack.urls['intake']}/stays/{stay}", headers=leader, timeout=30).json()
    assert (detail["anonymous"], detail["named_to_home_municipality"]) == (False, True)
    assert detail["anonymity_outweighed_because"] == outweighing["reason"]


def test_a_notice_has_no_room_for_an_identity() -> None:
    notice = {
        "kind": "stay-notice",
        "municipality": HOME,
        "case_reference": str(uuid4()),
        "occurred_on": "2025-05-06",
        "notice_id": str(uuid4()),
        "notice": "admission",
        "anonymous": True,
    }
    assert isinstance(MUNICIPAL_EVENT.validate_python(notice), StayNotice)
    for field in ("name", "cpr", "person_id", "stay_id", "shelter_id"):
        with pytest.raises(ValueError, match="extra_forbidden"):
            MUNICIPAL_EVENT.validate_python({**notice, field: str(uuid4())})
