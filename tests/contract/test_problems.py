"""Every refusal is a stable problem type with help in our own words, and no answer repeats what was sent."""

import ast
import importlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from havn_chassis.decider import Kind, Refused
from havn_chassis.http import Body, install

ROOT = Path(__file__).parents[2]
SERVICES = ("intake", "notification", "psychology", "coordinating_advice", "aftercare", "orchestrator")
SENT = "Testperson Alfa"
FROM_OUTSIDE = {"command", "body", "report", "error", "call", "after", "text", "value"}


# Every refusal in the source


@dataclass(frozen=True)
class Refusal:
    """One ``Refused(...)`` as it is written: where, its rule, its kind, its words and the names that are put into them."""

    where: str
    rule: str | None
    kind: str
    words: str
    put_in: frozenset[str]


def refusals(source: str, where: str) -> Iterator[Refusal]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refused":
            named = {keyword.arg: keyword.value for keyword in node.keywords}
            rule, detail = [*node.args, *(named[name] for name in ("rule", "detail") if name in named)][:2]
            kind = named.get("kind", ast.Constant("conflict"))
            yield Refusal(
                where=f"{where}:{node.lineno}",
                rule=rule.value if isinstance(rule, ast.Constant) and isinstance(rule.value, str) else None,
                kind=str(kind.value) if isinstance(kind, ast.Constant) else "",
                words=_words(detail),
                put_in=frozenset(part.id for part in ast.walk(detail) if isinstance(part, ast.Name)),
            )


def _words(detail: ast.expr) -> str:
    """A detail's text, with a figure for everything that is put into it."""
    match detail:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_words(part) for part in parts)
        case _:
            return "0"


def faults(refusal: Refusal) -> list[str]:
    """What is wrong with one refusal."""
    found = {
        "its rule is not written out in kebab-case": not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", refusal.rule or ""),
        "its kind is none": refusal.kind not in get_args(Kind),
        "its detail is no sentence": not re.fullmatch(r"[A-Z0].{10,}\.", refusal.words, re.DOTALL),
        "its detail may repeat what was sent": bool(refusal.put_in & FROM_OUTSIDE),
    }
    return [f"{refusal.where}: {fault}" for fault, wrong in found.items() if wrong]


def ambiguous(every: list[Refusal]) -> list[str]:
    """Rules that are published with more than one status."""
    kinds: dict[str | None, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for refusal in every:
        kinds[refusal.rule][refusal.kind].append(refusal.where)
    return [f"{rule}: {dict(places)}" for rule, places in kinds.items() if len(places) > 1]


def every_refusal() -> list[Refusal]:
    files = sorted(file for pattern in ("libs/*/src/**/*.py", "services/*/src/**/*.py") for file in ROOT.glob(pattern))
    return [each for file in files for each in refusals(file.read_text(), str(file.relative_to(ROOT)))]


def test_every_refusal_names_a_rule_and_helps_without_repeating_what_was_sent() -> None:
    found = every_refusal()

    assert len(found) > 100
    assert [fault for refusal in found for fault in faults(refusal)] == []


def test_a_rule_is_always_answered_with_the_same_status() -> None:
    assert ambiguous(every_refusal()) == []


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("Refused(rule_of(x), 'The stay has ended; correct the date.')", "kebab-case"),
        ("Refused('NotOpen', 'The stay has ended; correct the date.')", "kebab-case"),
        ("Refused('not-open', 'The stay has ended; correct the date.', kind='gone')", "kind"),
        ("Refused('not-open', 'no')", "sentence"),
        ("Refused('not-open', f'The stay {command.stay_id} has ended.')", "repeat"),
        ("Refused(rule='not-open', detail=f'This has ended: {body.name}.')", "repeat"),
    ],
)
def test_a_bad_refusal_is_noticed(written: str, fault: str) -> None:
    (refusal,) = refusals(written, "here")

    (found,) = faults(refusal)

    assert fault in found


def test_a_rule_with_two_statuses_is_noticed() -> None:
    twice = "Refused('not-open', 'It has ended.')\nRefused('not-open', 'It has ended.', kind='invalid')"

    assert len(ambiguous(list(refusals(twice, "here")))) == 1


# Every answer to a request that is wrong


def bodies() -> dict[str, type[Body]]:
    """The body of every route of every service."""
    found: dict[str, type[Body]] = {}
    for service in SERVICES:
        routers = importlib.import_module(f"{service}.main").SERVICE.routers
        for route in (route for router in routers for route in router.routes):
            if isinstance(route, APIRoute):
                for parameter in route.dependant.body_params:
                    model = parameter.field_info.annotation
                    assert isinstance(model, type)
                    assert issubclass(model, Body), f"{route.path} takes a body that is open"
                    found[f"{service}.{model.__name__}"] = model
    return found


BODIES = bodies()


def answering(model: Any) -> TestClient:
    """An app with the chassis' manners and one route that takes this body."""
    app = FastAPI()
    install(app)

    @app.post("/reports")
    def take(body: model) -> None:
        raise Refused("taken", "This route only looks at the body.")

    return TestClient(app)


@pytest.mark.parametrize("name", BODIES)
def test_no_report_takes_words_and_no_answer_repeats_them(name: str) -> None:
    model = BODIES[name]
    client = answering(model)

    answer = client.post("/reports", json=dict.fromkeys(model.model_fields, SENT))

    problem = answer.json()
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"] == "https://havn.example/problems/invalid-request"
    assert {error["field"].split(".")[1] for error in problem["errors"]} == set(model.model_fields)
    assert "Testperson" not in answer.text


@pytest.mark.parametrize("name", BODIES)
def test_a_field_nobody_knows_is_refused_and_not_repeated(name: str) -> None:
    answer = answering(BODIES[name]).post("/reports", json={SENT: SENT})

    assert answer.status_code == 422
    assert "extra-forbidden" in {error["rule"] for error in answer.json()["errors"]}
    assert "Testperson" not in answer.text


@pytest.mark.parametrize("raw", [b"Testperson Alfa", b'{"Testperson Alfa', b'["Testperson Alfa"]', b'"Testperson Alfa"', b"\xff"])
def test_a_body_that_is_no_object_is_refused_and_not_repeated(raw: bytes) -> None:
    client = answering(next(iter(BODIES.values())))

    answer = client.post("/reports", content=raw, headers={"Content-Type": "application/json"})

    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Testperson" not in answer.text


@pytest.mark.parametrize(("kind", "status"), [("absent", 404), ("conflict", 409), ("invalid", 422)])
def test_a_refusal_is_a_problem_with_its_rule_as_type(kind: Kind, status: int) -> None:
    app = FastAPI()
    install(app)

    @app.get("/stays")
    def refuse() -> None:
        raise Refused("not-open", "The stay has ended.", field="stay_id", kind=kind)

    answer = TestClient(app).get("/stays")

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert {key: value for key, value in json.loads(answer.content).items() if key != "title"} == {
        "type": "https://havn.example/problems/not-open",
        "status": status,
        "detail": "The stay has ended.",
        "errors": [{"field": "stay_id", "rule": "not-open", "detail": "The stay has ended."}],
    }


def test_a_defect_says_that_it_is_ours_and_nothing_of_itself() -> None:
    app = FastAPI()
    install(app)

    @app.get("/stays")
    def fail() -> None:
        raise RuntimeError(SENT)

    answer = TestClient(app, raise_server_exceptions=False).get("/stays")

    assert (answer.status_code, answer.json()["type"]) == (500, "https://havn.example/problems/defect")
    assert "Testperson" not in answer.text
