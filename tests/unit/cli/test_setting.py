"""`havn standards setting`: what a shelter has in HAVN_SHELTERS, from its standard's file to intake's desk."""

import json
from datetime import date
from pathlib import Path
from typing import Any, get_args
from uuid import UUID

import pytest

from havn_embedded.stack import DEMO_SHELTERS
from havn_events.codes import ComplaintAbout, ComplaintRoute
from havn_events.orchestrator import ObligationOpened
from havn_standards import Rulebook, StandardInvalid
from havn_standards.rule import About, ComplaintRoutes
from intake.domain.complaint import ComplaintTerm, route_of
from intake.shelters import Shelter, Shelters
from orchestrator.domain.case import CASE, Opening, TakeFact
from orchestrator.domain.fact import Fact
from orchestrator.main import compose
from tests.unit.cli.command import answer, complaint
from tests.unit.cli.test_standards import OLD_TOWN

SHELTER = UUID(int=1)
FOUR_WEEKS = ComplaintTerm(4, "weeks")
LEADER = {"conditions": "leader", "case-handling": "leader"}


def desk(*asked: str) -> dict[str, Any]:
    """What intake makes of the printed entry: may she be anonymous to her municipality, and where can each complaint be taken?"""
    shelter = Shelters.from_environment({"HAVN_SHELTERS": json.dumps({str(SHELTER): answer("standards", "setting", *asked)})})
    setting = shelter.of(SHELTER)
    abouts: tuple[ComplaintAbout, ...] = get_args(ComplaintAbout)
    routes = {about: route_of(about, setting.complaint_routes) for about in abouts}
    terms = {about: setting.term_of(about) for about in abouts}
    anonymous = setting.anonymous_to_home_municipality
    return {"standard": setting.standard, "municipality": setting.municipality, "anonymous": anonymous, "terms": terms} | routes


@pytest.mark.parametrize(
    ("standard", "anonymous", "leader_is_followed_by"),
    [
        ("serviceloven", True, LEADER),
        ("odense", True, LEADER),
        ("hellerup", True, LEADER),
        ("lokk", True, LEADER),
        ("kobenhavn", False, {"conditions": "centre-for-adults-and-families", "case-handling": "ombudsman"}),
    ],
)
def test_every_standards_word_reaches_the_desk(standard: str, anonymous: bool, leader_is_followed_by: dict[str, str]) -> None:
    assert desk(standard, "--municipality", "0101") == {
        "standard": standard,
        "municipality": "0101",
        "anonymous": anonymous,
        "refusal": "ankestyrelsen",
        "discharge": "ankestyrelsen",
        "expulsion": "none",
        "terms": {**dict.fromkeys(("refusal", "discharge", "expulsion"), FOUR_WEEKS), "conditions": None, "case-handling": None},
        **leader_is_followed_by,
    }


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A shelter's own file that says more than the rules."""
    file = tmp_path / "own.toml"
    said = 'anonymous_to_home_municipality = false\ncomplaint_routes = { conditions = "ombudsman" }\n'
    header = f'document = "Gammelbys standard"\n{said}'
    file.write_text(OLD_TOWN.replace('document = "Gammelbys standard"\n', header, 1).replace("[[rules]]", f"{TERMS}[[rules]]", 1))
    return file


TERMS = """
[complaint_terms.refusal]
within = { months = 2 }
source = { document = "Gammelbys standard", section = "7", basis = "standard" }
[complaint_terms.conditions]
within = { days = 20 }
source = { document = "Gammelbys standard", section = "8", basis = "standard" }
"""


def test_a_shelters_own_file_needs_no_code(own: Path) -> None:
    told = desk("gammelby", "--file", str(own))

    assert (told["anonymous"], told["conditions"], told["case-handling"]) == (False, "ombudsman", "leader")
    assert {about: term for about, term in told["terms"].items() if term} == {
        "refusal": ComplaintTerm(2, "months"),
        "conditions": ComplaintTerm(20, "days"),
    }


