"""`havn standards`: the list, the rules of one, and the faults of a file."""

from datetime import date
from pathlib import Path

import pytest

from havn_standards import Rulebook
from tests.unit.cli.command import answer, complaint, havn

ROOT = Path(__file__).parents[3]
PACKAGED = ROOT / "libs" / "standards" / "src" / "havn_standards" / "data"

NEXT_NATIONAL = (PACKAGED / "serviceloven.toml").read_text().replace('version = "2020"', 'version = "2021"')
OLD_TOWN = """
id = "gammelby"
version = "1"
title = "Gammelby"
document = "Gammelbys standard"
note = "Nobody's standard."
note_da = "Ingens standard."
in_force_from = 2020-01-01
in_force_to = 2021-12-31
[[rules]]
id = "welcome"
title_da = "Velkomst"
title_en = "Welcome"
opened_by = [{ fact = "WomanAdmitted", when = { anonymous_not = true } }]
per = "woman"
owed_by = "shelter"
owed_to = "woman"
due = { days = 1 }
met_by = [{ fact = "NeedsClarified" }, { fact = "RiskAssessed" }]
meets = "all"
missed_by = [{ fact = "WomanMovedOut", when = { stay_longer_than_days = 3 } }]
[rules.source]
document = "Gammelbys standard"
section = "1"
basis = "standard"
note = "An example."
note_da = "Et eksempel."
"""
NEW_TOWN = (
    OLD_TOWN.replace('version = "1"', 'version = "2"')
    .replace("in_force_from = 2020-01-01\nin_force_to = 2021-12-31", "in_force_from = 2022-01-01")
    .replace("days = 1", "working_days = 2")
)


@pytest.fixture
def town(tmp_path: Path) -> list[str]:
    """An invented standard in two versions, as options."""
    options: list[str] = []
    for name, content in (("old", OLD_TOWN), ("new", NEW_TOWN)):
        file = tmp_path / f"{name}.toml"
        file.write_text(content)
        options += ["--file", str(file)]
    return options


def test_every_standard_is_listed_with_its_versions() -> None:
    listed = {line["id"]: line for line in answer("standards", "list")}

    assert list(listed) == ["hellerup", "kobenhavn", "lokk", "odense", "serviceloven"]
    assert listed["odense"] == {
        "id": "odense",
        "title": "Krisecenter Odense",
        "parent": "serviceloven",
        "versions": [
            {
                "version": "2023-serviceloven-2020",
                "in_force_from": "2023-04-20",
                "in_force_to": "2025-04-19",
                "rules": len(Rulebook.load().standard("odense", date(2023, 4, 20)).rules),
            }
        ],
    }
    assert (listed["serviceloven"]["parent"], listed["lokk"]["versions"][0]["in_force_to"]) == (None, None)


def test_a_shelters_own_versions_are_listed_in_order(town: list[str]) -> None:
    (line,) = (line for line in answer("standards", "list", *town) if line["id"] == "gammelby")

    assert [(version["version"], version["in_force_from"], version["rules"]) for version in line["versions"]] == [
        ("1", "2020-01-01", 1),
        ("2", "2022-01-01", 1),
    ]


@pytest.mark.parametrize(
    ("asked", "version", "due"),
    [
        (["--on", "2021-12-31"], "1", {"days": 1}),
        (["--on", "2022-01-01"], "2", {"working_days": 2}),
        (["--version", "1"], "1", {"days": 1}),
        ([], "2", {"working_days": 2}),
    ],
)
def test_the_version_asked_for_is_shown_and_the_latest_otherwise(
    asked: list[str], version: str, due: dict[str, int], town: list[str]
) -> None:
    shown = answer("standards", "show", "gammelby", "--json", *asked, *town)

    assert (shown["version"], shown["rules"][0]["due"]) == (version, due)


def test_a_rule_is_shown_in_words(town: list[str]) -> None:
    shown = havn("standards", "show", "gammelby", *town).stdout

    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in shown.splitlines() if "│" in line]
    assert rows == [
        ["Danish", "Velkomst"],
        ["English", "Welcome"],
        ["opened by", "WomanAdmitted (anonymous is not true)"],
        ["for each", "woman"],
        ["owed", "shelter → woman"],
        ["term", "2 working days"],
        ["met by", "NeedsClarified and RiskAssessed"],
        ["missed by", "WomanMovedOut (stay_days is more than 3)"],
        ["reminder", "2 working days ahead"],
        ["if missed", "the leader is told"],
        ["document", "Gammelbys standard"],
        ["section", "1"],
        ["basis", "standard"],
        ["note", "An example."],
        ["in Danish", "Et eksempel."],
    ]
    assert shown.index("Ingens standard.\nNobody's standard.\n") < shown.index("│")
    assert "Gammelby: gammelby, version 2" in shown


