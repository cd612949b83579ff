"""A fuzzer over every route of every service: no input gives a 5xx, and every answer is what the API's description says."""

from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from havn_chassis.auth import ROLES
from havn_embedded.stack import SERVICES
from tests.e2e.conftest import House

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("house")]

EXAMPLES = 10
CHECKS = [not_a_server_error, response_schema_conformance, status_code_conformance]


@pytest.mark.parametrize("service", SERVICES)
def test_every_answer_is_one_that_the_description_names(house: House, service: str) -> None:
    schema = schemathesis.openapi.from_url(f"{house.stack.urls[service]}/openapi.json")
    tokens = [house.stack.token(role, "0101" if role == "municipality" else None) for role in ROLES]
    tried = 0
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()

        @settings(
            max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
        )
        @given(case=operation.as_strategy())
        def fuzz(case: schemathesis.Case[Any]) -> None:
            for token in tokens:
                case.headers["Authorization"] = f"Bearer {token}"
                if case.method in ("POST", "PUT"):
                    case.headers["Idempotency-Key"] = str(uuid4())
                if isinstance(case.query.get("wait"), int):
                    case.query["wait"] = 0  # or each try of the feed would take as long as it asks for
                case.call_and_validate(checks=CHECKS)

        fuzz()
        tried += 1
    assert tried >= 3


def test_the_fuzzer_finds_a_route_that_breaks() -> None:
    app = FastAPI()

    @app.get("/breaks")
    def breaks(number: int) -> int:
        return 1 // (0 if number else 1)

    result = next(schemathesis.openapi.from_asgi("/openapi.json", app).get_all_operations())
    assert isinstance(result, Ok)
    operation = result.ok()

    @settings(max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate])
    @given(case=operation.as_strategy())
    def fuzz(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(checks=CHECKS)

    with pytest.raises(Exception, match="division"):
        fuzz()