def test_where_a_term_is_said_is_told_with_it(own: Path) -> None:
    terms = answer("standards", "setting", "gammelby", "--file", str(own))["complaint_terms"]

    assert terms["refusal"] == {"months": 2, "document": "Gammelbys standard", "section": "7", "basis": "standard"}


def test_an_unlisted_shelter_has_the_word_of_the_national_standard() -> None:
    """The file that intake carries is what the command prints."""
    printed = Shelter.model_validate(answer("standards", "setting", "serviceloven"))

    assert Shelters({}).of(SHELTER).model_dump() == printed.model_dump()


def test_the_demonstrations_shelter_has_the_word_of_its_standard() -> None:
    printed = answer("standards", "setting", "hellerup", "--municipality", "0157")

    assert list(json.loads(DEMO_SHELTERS).values()) == [printed]


def test_a_standard_takes_its_parents_words_and_puts_its_own_in_their_place(own: Path, tmp_path: Path) -> None:
    child = tmp_path / "child.toml"
    term = 'within = { weeks = 3 }\nsource = { document = "Nybys standard", section = "1", basis = "standard" }\n'
    header = 'parent = "gammelby"\ncomplaint_routes = { case-handling = "ombudsman" }\n'
    header += f"[complaint_terms.refusal]\n{term}[complaint_terms.expulsion]\n{term}[[rules]]"
    child.write_text(OLD_TOWN.replace('id = "gammelby"', 'id = "nyby"').replace("[[rules]]", header, 1))
    told = desk("nyby", "--file", str(own), "--file", str(child))

    assert (told["anonymous"], told["conditions"], told["case-handling"]) == (False, "ombudsman", "ombudsman")
    assert told["terms"] == {
        "refusal": ComplaintTerm(3, "weeks"),
        "discharge": None,
        "expulsion": ComplaintTerm(3, "weeks"),
        "conditions": ComplaintTerm(20, "days"),
        "case-handling": None,
    }


def test_whom_a_standard_may_name_the_events_can_tell() -> None:
    abouts, routes = (set(get_args(part)) for part in get_args(ComplaintRoutes))

    assert abouts < set(get_args(ComplaintAbout))
    assert routes < set(get_args(ComplaintRoute))
    assert set(get_args(About)) == set(get_args(ComplaintAbout))


@pytest.mark.parametrize("line", ['complaint_routes = { expulsion = "ombudsman" }', 'complaint_routes = { conditions = "mayor" }'])
def test_a_word_that_is_not_known_is_a_fault_of_the_file(line: str, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(OLD_TOWN.replace("[[rules]]", f"{line}\n[[rules]]", 1))

    assert complaint("standards", "check", str(file)).startswith("own.toml: complaint_routes.")


def test_a_municipality_that_does_not_exist_is_refused() -> None:
    assert "No Danish municipality" in complaint("standards", "setting", "odense", "--municipality", "0411")


def test_the_orchestrator_keeps_a_stay_under_a_shelters_own_file(own: Path) -> None:
    book = compose({"HAVN_STANDARD_FILES": str(own)}).settings["rulebook"]
    assert isinstance(book, Rulebook)
    standard = desk("gammelby", "--file", str(own))["standard"]
    fact = Fact("WomanAdmitted", UUID(int=2), date(2021, 3, 1), UUID(int=3), attributes={"anonymous": False})
    events = CASE.decide(TakeFact(UUID(int=4), fact, Opening(standard, SHELTER, "0461"), book, date(2021, 3, 1)), CASE.initial)

    opened = [(event.rule, event.due) for event in events if isinstance(event, ObligationOpened)]
    assert opened == [("welcome", date(2021, 3, 2))]


def test_the_orchestrator_does_not_start_with_a_file_that_is_wrong(own: Path) -> None:
    own.write_text(own.read_text().replace("days = 1", "days = 0").replace('"NeedsClarified"', '"Welcomed"'))

    with pytest.raises(StandardInvalid, match=r"own.toml: rule welcome: due.days: is 1 or more\nown.toml: rule welcome: met_by"):
        compose({"HAVN_STANDARD_FILES": str(own)})