@pytest.mark.parametrize(
    "row",
    [
        "2 weeks, counted from WomanMovedOut",
        "6 months; a window that ends as met",
        "the same day",
        "no day is set",
        "at least 240 and at most 600 minutes used",
        "TreatmentOffered or SessionHeld or TreatmentDeclined",
        "AdviceDeclined or AdviceEnded (ended_because is declined or other)",
        "§ 109, stk. 8",
        "statute",
        "home-municipality → child",
    ],
)
def test_the_national_rules_are_shown_too(row: str) -> None:
    assert row in havn("standards", "show", "odense").stdout


@pytest.mark.parametrize(
    ("standard", "row"),
    [
        ("odense", "own-citizens only"),
        ("odense", "the leader is not told"),
        ("odense", "Builds on serviceloven."),
        ("odense", "Anonymous to the home municipality, if she wishes: yes."),
        ("odense", "│ for each   │ complaint "),
        ("odense", "Complaints of refusal: in time up to 4 weeks after the decision was received."),
        ("odense", "2023-2025, 4.1 (standard)."),
        ("odense", "Complaints of expulsion: in time up to 4 weeks after the decision was received."),
        ("odense", "krisecentre 2023-2024, 8 (assumed)."),
        ("kobenhavn", "krisecentre 2023-2024, 8 (standard)."),
        ("kobenhavn", "Anonymous to the home municipality, if she wishes: no."),
        ("kobenhavn", "Above the leader for complaints of case-handling: ombudsman."),
        ("kobenhavn", "Above the leader for complaints of conditions: centre-for-adults-and-families."),
        ("hellerup", "on the last working day up to it"),
        ("hellerup", "after at least 3 visits and at least 3 months"),
    ],
)
def test_what_a_published_standard_says_beside_its_terms_is_shown(standard: str, row: str) -> None:
    assert row in havn("standards", "show", standard).stdout


ALL_IT_CAN_SAY = """
closing_days = [[12, 24], [6, 5]]
remind_working_days = 4
anonymous_to_home_municipality = false
complaint_routes = { conditions = "ombudsman" }
[complaint_terms.refusal]
within = { weeks = 6 }
source = { document = "Allebys standard", section = "9", basis = "assumed", note = "Six.", note_da = "Seks." }
[complaint_terms.case-handling]
within = { months = 1 }
source = { document = "Allebys standard", section = "9.1", basis = "standard" }
[[rules]]
id = "all"
title_da = "Alt"
title_en = "All"
opened_by = [{ fact = "WomanAdmitted" }]
per = "woman"
owed_by = "home-municipality"
owed_to = "woman"
due = { weeks = 2 }
due_from = "WomanMovedOut"
met_by = [{ fact = "AdviceStarted" }]
cancelled_by = [{ fact = "AdviceDeclined" }]
looks_back = true
last_day_meets = true
remind_working_days = 1
escalate_to_leader = true
shelter_advises_after = "own-citizens"
[rules.source]
document = "Allebys standard"
section = "1"
basis = "assumed"
note = "Our reading."
note_da = "Vores læsning."
[[rules]]
id = "window"
title_da = "Vindue"
title_en = "Window"
opened_by = [{ fact = "WomanMovedOut" }]
per = "child"
owed_by = "shelter"
owed_to = "child"
due = { months = 6 }
met_by = [{ fact = "AdviceEnded" }]
last_day_meets = true
escalate_to_leader = false
source = { document = "Allebys standard", section = "2", basis = "standard" }
[[rules]]
id = "aftercare-course"
title_da = "Forløb"
title_en = "Course"
opened_by = [{ fact = "AftercareStarted" }]
per = "woman"
owed_by = "shelter"
owed_to = "woman-and-children"
met_by = [{ fact = "AftercareEnded", when = { completed = true } }]
course = { visits = 1, lasts = { weeks = 6 } }
source = { document = "Allebys standard", section = "3", basis = "standard" }
"""


