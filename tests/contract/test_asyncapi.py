"""The AsyncAPI document that is kept is the one the classes make, is well formed, and its examples are real messages."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from faststream.specification.asyncapi.v3_0_0.schema import ApplicationSchema
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from havn_events.municipal import MUNICIPAL_EVENT, MUNICIPAL_TYPES, FeedEvent
from notification.asyncapi import document, written
from notification.feed import Acknowledged, Acknowledgement, NotAcknowledged

KEPT = Path(__file__).parents[2] / "docs" / "asyncapi.json"
DOCUMENT: dict[str, Any] = json.loads(KEPT.read_text())
MESSAGES: dict[str, Any] = DOCUMENT["components"]["messages"]
READERS: dict[str, Callable[[Any], object]] = {
    **{cls.__name__: MUNICIPAL_EVENT.validate_python for cls in MUNICIPAL_TYPES},
    "FeedEvent": FeedEvent.model_validate,
    **{cls.__name__: cls.model_validate for cls in (Acknowledgement, Acknowledged, NotAcknowledged)},
}


def references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [reference for value in node.values() for reference in references(value)]
    return [reference for value in node for reference in references(value)] if isinstance(node, list) else []


def test_the_kept_document_is_what_the_classes_make() -> None:
    assert KEPT.read_text() == written(), "run: python -m notification.asyncapi docs/asyncapi.json"


def test_the_document_has_the_structure_of_asyncapi_3() -> None:
    assert ApplicationSchema.model_validate(document()).asyncapi == "3.0.0"


def test_every_reference_leads_somewhere() -> None:
    found = references(DOCUMENT)
    assert found
    for reference in found:
        node = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]


def test_no_word_of_openapi_alone_is_used() -> None:
    assert '"discriminator"' not in KEPT.read_text()


def test_every_class_of_the_feed_is_documented() -> None:
    assert set(MESSAGES) == set(READERS)


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_the_examples_are_real_messages_and_fit_their_schemas(name: str) -> None:
    schema = {**MESSAGES[name]["payload"], "components": DOCUMENT["components"]}
    Draft202012Validator.check_schema(schema)
    examples = MESSAGES[name]["examples"]
    assert examples
    for example in examples:
        READERS[name](example["payload"])
        Draft202012Validator(schema).validate(example["payload"])
        assert not Draft202012Validator(schema).is_valid({**example["payload"], "another": 1})


@pytest.mark.parametrize("cls", MUNICIPAL_TYPES, ids=lambda cls: cls.__name__)
def test_every_field_of_a_message_is_explained(cls: type[Any]) -> None:
    fields = DOCUMENT["components"]["schemas"][cls.__name__]["properties"]
    assert [name for name, field in fields.items() if name != "kind" and not field.get("description")] == []


def test_every_operation_says_how_it_is_used_and_a_request_what_is_replied() -> None:
    operations = DOCUMENT["operations"]
    assert all(operation["description"] for operation in operations.values())
    assert operations["acknowledge"]["reply"]["channel"]["$ref"] == "#/channels/reply"
