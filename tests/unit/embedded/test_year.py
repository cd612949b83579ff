"""The demonstration's data: reproducible, in order, fit for the services, and with the published counts."""

import inspect
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from pydantic import BaseModel

import aftercare.api
import coordinating_advice.api
import intake.main
import notification.api
import psychology.api
from havn_embedded.demonstration.counts import ChildStay, ResidentStay, counted, published
from havn_embedded.demonstration.residents import FIRST, LAST, ROOMS
from havn_embedded.demonstration.year import CALLS_FILE, UNACKNOWLEDGED_FILE, data_file, months_after, write

ROUTERS: Mapping[str, tuple[APIRouter, ...]] = {
    "aftercare": (aftercare.api.router,),
    "coordinating-advice": (coordinating_advice.api.router,),
    "intake": intake.main.SERVICE.routers,
    "notification": (notification.api.router,),
    "psychology": (psychology.api.router,),
}
LINES: list[dict[str, Any]] = [json.loads(line) for line in data_file(CALLS_FILE).splitlines()]


def called(service: str, pattern: str) -> Iterator[tuple[list[str], dict[str, Any], dict[str, Any]]]:
    """The ids in the path, the body and the line of every call whose path fits, ``*`` standing for an id."""
    compiled = re.compile(pattern.replace("*", "([0-9a-f-]{36})"))
    for line in LINES:
        match = compiled.fullmatch(line["path"])
        if match and line["service"] == service:
            yield list(match.groups()), line["body"], line


def day(text: str) -> date:
    return date.fromisoformat(text)


def stays() -> list[ResidentStay]:
    """The residents, from the calls alone."""
    moved_out = {ids[0]: body for ids, body, _ in called("intake", "/stays/*/move-out")}
    left = {ids[1]: body for ids, body, _ in called("intake", "/stays/*/children/*/departure")}
    homes = {ids[0]: body["home_municipality"] for ids, body, _ in called("intake", "/stays/*/home-municipality")}
    accepted = {ids[0] for ids, _, _ in called("aftercare", "/stays/*/aftercare/start")}
    further = {
        ids[1] for ids, body, _ in called("notification", "/stays/*/children/*/notifications") if body["kind"] == "supplementary"
    }
    sessions: dict[str, list[date]] = defaultdict(list)
    for ids, body, _ in called("psychology", "/stays/*/people/*/treatment/sessions"):
        sessions[ids[1]].append(day(body["occurred_on"]))
    children: dict[str, list[ChildStay]] = defaultdict(list)
    for ids, body, _ in called("intake", "/stays/*/children"):
        gone = left.get(body["child_id"])
        until = day(gone["occurred_on"]) if gone else None
        children[ids[0]].append(
            ChildStay(
                body["birth_month"],
                day(body["occurred_on"]),
                until,
                gone["destination"] if gone else None,
                any(until is None or held <= until for held in sessions[body["child_id"]]),
                body["child_id"] in further,
            )
        )
    found = []
    for _, body, _ in called("intake", "/stays"):
        stay_id = body["stay_id"]
        out = moved_out.get(stay_id)
        until = day(out["occurred_on"]) if out else None
        found.append(
            ResidentStay(
                homes.get(stay_id, body["home_municipality"]),
                day(body["occurred_on"]),
                until,
                out["destination"] if out else None,
                any(until is None or held <= until for held in sessions[body["person_id"]]),
                stay_id in accepted,
                tuple(children[stay_id]),
            )
        )
    return found


def outcomes() -> Counter[str]:
    received = {body["inquiry_id"] for _, body, _ in called("intake", "/inquiries") if day(body["occurred_on"]).year == 2024}
    return Counter(body["outcome"] for ids, body, _ in called("intake", "/inquiries/*/assessment") if ids[0] in received)


def test_the_committed_data_are_what_the_generator_writes(tmp_path: Path) -> None:
    write(tmp_path)
    for name in (CALLS_FILE, UNACKNOWLEDGED_FILE):
        assert (tmp_path / name).read_bytes() == data_file(name).encode()


