"""The published language is a promise: every event that was ever stored or sent can be read, by its name and version, for good."""

import json
import re
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from tests.contract.examples import EXAMPLES, MUNICIPAL_EXAMPLES, goldens, recorded
from tests.contract.write_golden import GOLDEN, write_missing

from havn_events import Event, MalformedEvent, Recorded, UnknownEvent, known_events, read_event
from havn_events import event as registry
from havn_events.envelope import cloudevent_headers
from havn_events.event import Day, DuplicateEvent, StayEvent, Upcaster
from havn_events.municipal import MUNICIPAL_EVENT, MUNICIPAL_TYPES, municipal_type

ANYTHING_BUT_THIS = "Testperson Alfa"
CITATIONS = {
    "document": "the title of a published standard; it comes from the rulebook that is shipped, never from a request",
    "section": "a heading of that document; it comes from the rulebook that is shipped, never from a request",
}

KNOWN = known_events()
NAMES = tuple(KNOWN)
MUNICIPAL = {event.__name__: event for event in MUNICIPAL_TYPES}
REQUIRED = [(name, field) for name, event in KNOWN.items() for field, info in event.model_fields.items() if info.is_required()]
FIELDS = [(name, field) for name, event in KNOWN.items() for field in event.model_fields if field not in CITATIONS]


def golden(name: str) -> bytes:
    """The kept bytes of an event at its present version."""
    return (GOLDEN / f"{name}.v{KNOWN[name].version}.json").read_bytes()


def opened(name: str) -> dict[str, Any]:
    """The kept envelope, to be spoilt at will."""
    envelope: dict[str, Any] = json.loads(golden(name))
    return envelope


def as_bytes(envelope: object) -> bytes:
    return json.dumps(envelope).encode()


@pytest.fixture
def throw_away(monkeypatch: pytest.MonkeyPatch) -> dict[str, type[Event]]:
    """A registry that forgets after the test what the test defined."""
    known = dict(registry._REGISTRY)
    monkeypatch.setattr(registry, "_REGISTRY", known)
    return known


# Golden files


def expected_files() -> set[str]:
    """One file for every version of every event."""
    own = {f"{name}.v{version}.json" for name, event in KNOWN.items() for version in range(1, event.version + 1)}
    return own | {f"municipal/{name}.v1.json" for name in MUNICIPAL}


def test_every_version_of_every_event_has_a_golden_file_and_none_is_an_orphan() -> None:
    kept = {file.relative_to(GOLDEN).as_posix() for file in GOLDEN.rglob("*") if file.is_file()}

    assert kept == expected_files()


def test_every_event_has_one_example() -> None:
    assert sorted(event.type_name() for event in EXAMPLES) == sorted(KNOWN)
    assert sorted(type(event).__name__ for event in MUNICIPAL_EXAMPLES) == sorted(MUNICIPAL)


@pytest.mark.parametrize("name", sorted(goldens()))
def test_an_event_is_stored_in_the_bytes_it_was_always_stored_in(name: str) -> None:
    assert goldens()[name] == (GOLDEN / name).read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_stored_bytes_read_and_written_again_are_the_same_bytes(name: str) -> None:
    assert Recorded.from_bytes(golden(name)).to_bytes() == golden(name)


@pytest.mark.parametrize("file", sorted(name for name in expected_files() if "/" not in name))
def test_every_version_ever_stored_is_read_as_todays_event(file: str) -> None:
    read = Recorded.from_bytes((GOLDEN / file).read_bytes())

    assert type(read.event) is KNOWN[file.split(".")[0]]
    assert read.version == read.event.version


@pytest.mark.parametrize("name", sorted(MUNICIPAL))
def test_what_a_municipality_reads_and_writes_again_is_the_same_bytes(name: str) -> None:
    raw = (GOLDEN / f"municipal/{name}.v1.json").read_bytes()

    read = MUNICIPAL_EVENT.validate_json(raw)

    assert type(read) is MUNICIPAL[name]
    assert MUNICIPAL_EVENT.dump_json(read) == raw


