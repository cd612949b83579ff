"""Every import contract in ``.importlinter`` is broken on purpose, in a copy, and must say so: no contract is only decoration."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from configparser import ConfigParser
from dataclasses import dataclass
from itertools import permutations, product
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = ("intake", "notification", "psychology", "coordinating_advice", "aftercare", "orchestrator")
TOP = ("havn_embedded", "havn_cli")

Pair = tuple[str, str]


def configuration() -> ConfigParser:
    parser = ConfigParser()
    parser.read(ROOT / ".importlinter")
    return parser


def contracts() -> dict[str, str]:
    """Every contract's id and the name it is reported under."""
    parser = configuration()
    prefix = "importlinter:contract:"
    return {section.removeprefix(prefix): parser[section]["name"] for section in parser.sections() if section.startswith(prefix)}


def forbidden(contract: str) -> frozenset[Pair]:
    """Who may not import what, for each source and each target that the contract names."""
    section = configuration()[f"importlinter:contract:{contract}"]
    return frozenset(product(section["source_modules"].split(), section["forbidden_modules"].split()))


@dataclass(frozen=True)
class Canary:
    """Imports to plant, and the one contract that must notice each of them."""

    contract: str
    imports: frozenset[Pair]


CANARIES = {
    "sideways between services": Canary("floors", frozenset(permutations(SERVICES, 2))),
    "sideways on the ground floor": Canary("floors", frozenset({("havn_standards", "havn_events")})),
    "sideways on the top floor": Canary("floors", frozenset(permutations(TOP, 2))),
    "upward": Canary(
        "floors",
        frozenset(
            {
                *product(("havn_chassis",), (*SERVICES, *TOP)),
                *product(SERVICES, TOP),
                *product(("havn_standards",), ("havn_chassis", *SERVICES, *TOP)),
            }
        ),
    ),
    **{contract: Canary(contract, forbidden(contract)) for contract in ("rulebook", "command-line", "language", "pure-domain")},
}


@dataclass(frozen=True)
class Verdict:
    """What the linter reported: broken contracts by name, and each pair it objected to."""

    kept: frozenset[str]
    broken: frozenset[str]
    objections: frozenset[Pair]


def house(folder: Path) -> Path:
    """A copy of all packages side by side, with the contracts."""
    for package in configuration()["importlinter"]["root_packages"].split():
        (source,) = (found for place in ("libs", "services", "deploy") for found in (ROOT / place).glob(f"*/src/{package}"))
        shutil.copytree(source, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", folder)
    return folder


def plant(folder: Path, imports: Iterable[Pair]) -> None:
    """Add the imports: to the module itself, or as a module of their own in the package."""
    for importer, imported in sorted(imports):
        place = folder.joinpath(*importer.split("."))
        file = place / "canary.py" if place.is_dir() else place.with_suffix(".py")
        with file.open("a") as module:
            module.write(f"\nimport {imported}\n")


def lint(folder: Path) -> Verdict:
    """Run import-linter on a copy. The exit status must agree with what it says."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--config", folder / ".importlinter"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    said = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)
    verdict = Verdict(
        kept=frozenset(re.findall(r"^(.+) KEPT", said, re.MULTILINE)),
        broken=frozenset(re.findall(r"^(.+) BROKEN", said, re.MULTILINE)),
        objections=frozenset(re.findall(r"^(\S+) is not allowed to import (\S+):", said, re.MULTILINE)),
    )
    assert verdict.kept | verdict.broken == set(contracts().values()), said + done.stderr
    assert (done.returncode == 0) == (not verdict.broken), said
    return verdict


def test_every_contract_has_a_canary() -> None:
    assert {canary.contract for canary in CANARIES.values()} == set(contracts())


def test_every_package_of_the_house_is_under_contract() -> None:
    packages = {
        found.parent.name for place in ("libs", "services", "deploy") for found in ROOT.glob(f"{place}/*/src/*/__init__.py")
    }

    assert packages == set(configuration()["importlinter"]["root_packages"].split())


def test_every_domain_is_under_the_contract_of_purity() -> None:
    assert {importer for importer, _ in forbidden("pure-domain")} >= {f"{service}.domain" for service in SERVICES}


def test_the_house_as_it_is_keeps_every_contract(tmp_path: Path) -> None:
    assert lint(house(tmp_path)).broken == frozenset()


@pytest.mark.parametrize("name", CANARIES)
def test_a_forbidden_import_breaks_its_contract_and_no_other(name: str, tmp_path: Path) -> None:
    canary = CANARIES[name]
    plant(house(tmp_path), canary.imports)

    verdict = lint(tmp_path)

    assert verdict.broken == {contracts()[canary.contract]}
    assert verdict.objections == canary.imports