@pytest.mark.parametrize("table", published())
def test_a_table_comes_to_the_published_counts(table: str) -> None:
    assert counted(2024, ROOMS, outcomes(), stays())[table] == published()[table]


def test_there_are_237_inquiries() -> None:
    assert sum(outcomes().values()) == 237


def test_every_admission_on_an_inquiry_of_the_year_names_one_that_ended_in_it() -> None:
    admitted = {ids[0] for ids, body, _ in called("intake", "/inquiries/*/assessment") if body["outcome"] == "admitted"}
    named = [body["inquiry_id"] for _, body, _ in called("intake", "/stays") if "inquiry_id" in body]
    assert sorted(admitted) == sorted(named)
    assert len(named) == 35


def test_the_rooms_are_never_overfull() -> None:
    residents = [(stay.admitted_on, stay.moved_out_on or date.max) for stay in stays()]
    nights = [FIRST + timedelta(days=n) for n in range(366)]
    taken = [sum(came <= night < went for came, went in residents) for night in nights]
    assert max(taken) == ROOMS
    assert sum(taken) == 4002


def test_lines_are_in_the_order_of_their_days_and_none_is_after_the_year() -> None:
    days = [line["on"] for line in LINES]
    assert days == sorted(days)
    assert day(days[-1]) <= LAST


def test_nothing_is_reported_before_it_happened() -> None:
    assert all(line["body"]["occurred_on"] <= line["on"] for line in LINES)


def test_every_key_is_used_once() -> None:
    assert len({line["key"] for line in LINES}) == len(LINES)


@pytest.mark.parametrize("service", ROUTERS)
def test_every_body_fits_its_route(service: str) -> None:
    routes = [
        route
        for router in ROUTERS[service]
        for route in router.routes
        if isinstance(route, APIRoute) and "POST" in (route.methods or set())
    ]
    lines = [line for line in LINES if line["service"] == service]
    assert lines
    for line in lines:
        (route,) = [route for route in routes if route.path_regex.fullmatch(line["path"])]
        body = inspect.signature(route.endpoint).parameters["body"].annotation
        assert issubclass(body, BaseModel)
        body.model_validate_json(json.dumps(line["body"]))


def test_no_treatment_goes_over_its_ceiling() -> None:
    minutes: Counter[str] = Counter()
    ceiling: Counter[str] = Counter()
    sessions: dict[str, tuple[str, int]] = {}
    for ids, body, _ in called("psychology", "/stays/*/people/*/treatment/sessions"):
        sessions[body["session_id"]] = ids[1], body["minutes"]
        minutes[ids[1]] += body["minutes"]
    for ids, body, _ in called("psychology", "/stays/*/people/*/treatment/sessions/*/correction"):
        minutes[ids[1]] += body["minutes"] - sessions[ids[2]][1]
    for ids, body, _ in called("psychology", "/stays/*/people/*/treatment/extra-hours"):
        ceiling[ids[1]] += body["minutes"]
    assert minutes
    assert all(used <= 600 + ceiling[person] for person, used in minutes.items())
    assert max(minutes.values()) > 600, "somebody uses what was granted on top"


def test_every_child_is_notified_of_within_three_days() -> None:
    arrived = {body["child_id"]: day(body["occurred_on"]) for _, body, _ in called("intake", "/stays/*/children")}
    first = {
        ids[1]: day(body["occurred_on"])
        for ids, body, _ in called("notification", "/stays/*/children/*/notifications")
        if body["kind"] == "first"
    }
    assert first.keys() == arrived.keys()
    assert all(timedelta(0) <= first[child] - arrived[child] <= timedelta(days=3) for child in arrived)
    assert len({first[child] - arrived[child] for child in arrived}) == 4


def test_aftercare_is_offered_only_where_it_is_owed() -> None:
    out = {ids[0]: body for ids, body, _ in called("intake", "/stays/*/move-out")}
    admitted = {body["stay_id"]: day(body["occurred_on"]) for _, body, _ in called("intake", "/stays")}
    offered = [ids[0] for ids, _, _ in called("aftercare", "/stays/*/aftercare/offer")]
    assert len(offered) == 25
    for stay_id in offered:
        assert day(out[stay_id]["occurred_on"]) - admitted[stay_id] > timedelta(days=14)
        assert out[stay_id]["destination"] not in ("other-shelter", "back-to-perpetrator")