def test_all_that_a_standard_and_its_rules_can_say_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "all.toml"
    header = OLD_TOWN.split("[[rules]]")[0]
    file.write_text(header + ALL_IT_CAN_SAY)

    shown = havn("standards", "show", "gammelby", "--file", str(file)).stdout

    assert shown.replace("received. \n", "received. ").splitlines()[1:12] == [
        "Gammelbys standard",
        "In force from 2020-01-01 to 2021-12-31. 3 rules.",
        "Closed every year on 5 June, 24 December.",
        "Anonymous to the home municipality, if she wishes: no.",
        "Above the leader for complaints of conditions: ombudsman.",
        "Complaints of case-handling: in time up to 1 month after the decision was received. Allebys standard, 9.1 (standard).",
        "Complaints of refusal: in time up to 6 weeks after the decision was received. Allebys standard, 9 (assumed).",
        "Seks.",
        "Six.",
        "Ingens standard.",
        "Nobody's standard.",
    ]
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in shown.splitlines() if "│" in line]
    assert rows == [
        ["Danish", "Alt"],
        ["English", "All"],
        ["opened by", "WomanAdmitted"],
        ["for each", "woman"],
        ["owed", "home-municipality → woman"],
        ["term", "2 weeks, counted from WomanMovedOut; a window that ends as met"],
        ["met by", "AdviceStarted"],
        ["not owed", "after AdviceDeclined"],
        ["looks back", "what was noted before it was owed counts too"],
        ["reminder", "1 working day ahead"],
        ["if missed", "the leader is told"],
        ["advised", "after the move by the shelter's adviser: own-citizens only"],
        ["document", "Allebys standard"],
        ["section", "1"],
        ["basis", "assumed"],
        ["note", "Our reading."],
        ["in Danish", "Vores læsning."],
        ["Danish", "Vindue"],
        ["English", "Window"],
        ["opened by", "WomanMovedOut"],
        ["for each", "child"],
        ["owed", "shelter → child"],
        ["term", "6 months; a window that ends as met"],
        ["met by", "AdviceEnded"],
        ["reminder", "none"],
        ["if missed", "the leader is not told"],
        ["document", "Allebys standard"],
        ["section", "2"],
        ["basis", "standard"],
        ["Danish", "Forløb"],
        ["English", "Course"],
        ["opened by", "AftercareStarted"],
        ["for each", "woman"],
        ["owed", "shelter → woman-and-children"],
        ["term", "no day is set"],
        ["met by", "AftercareEnded (completed is true)"],
        ["if missed", "the leader is told"],
        ["completed", "after at least 1 visit and at least 6 weeks"],
        ["document", "Allebys standard"],
        ["section", "3"],
        ["basis", "standard"],
    ]


def test_every_rule_is_shown_once() -> None:
    titles = [line.strip() for line in havn("standards", "show", "odense").stdout.splitlines() if "│" not in line]

    rules = [rule.id for rule in Rulebook.load().standard("odense", date(2023, 4, 20)).rules]
    assert [title for title in titles if title in rules] == rules


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["secret-value"], "There is no standard with this id"),
        (["odense", "--version", "secret-value"], "There is no such version"),
        (["odense", "--on", "2023-04-19"], "came into force on 2023-04-20"),
        (["odense", "--on", "secret-value"], "not a day of the calendar"),
        (["odense", "--on", "2023-05-03", "--version", "secret-value"], "give one of them"),
    ],
)
def test_a_standard_that_cannot_be_shown(asked: list[str], told: str) -> None:
    said = complaint("standards", "show", *asked)

    assert told in said
    assert "secret-value" not in said


