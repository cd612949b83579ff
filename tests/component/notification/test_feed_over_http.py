"""A municipality's feed over plain HTTP: fetched from a cursor, waited for, and nobody else's."""

import threading
import time
from datetime import timedelta

import pytest

from havn_events.municipal import FeedEvent
from tests.component.notification.test_notification import GENTOFTE, ODENSE, House, day_passed, events_of, house

__all__ = ["house"]


def test_the_feed_tells_everything_in_order_and_goes_on_from_its_cursor(house: House) -> None:
    house.happens(house.opened("admission-notice"))
    house.happens(house.opened("psychology-woman", "home-municipality"), house.opened("discharge-notice"))
    first = house.municipality("/feed?limit=2").json()
    rest = house.municipality(f"/feed?after={first['next']}").json()
    events = [FeedEvent.model_validate(item) for item in first["items"] + rest["items"]]
    assert [event.data.kind for event in events] == ["stay-notice", "obligation-news", "stay-notice"]
    assert len({event.id for event in events}) == 3
    assert {event.data.case_reference for event in events}.isdisjoint({house.stay_id})
    nothing = house.municipality(f"/feed?after={rest['next']}").json()
    assert nothing == {"items": [], "next": rest["next"]}
    house.happens(house.fact("StayAnnulled"))
    [retraction] = house.municipality(f"/feed?after={rest['next']}").json()["items"]
    assert retraction["data"]["notice"] == "retraction"


def test_a_municipality_sees_its_own_feed_alone_whatever_it_asks(house: House) -> None:
    house.happens(house.opened("admission-notice"))
    assert house.municipality("/feed", GENTOFTE).json()["items"] == []
    assert house.municipality(f"/feed?municipality={ODENSE}", GENTOFTE).json()["items"] == []
    cursor = house.municipality("/feed").json()["next"]
    house.happens(house.opened("admission-notice", municipality=GENTOFTE))
    assert house.municipality("/feed", GENTOFTE).json()["next"] == cursor, "a cursor counts a municipality's own messages"


@pytest.mark.parametrize("role", ["shelter", "operator"])
def test_nobody_but_a_municipality_has_a_feed(house: House, role: str) -> None:
    claims = {"shelter": str(house.shelter_id)} if role == "shelter" else {}
    assert house.get(role, "/feed", **claims).status_code == 403


@pytest.mark.parametrize("after", ["WyJ4Il0=", "WyIxIiwiMiJd", "WyItMSJd", "abc", "WyLCsiJd"])
def test_what_is_no_cursor_is_refused(house: House, after: str) -> None:
    assert house.municipality(f"/feed?after={after}").status_code == 422


@pytest.mark.parametrize(("wait", "status"), [(-1, 422), (30, 200), (31, 422)])
def test_a_wait_is_bounded(house: House, wait: int, status: int) -> None:
    house.happens(house.opened("admission-notice"))
    assert house.municipality(f"/feed?wait={wait}").status_code == status


def test_who_waits_is_answered_when_the_message_is_committed_and_not_before(house: House) -> None:
    begun = time.monotonic()
    later = threading.Timer(0.5, lambda: house.happens(house.opened("admission-notice")))
    later.start()
    answer = house.municipality("/feed?wait=20").json()
    later.join()
    assert len(answer["items"]) == 1
    assert 0.4 < time.monotonic() - begun < 10


def test_who_waits_in_vain_is_answered_with_nothing_and_the_same_cursor(house: House) -> None:
    begun = time.monotonic()
    answer = house.municipality("/feed?wait=1").json()
    assert (answer["items"], time.monotonic() - begun >= 1) == ([], True)
    assert house.municipality(f"/feed?after={answer['next']}").json() == answer


def test_a_confirmation_is_evidence_with_both_instants(house: House) -> None:
    opened = house.opened("admission-notice")
    house.happens(opened)
    [sent] = house.municipality("/notices").json()["items"]
    assert sent["acknowledged_at"] is None
    house.acknowledges(opened.obligation_id)
    house.acknowledges(opened.obligation_id)
    [confirmed] = house.municipality("/notices").json()["items"]
    assert confirmed["sent_at"] == sent["sent_at"] < confirmed["acknowledged_at"]


@pytest.mark.parametrize(
    ("due_in", "raised_after", "acknowledge_by_in"),
    [(1, 0, 0), (2, 1, 1), (3, 2, 2), (4, 2, 3), (0, 2, None), (-1, 2, None)],
)
def test_a_silence_is_raised_before_the_legal_deadline_is_over(
    house: House, due_in: int, raised_after: int, acknowledge_by_in: int | None
) -> None:
    today = house.today()
    house.happens(house.opened("admission-notice", due=today + timedelta(days=due_in)))
    expected = None if acknowledge_by_in is None else (today + timedelta(days=acknowledge_by_in)).isoformat()
    assert house.shelter_sees()[0]["acknowledge_by"] == expected
    house.happens(*[day_passed(today + timedelta(days=n)) for n in range(raised_after)])
    assert [item["state"] for item in house.shelter_sees()] == ["unacknowledged"]
    house.happens(day_passed(today + timedelta(days=raised_after)))
    assert [item["state"] for item in house.shelter_sees()] == ["escalated"]
    assert [event.type_name() for event in events_of(house)] == ["MunicipalityNotified", "NotificationEscalated"]


def test_the_description_has_one_name_for_one_thing_and_explains_every_parameter(house: House) -> None:
    described = house.client.get("/openapi.json").json()
    assert [name for name in described["components"]["schemas"] if "__" in name] == []
    for path in ("/feed", "/webhook"):
        for operation in described["paths"][path].values():
            assert [each["name"] for each in operation.get("parameters", []) if "description" not in each] == []
