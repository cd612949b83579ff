"""All that two municipalities are told of the same stay, over every route: no id in common, no shelter, no standard."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from uuid import uuid4

import pytest

from havn_embedded.stack import DEMO_SHELTER
from tests.component.test_who_may import tables
from tests.e2e.conftest import House

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("house")]

BEFORE, AFTER = "0740", "0751"
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16,}")


def _values(answer: Any) -> Iterator[tuple[str, Any]]:
    """Every field of an answer with its value, however deep."""
    if isinstance(answer, Mapping):
        for name, value in answer.items():
            yield name, value
            yield from _values(value)
    elif isinstance(answer, list):
        for each in answer:
            yield from _values(each)


def _told(house: House, code: str) -> dict[str, str]:
    """What a municipality is answered over every route that it may ask, by the route. Paths are made of ids that it was shown."""
    routes = [
        (service, row.path)
        for service, rows in tables().items()
        if service in house.stack.urls
        for row in rows
        if row.method == "GET" and row.cells["municipality"] in ("own", "yes")
    ]
    known: dict[str, list[str]] = {"code": [code]}
    told: dict[str, str] = {}
    for service, path in sorted(routes, key=lambda route: route[1].count("{")):
        names = re.findall(r"\{(\w+)\}", path)
        assert all(known.get(name) for name in names), f"{code} was shown nothing to ask {path} with"
        answers = []
        for ids in product(*(known[name] for name in names)):
            asked = path
            for name, value in zip(names, ids, strict=True):
                asked = asked.replace(f"{{{name}}}", value)
            answer = house.call("GET", service, asked, role="municipality", municipality=code)
            assert answer.status_code == 200 or path in MAY_BE_ABSENT, (path, answer.text)
            answers.append(answer.text + str(dict(answer.headers)))
            for name, value in _values(answer.json()):
                if name.endswith(("_id", "_reference")) and isinstance(value, str) and value not in known.setdefault(name, []):
                    known[name].append(value)
        told[f"{service} {path}"] = "\n".join(answers)
    return told


MAY_BE_ABSENT = (
    "/webhook",
    "/stays/{stay_id}/advice",
    "/stays/{stay_id}/agreement",
    "/stays/{stay_id}/people/{person_id}/treatment",
)
"""A municipality that owes it no more, or has registered none, is told that there is none."""


def test_two_municipalities_cannot_tell_by_what_they_are_told_that_it_is_the_same_stay(house: House) -> None:
    # given a woman whose home moves from one municipality to another while both are owed something
    today = datetime.now(UTC).date()
    stay, woman, child = (str(uuid4()) for _ in range(3))
    day = {"occurred_on": (today - timedelta(days=6)).isoformat()}
    later = {"occurred_on": (today - timedelta(days=3)).isoformat()}
    admission = {**day, "stay_id": stay, "person_id": woman, "home_municipality": BEFORE, "anonymous": False}
    house.post("intake", "/stays", admission)
    house.post("intake", f"/stays/{stay}/children", {**day, "child_id": child, "birth_month": "2020-01", "arrival": "with-her"})
    house.settle()
    treatment = f"/stays/{stay}/people/{woman}/treatment"
    by = {"psychologist_id": str(uuid4()), "employer": "independent", "authorised": True}
    house.post("psychology", f"{treatment}/psychologist", {**day, **by})
    notice = {**day, "notice_id": str(uuid4()), "kind": "first"}
    house.post("notification", f"/stays/{stay}/children/{child}/notifications", notice)
    before = _told(house, BEFORE)
    house.post("intake", f"/stays/{stay}/home-municipality", {**later, "home_municipality": AFTER})
    house.settle()
    house.post("notification", f"/stays/{stay}/children/{child}/notifications", {**notice, "notice_id": str(uuid4())})
    house.settle()
    # when both ask everything
    before |= {f"{route} afterwards": answer for route, answer in _told(house, BEFORE).items()}
    after = _told(house, AFTER)

    # then no id is in the answers of both but that of the psychologist, whom both must know
    def ids(told: Mapping[str, str]) -> set[str]:
        return set(ID.findall("\n".join(told.values())))

    assert ids(before) & ids(after) <= {by["psychologist_id"]}
    assert len(ids(before)) > 12
    assert len(ids(after)) > 12
    # and neither was told of the shelter, the standard it follows, or our ids
    for told in (before, after):
        for route, answer in told.items():
            inside = (str(DEMO_SHELTER), "hellerup", "gentofte", stay, woman, child, "traceparent")
            assert [each for each in inside if each in answer.lower()] == [], route
