"""What ``deploy/k8s`` renders to, and how to read it."""

import copy
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

Manifest = dict[str, Any]

ROOT = Path(__file__).parents[2]
KUBERNETES = ROOT / "deploy" / "k8s"
MODULES = {
    "intake": "intake",
    "notification": "notification",
    "psychology": "psychology",
    "coordinating-advice": "coordinating_advice",
    "aftercare": "aftercare",
    "orchestrator": "orchestrator",
}
SERVICES = tuple(MODULES)
NAME = "app.kubernetes.io/name"


@cache
def _rendered_once(overlay: str) -> list[Manifest]:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl renders the manifests and is not installed here (Debian: kubernetes-client)")
    done = subprocess.run(
        [kubectl, "kustomize", str(KUBERNETES / "overlays" / overlay)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return [manifest for manifest in yaml.safe_load_all(done.stdout) if manifest]


def rendered(overlay: str) -> list[Manifest]:
    """The overlay's manifests, to be read or broken at will."""
    return copy.deepcopy(_rendered_once(overlay))


def of_kind(manifests: list[Manifest], *kinds: str) -> Iterator[Manifest]:
    return (manifest for manifest in manifests if manifest["kind"] in kinds)


def title(manifest: Manifest) -> str:
    return f"{manifest['kind']}/{manifest['metadata']['name']}"


def named(manifests: list[Manifest], kind: str, name: str) -> Manifest:
    return next(manifest for manifest in of_kind(manifests, kind) if manifest["metadata"]["name"] == name)


def workloads(manifests: list[Manifest]) -> Iterator[Manifest]:
    return of_kind(manifests, "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")


def pod(workload: Manifest) -> Manifest:
    spec: Manifest = workload["spec"]["template"]["spec"]
    return spec


def containers(workload: Manifest) -> Iterator[Manifest]:
    yield from pod(workload).get("initContainers", [])
    yield from pod(workload)["containers"]


def labels(workload: Manifest) -> dict[str, str]:
    found: dict[str, str] = workload["spec"]["template"]["metadata"]["labels"]
    return found


def selects(selector: Manifest, of: dict[str, str]) -> bool:
    """Kubernetes' label selector; an empty one selects everything."""
    return all(of.get(key) == value for key, value in selector.get("matchLabels", {}).items()) and all(
        rule["operator"] == "In" and of.get(rule["key"]) in rule["values"] for rule in selector.get("matchExpressions", [])
    )


def environment(container: Manifest) -> dict[str, Any]:
    return {entry["name"]: entry.get("value", entry.get("valueFrom")) for entry in container.get("env", [])}


def without_hash(value: Any) -> Any:
    """A reference to a generated ConfigMap, by the name it has in the sources."""
    if not isinstance(value, dict) or "configMapKeyRef" not in value:
        return value
    reference = value["configMapKeyRef"]
    return {"configMapKeyRef": {**reference, "name": reference["name"].rsplit("-", 1)[0]}}


def strings(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for value in node.values():
            yield from strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from strings(value)
    elif isinstance(node, str):
        yield node


def secret_references(manifests: list[Manifest]) -> set[tuple[str, str | None]]:
    """Secrets by name and key; the key is None where a whole Secret is mounted."""
    found: set[tuple[str, str | None]] = set()
    for workload in workloads(manifests):
        for container in containers(workload):
            for entry in container.get("env", []):
                reference = entry.get("valueFrom", {}).get("secretKeyRef")
                if reference:
                    found.add((reference["name"], reference["key"]))
        for volume in pod(workload).get("volumes", []):
            if "secret" in volume:
                found.add((volume["secret"]["secretName"], None))
            for source in volume.get("projected", {}).get("sources", []):
                found |= {(source["secret"]["name"], item["key"]) for item in source.get("secret", {}).get("items", [])}
    return found


def stream(service: str) -> str:
    return service.upper().replace("-", "_")