def test_a_sound_file_is_ok(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(OLD_TOWN)

    assert havn("standards", "check", str(file)).stdout == "ok\n"


@pytest.mark.parametrize("name", ["serviceloven", "odense", "kobenhavn", "hellerup", "lokk"])
def test_the_packaged_files_are_ok(name: str) -> None:
    assert havn("standards", "check", str(PACKAGED / f"{name}.toml")).stdout == "ok\n"


def test_every_fault_is_told_at_once_one_on_each_line(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(OLD_TOWN.replace("days = 1", "days = 0").replace('"NeedsClarified"', '"Welcomed"').replace('"Gammelby"', '""'))

    lines = complaint("standards", "check", str(file)).splitlines()

    assert [line.split(": ")[:3] for line in lines] == [
        ["own.toml", "title", "needs 1 or more characters"],
        ["own.toml", "rule welcome", "due.days"],
        ["own.toml", "rule welcome", "met_by[0].fact"],
    ]


def test_a_second_version_of_a_packaged_standard_must_not_overlap_it(tmp_path: Path) -> None:
    file = tmp_path / "serviceloven.toml"
    file.write_text(NEXT_NATIONAL)

    assert "in_force_from" in complaint("standards", "check", str(file))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert complaint("standards", "check", str(tmp_path / "none.toml")) == "none.toml: cannot be read: No such file or directory\n"
    assert "cannot be read" in complaint("standards", "check", str(PACKAGED / "none.toml"))


NEIGHBOUR = OLD_TOWN.replace('id = "gammelby"', 'id = "nyby"').replace("[[rules]]", 'parent = "gammelby"\n[[rules]]', 1)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({'"WomanAdmitted"': '"WomanAdmited"'}, "rule welcome: opened_by[0].fact: is not a known event type; WomanAdmitted is one"),
        ({"anonymous_not": "hidden"}, "rule welcome: opened_by[0].when: 'hidden' is not an attribute a condition may use"),
        ({"due = { days = 1 }": "due = { }"}, "rule welcome: due: needs exactly one unit: working_days, days, weeks, months or"),
        ({"due = { days = 1 }": "due = 1"}, "rule welcome: due: needs a table, such as { days = 3 }"),
        ({"due = { days = 1 }": 'due = { days = "1" }'}, "rule welcome: due.days: needs a whole number, without quotes"),
        ({'\n[rules.source]\ndocument = "Gammelbys standard"': "\n[rules.source]"}, "rule welcome: source.document: is missing"),
        ({'per = "woman"': 'per = "women"'}, "rule welcome: per: is one of: 'woman', 'child', 'complaint' or 'inquiry'"),
        ({'id = "welcome"': 'id = "Welcome"'}, "rule Welcome: id: is written in small letters a to z, digits and single hyphens"),
        ({'per = "woman"': 'per = "woman"\nmood = "good"'}, "rule welcome: mood: is no field of a standard"),
        ({'version = "1"': "version = 1"}, "version: needs a text in quotes"),
        ({'version = "1"': 'version = "v 1"'}, "version: is written in small letters a to z and digits"),
        ({'title = "Gammelby"': 'title = " Gammelby"'}, "title: is one line without blanks before or after it"),
        ({"2020-01-01": '"2020-01-01"'}, "in_force_from: needs a day, such as 2024-01-31, without quotes"),
        ({"[[rules]]": 'parent = "nyby"\n[[rules]]'}, "parent: names a standard that no readable file defines"),
        ({"[[rules]]": "remind_working_days = 61\n[[rules]]"}, "remind_working_days: is 60 or less"),
    ],
)
def test_a_fault_is_told_in_words_to_whoever_writes_the_file(changes: dict[str, str], line: str, tmp_path: Path) -> None:
    content = OLD_TOWN
    for good, bad in changes.items():
        assert good in content
        content = content.replace(good, bad, 1)
    file = tmp_path / "own.toml"
    file.write_text(content)

    (told,) = complaint("standards", "check", str(file)).splitlines()

    assert told.startswith(f"own.toml: {line}")


def test_files_that_need_each_other_are_checked_together(tmp_path: Path) -> None:
    parent, child = tmp_path / "parent.toml", tmp_path / "child.toml"
    parent.write_text(OLD_TOWN)
    child.write_text(NEIGHBOUR)

    assert "no readable file defines" in complaint("standards", "check", str(child))
    assert havn("standards", "check", str(child), str(parent)).stdout == "ok\n"


def test_a_circle_and_an_overlap_are_told_of_every_file_in_them(tmp_path: Path) -> None:
    files = {
        "one.toml": OLD_TOWN.replace("[[rules]]", 'parent = "nyby"\n[[rules]]', 1),
        "two.toml": NEIGHBOUR,
        "three.toml": NEIGHBOUR.replace('version = "1"', 'version = "2"').replace("2020-01-01", "2021-12-31", 1).replace(
            "2021-12-31\nin_force_to = 2021-12-31", "2021-12-31"
        ),
    }
    for name, content in files.items():
        (tmp_path / name).write_text(content)

    lines = complaint("standards", "check", *(str(tmp_path / name) for name in files)).splitlines()

    assert lines == [
        "three.toml: in_force_from: an earlier version of this standard is still in force then",
        "one.toml: parent: leads back to this standard itself",
        "two.toml: parent: leads back to this standard itself",
        "three.toml: parent: leads back to this standard itself",
    ]


def test_a_folder_is_not_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert complaint("standards", "check", ".") == ".: cannot be read: Is a directory\n"
