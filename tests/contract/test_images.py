"""The images that the manifests run."""

import json
import re

import pytest
import yaml
from tests.contract.manifests import KUBERNETES, MODULES, ROOT, SERVICES, Manifest, named, pod


def instructions(service: str) -> list[tuple[str, str]]:
    text = (ROOT / "services" / service / "Dockerfile").read_text()
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def copied(service: str) -> list[str]:
    """What an image takes from the repository."""
    return [rest.split()[0] for word, rest in instructions(service) if word == "COPY" and not rest.startswith("--from=")]


def locked() -> set[str]:
    return {name.lower() for name in re.findall(r"^([\w.-]+)==", (ROOT / "services.lock").read_text(), re.MULTILINE)}


@pytest.mark.parametrize("service", SERVICES)
def test_the_image_holds_its_service_and_the_floors_below(service: str) -> None:
    floors = ["libs/events", "libs/chassis", *(["libs/standards"] if service == "orchestrator" else [])]

    assert copied(service) == ["services.lock", *floors, f"services/{service}"]
    assert [path for path in copied(service) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("service", SERVICES)
def test_the_image_installs_what_is_locked_and_nothing_else(service: str) -> None:
    installs = [rest for word, rest in instructions(service) if word == "RUN" and "pip install" in rest]
    local = " ".join(f"./{path}" for path in copied(service)[1:])

    assert installs == [
        "/opt/havn/bin/pip install --require-hashes -r services.lock",
        f"/opt/havn/bin/pip install --no-deps --no-build-isolation {local}",
    ]
    assert "hatchling" in locked()


@pytest.mark.parametrize("service", SERVICES)
def test_the_image_runs_its_module_as_the_user_of_the_pod(service: str) -> None:
    said = dict(instructions(service))
    security = pod(yaml_deployment(service))["securityContext"]

    assert json.loads(said["CMD"]) == ["python", "-m", MODULES[service]]
    assert (ROOT / "services" / service / "src" / MODULES[service] / "__main__.py").is_file()
    assert said["USER"] == f"{security['runAsUser']}:{security['runAsGroup']}"
    assert said["EXPOSE"] == "8080"


@pytest.mark.parametrize("service", SERVICES)
def test_the_image_carries_no_secret_and_names_no_registry(service: str) -> None:
    said = instructions(service)

    assert not any(word == "ARG" or re.search(r"SECRET|PASSWORD|TOKEN|://", rest) for word, rest in said)
    assert {rest.split()[0] for word, rest in said if word == "FROM"} == {"python:3.11-slim-bookworm"}


def yaml_deployment(service: str) -> Manifest:
    text = (KUBERNETES / "base" / "services" / f"{service}.yaml").read_text()
    return named(list(yaml.safe_load_all(text)), "Deployment", service)
