"""Who may talk to whom, by the network policies: nobody that need not, and everybody that must."""

from tests.contract.manifests import SERVICES, Manifest, containers, labels, of_kind, selects, title, workloads

NOT_PUBLIC = "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.168.0.0/16 224.0.0.0/3"
PUBLIC = ({"cidr": "0.0.0.0/0", "except": NOT_PUBLIC.split()}, {"cidr": "2000::/3"})
NAMESPACE = "kubernetes.io/metadata.name"


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
