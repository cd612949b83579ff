"""Every invariant of the manifests holds, and each is shown to find something in a manifest that was broken on purpose."""

import re
from collections.abc import Callable

import pytest
import yaml
from tests.contract.invariants import (
    containers_without_resources,
    dangling_references,
    images_that_can_change,
    incomplete_environments,
    namespaces_without_restricted_pod_security,
    nats_nodes_that_disagree,
    not_in_the_published_schema,
    scalers_that_look_elsewhere,
    secrets_in_the_open,
    services_that_are_cut_off,
    services_that_can_stand_alone,
    services_unlike_the_others,
    unprobed_containers,
    unrestricted_pods,
    workloads_in_one_zone,
    workloads_without_a_disruption_budget,
)
from tests.contract.manifests import (
    KUBERNETES,
    MODULES,
    NAME,
    ROOT,
    SERVICES,
    Manifest,
    named,
    of_kind,
    pod,
    rendered,
    secret_references,
    title,
    workloads,
)
from tests.contract.network import flows_nobody_needs_or_nobody_gets, policies_that_do_nothing

Check = Callable[[list[Manifest]], list[str]]
Break = Callable[[list[Manifest]], object]
OVERLAYS = ("staging", "production")


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