def test_a_golden_file_that_exists_is_never_written_again(tmp_path: Path) -> None:
    (tmp_path / "Kept.v1.json").write_bytes(b"kept")

    written = write_missing(tmp_path, {"Kept.v1.json": b"changed", "municipal/New.v1.json": b"new"})

    assert written == ["municipal/New.v1.json"]
    assert (tmp_path / "Kept.v1.json").read_bytes() == b"kept"
    assert (tmp_path / "municipal/New.v1.json").read_bytes() == b"new"


# What is refused, and in which words


@pytest.mark.parametrize("name", NAMES)
def test_a_field_too_many_is_refused_without_naming_it(name: str) -> None:
    envelope = opened(name)
    envelope["data"][ANYTHING_BUT_THIS] = ANYTHING_BUT_THIS

    with pytest.raises(MalformedEvent, match="a field too many") as refusal:
        Recorded.from_bytes(as_bytes(envelope))

    assert "Testperson" not in str(refusal.value)


@pytest.mark.parametrize(("name", "field"), REQUIRED)
def test_a_missing_field_is_refused(name: str, field: str) -> None:
    envelope = opened(name)
    del envelope["data"][field]

    with pytest.raises(MalformedEvent, match=rf"wrong or missing {field}$"):
        Recorded.from_bytes(as_bytes(envelope))


@pytest.mark.parametrize(("name", "field"), FIELDS)
def test_no_field_takes_a_name_and_no_refusal_repeats_it(name: str, field: str) -> None:
    envelope = opened(name)
    envelope["data"][field] = ANYTHING_BUT_THIS

    with pytest.raises(MalformedEvent, match=rf"wrong or missing {field}$") as refusal:
        Recorded.from_bytes(as_bytes(envelope))

    assert "Testperson" not in str(refusal.value)
    assert refusal.value.__cause__ is None


@pytest.mark.parametrize("name", sorted(MUNICIPAL))
def test_what_leaves_the_house_has_exactly_its_fields_and_none_takes_a_name(name: str) -> None:
    sent = json.loads((GOLDEN / f"municipal/{name}.v1.json").read_bytes())
    short = [{key: value for key, value in sent.items() if key != field} for field in sent]
    spoilt = [{**sent, field: ANYTHING_BUT_THIS} for field in [*sent, "note"] if field != "kind"]

    for wrong in [*short, *spoilt, {**sent, "kind": "gossip"}]:
        with pytest.raises(ValidationError) as refusal:
            MUNICIPAL_EVENT.validate_python(wrong)
        assert "Testperson" not in str(refusal.value)


@pytest.mark.parametrize("attributes", [{ANYTHING_BUT_THIS: 1}, {"destination": ANYTHING_BUT_THIS}])
def test_a_noted_fact_takes_no_name_among_its_attributes(attributes: dict[str, Any]) -> None:
    envelope = opened("FactNoted")
    envelope["data"]["attributes"] = attributes

    with pytest.raises(MalformedEvent, match=r"wrong or missing attributes$"):
        Recorded.from_bytes(as_bytes(envelope))


@pytest.mark.parametrize("field", [field.name for field in fields(Recorded)])
def test_an_envelope_without_one_of_its_fields_is_refused(field: str) -> None:
    envelope = opened("WomanAdmitted")
    del envelope[field]

    with pytest.raises(MalformedEvent, match=rf"wrong or missing {field}$"):
        Recorded.from_bytes(as_bytes(envelope))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"Testperson Alfa",
        b'"Testperson Alfa"',
        b'["Testperson Alfa"]',
        b'{"Testperson Alfa": 1',
        b"\xffTestperson Alfa",
        as_bytes({**opened("DayPassed"), "Testperson Alfa": 1}),
        as_bytes({**opened("DayPassed"), "data": "Testperson Alfa"}),
        as_bytes({**opened("DayPassed"), "recorded_at": "2024-07-01T06:30:15"}),
    ],
)
def test_bytes_that_are_no_recorded_event_are_refused_and_not_repeated(raw: bytes) -> None:
    with pytest.raises(MalformedEvent) as refusal:
        Recorded.from_bytes(raw)

    assert "Testperson" not in str(refusal.value)