def test_families_in_aftercare_are_invited_to_the_cafe_twice_in_the_year_but_for_two() -> None:
    """One was forgotten, which is missed by the year's end, and one wants no invitations."""
    started = {ids[0]: day(body["occurred_on"]) for ids, body, _ in called("aftercare", "/stays/*/aftercare/start")}
    invited: dict[str, list[date]] = defaultdict(list)
    for ids, body, _ in called("aftercare", "/stays/*/aftercare/cafe-invitations"):
        invited[ids[0]].append(day(body["occurred_on"]))
    cafes = sorted({on for days in invited.values() for on in days})
    assert cafes == [date(2024, 5, 15), date(2024, 11, 15)]
    assert all(days == [on for on in cafes if on >= started[stay_id]] for stay_id, days in invited.items())
    [(ids, body, _)] = called("aftercare", "/stays/*/aftercare/cafe-invitations/decline")
    [forgotten] = started.keys() - invited.keys() - set(ids)
    assert started[ids[0]] < day(body["occurred_on"]) < months_after(started[ids[0]], 6)
    assert months_after(started[forgotten], 6) < LAST


def test_what_rests_on_an_earlier_call_of_the_day_waits_for_it() -> None:
    needing = [
        (ids[0], line)
        for service, path in (
            ("aftercare", "/stays/*/aftercare/offer"),
            ("notification", "/stays/*/children/*/notifications"),
        )
        for ids, _, line in called(service, path)
    ]
    causes = {"aftercare": "/stays/{}/move-out", "notification": "/stays/{}/children"}
    waited = 0
    for stay_id, line in needing:
        at = LINES.index(line)
        begins = next(n for n, other in enumerate(LINES) if other["on"] == line["on"])
        before = LINES[begins : at + 1]
        caused = [n for n, other in enumerate(before) if other["path"] == causes[line["service"]].format(stay_id)]
        if caused:
            waited += 1
            assert any(other.get("settle") for other in before[caused[-1] + 1 :])
    assert waited > 5


def test_one_of_each_unusual_turn_is_there() -> None:
    turns = Counter(line["path"].rpartition("/")[2] for line in LINES)
    assert turns["home-municipality"] == 1
    assert turns["extension"] == 1
    assert turns["correction"] == 1
    assert turns["extra-hours"] == 1
    assert turns["cancellation"] == 1
    assert turns["complaints"] == 2
    assert sum(body["anonymous"] for _, body, _ in called("intake", "/stays")) == 1


def test_a_municipality_that_does_not_look_is_sent_an_admission_that_day() -> None:
    admissions = {(body["home_municipality"], line["on"]) for _, body, line in called("intake", "/stays")}
    unread = [(entry["municipality"], entry["on"]) for entry in json.loads(data_file(UNACKNOWLEDGED_FILE))]
    assert len(unread) == 5
    assert admissions.issuperset(unread)


def test_of_those_who_left_unplanned_four_are_offered_advice_afterwards_one_of_them_too_late() -> None:
    prepared = {ids[0] for ids, _, _ in called("intake", "/stays/*/move-out-plan")}
    out = {ids[0]: day(body["occurred_on"]) for ids, body, _ in called("intake", "/stays/*/move-out") if ids[0] not in prepared}
    waited = {
        ids[0]: day(body["occurred_on"]) - out[ids[0]] for ids, body, _ in called("coordinating-advice", "/stays/*/advice/offer")
    }
    answered = {ids[0] for ids, _, _ in called("coordinating-advice", "/stays/*/advice/decline")} & waited.keys()

    assert (len(out), len(waited), len(answered)) == (9, 4, 1)
    assert sorted(days > timedelta(weeks=2) for days in waited.values()) == [False, False, False, True]
    assert all(days > timedelta(0) for days in waited.values())