@pytest.mark.parametrize("name", NAMES)
def test_a_version_from_the_future_or_before_the_first_is_unknown(name: str) -> None:
    for version in (KNOWN[name].version + 1, 0):
        with pytest.raises(UnknownEvent, match=f"{name} is known here up to version"):
            Recorded.from_bytes(as_bytes({**opened(name), "version": version}))


def test_a_name_nobody_knows_is_unknown_and_not_repeated() -> None:
    with pytest.raises(UnknownEvent) as refusal:
        Recorded.from_bytes(as_bytes({**opened("DayPassed"), "type": "TestpersonAlfa"}))

    assert "Testperson" not in str(refusal.value)


@pytest.mark.parametrize(
    "written",
    [
        "2024-01-03T00:00:00",
        "2024-01-03T00:00:00+01:00",
        "2024-01-03 ",
        "03-01-2024",
        "2024-02-30",
        "1704240000",
        1704240000,
        0,
        1.5,
        None,
        True,
        datetime(2024, 1, 3, tzinfo=UTC),
    ],
)
def test_a_day_is_refused_when_it_is_written_as_an_instant_or_a_number(written: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Day).validate_python(written)


@pytest.mark.parametrize("written", ["2024-01-03", date(2024, 1, 3)])
def test_a_day_is_a_day(written: object) -> None:
    assert TypeAdapter(Day).validate_python(written) == date(2024, 1, 3)


@pytest.mark.parametrize("name", NAMES)
def test_no_event_takes_an_instant_for_its_business_date(name: str) -> None:
    envelope = opened(name)
    envelope["data"]["occurred_on"] = "2024-01-03T00:00:00"

    with pytest.raises(MalformedEvent, match=r"wrong or missing occurred_on$"):
        Recorded.from_bytes(as_bytes(envelope))


# The registry and its versions


def test_two_events_of_one_name_are_refused(throw_away: dict[str, type[Event]]) -> None:
    taken = throw_away["WomanAdmitted"]

    with pytest.raises(DuplicateEvent, match="WomanAdmitted"):
        type("WomanAdmitted", (StayEvent,), {"__module__": __name__, "owner": "nobody"})

    assert throw_away["WomanAdmitted"] is taken


@pytest.mark.parametrize("upcasters", [{}, {1: dict}, {2: dict}])
def test_an_event_that_cannot_be_read_from_every_earlier_version_is_refused(
    throw_away: dict[str, type[Event]], upcasters: dict[int, Upcaster]
) -> None:
    shape = {"__module__": __name__, "__annotations__": {}, "owner": "nobody", "version": 3, "upcasters": upcasters}

    with pytest.raises(TypeError, match="cannot be read from"):
        type("RoomPainted", (StayEvent,), shape)

    assert "RoomPainted" not in throw_away


def test_an_old_version_is_lifted_step_by_step_to_todays(throw_away: dict[str, type[Event]]) -> None:
    # given an event whose shape changed twice: hours became minutes, then a place was asked for
    class RoomAired(StayEvent):
        owner = "nobody"
        version = 3
        upcasters: ClassVar[dict[int, Upcaster]] = {
            1: lambda old: {**{k: v for k, v in old.items() if k != "hours"}, "minutes": old["hours"] * 60},
            2: lambda old: {**old, "place": "home"},
        }

        minutes: int
        place: Literal["home", "shelter"]

    first = opened("NeedsClarified")
    first.update(type="RoomAired", version=1)
    first["data"]["hours"] = 2

    # when
    read = Recorded.from_bytes(as_bytes(first))

    # then
    stay = UUID(first["data"]["stay_id"])
    assert read.event == RoomAired(occurred_on=date(2024, 2, 29), stay_id=stay, minutes=120, place="home")
    assert read.version == 3
    assert Recorded.from_bytes(read.to_bytes()) == read
    assert read_event("RoomAired", 2, read.event.model_dump(exclude={"place"})) == read.event


# CloudEvents


@pytest.mark.parametrize("name", NAMES)
def test_the_headers_are_a_complete_cloudevent(name: str) -> None:
    event = Recorded.from_bytes(golden(name))

    headers = cloudevent_headers(event)

    assert headers["ce-specversion"] == "1.0"
    assert headers["ce-id"] == str(event.id)
    assert headers["ce-source"] == f"/havn/{KNOWN[name].owner}"
    assert headers["ce-type"] == f"dk.havn.{KNOWN[name].owner}.{name}.v{KNOWN[name].version}"
    assert headers["ce-subject"] == str(event.case_id)
    assert headers["ce-datacontenttype"] == "application/json"
    assert headers["ce-traceparent"] == event.traceparent
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})", headers["ce-time"])
    assert datetime.fromisoformat(headers["ce-time"]) == event.recorded_at
    assert all(value.isascii() and value.isprintable() for value in headers.values())


def test_an_event_that_belongs_to_no_trace_has_no_trace_header() -> None:
    event = replace(recorded(EXAMPLES[0]), traceparent=None)

    assert "ce-traceparent" not in cloudevent_headers(event)


def test_every_type_is_one_event_with_a_version_in_reverse_dns() -> None:
    types = [cloudevent_headers(recorded(event))["ce-type"] for event in EXAMPLES]
    types += [municipal_type(event) for event in MUNICIPAL_EXAMPLES]

    assert [name for name in types if not re.fullmatch(r"dk\.havn\.[a-z-]+\.[A-Z][A-Za-z]+\.v[1-9][0-9]*", name)] == []
    assert len(set(types)) == len(types)


# No free text


def free_text(model: type[BaseModel]) -> list[str]:
    """The fields that take any text: a string, a key or a value that no pattern, format or closed list holds."""
    schema = model.model_json_schema()
    return sorted({name for name, shape in schema["properties"].items() if any(_loose(shape))})


def _loose(shape: dict[str, Any]) -> Iterator[bool]:
    inner = [*shape.get("anyOf", ()), *shape.get("patternProperties", {}).values()]
    match shape:
        case {"enum": _} | {"const": _} | {"format": "uuid" | "date"} | {"type": "integer" | "boolean" | "null"}:
            yield False
        case {"type": "string", "pattern": str(pattern)}:
            anchored = pattern.startswith("^") and pattern.endswith("$")
            yield not anchored or re.fullmatch(pattern, ANYTHING_BUT_THIS) is not None
        case _ if inner:
            for each in inner:
                yield from _loose(each)
        case _:
            yield True


@pytest.mark.parametrize("event", [*KNOWN.values(), *MUNICIPAL_TYPES], ids=lambda event: event.__name__)
def test_no_event_has_room_for_free_text(event: type[BaseModel]) -> None:
    assert [field for field in free_text(event) if field not in CITATIONS] == []


def test_only_an_opened_obligation_cites_its_source() -> None:
    citing = [name for name, event in KNOWN.items() if set(event.model_fields) & set(CITATIONS)]

    assert citing == ["ObligationOpened"]
    assert free_text(KNOWN["ObligationOpened"]) == sorted(CITATIONS)


def test_the_search_for_free_text_finds_it() -> None:
    class Talkative(BaseModel):
        plain: str
        maybe: str | None
        short: Annotated[str, Field(max_length=5)]
        anything: Annotated[str, Field(pattern=r"^.*$")]
        unanchored: Annotated[str, Field(pattern=r"[a-z]")]
        many: list[str]
        keys: dict[str, int]
        values: dict[Annotated[str, Field(pattern=r"^[a-z]+$")], str]
        whatever: Any
        coded: Annotated[str, Field(pattern=r"^[a-z]+$")]
        chosen: Literal["a", "b"] | None
        when: Day | None
        who: UUID

    assert set(Talkative.model_fields) - set(free_text(Talkative)) == {"coded", "chosen", "when", "who"}
