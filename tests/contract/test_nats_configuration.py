"""The server configuration in ``deploy/nats``, loaded by a real ``nats-server``."""

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import nats
import nats.errors
import nats.js.errors
import pytest
from cryptography import x509
from nats.aio.client import Client
from nats.js.api import AckPolicy, ConsumerConfig, StreamConfig
from tests.certificates import issue_certificates
from tests.processes import PATIENCE_SECONDS

from havn_embedded.servers import free_port
from havn_nats.accounts import accounts, inbox_prefix
from havn_nats.credentials import Credentials

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "nats"
SERVER = Path(sys.executable).with_name("nats-server")
ODENSE = "0461"
USER, PASSWORD = "platform", "invented-Password_1"

UNANSWERED = (
    nats.errors.TimeoutError,
    nats.errors.NoRespondersError,
    nats.js.errors.NoStreamResponseError,
    nats.js.errors.ServiceUnavailableError,
)

T = TypeVar("T")


@dataclass(frozen=True)
class Node:
    """A running server that was started here; ``ports`` is what it wrote about where it listens."""

    name: str
    process: subprocess.Popen[bytes]
    ports: dict[str, list[str]]

    @property
    def client_url(self) -> str:
        return self.ports["nats"][0]

    def monitor(self, path: str) -> dict[str, Any]:
        loopback = next(url for url in self.ports["monitoring"] if url.startswith("http://127.0.0.1:"))
        with urllib.request.urlopen(f"{loopback}{path}", timeout=PATIENCE_SECONDS) as response:
            body: dict[str, Any] = json.load(response)
        return body


def variables(store: Path, name: str, **more: str) -> dict[str, str]:
    return {
        "HAVN_NATS_SERVER_NAME": name,
        "HAVN_NATS_PORT": "-1",
        "HAVN_NATS_MONITOR_PORT": "-1",
        "HAVN_NATS_STORE_DIR": str(store),
        "HAVN_NATS_USER": USER,
        "HAVN_NATS_PASSWORD": PASSWORD,
    } | more


def cluster_variables(certificates: Path, host: str, port: int, routes: list[str]) -> dict[str, str]:
    return {
        "HAVN_NATS_HOST": host,
        "HAVN_NATS_CLUSTER_PORT": str(port),
        "HAVN_NATS_ROUTES": json.dumps(routes),
        "HAVN_NATS_TLS_CERT": str(certificates / "tls.crt"),
        "HAVN_NATS_TLS_KEY": str(certificates / "tls.key"),
        "HAVN_NATS_TLS_CA": str(certificates / "ca.crt"),
    }


def check(configuration: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SERVER, "-t", "-c", configuration], env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS
    )


def eventually(what: str, probe: Callable[[], T | None], seconds: float = PATIENCE_SECONDS) -> T:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        result = probe()
        if result is not None:
            return result
        time.sleep(0.1)
    raise AssertionError(f"{what} within {seconds} s")


@contextmanager
def server(configuration: Path, folder: Path, environment: dict[str, str]) -> Iterator[Node]:
    """Start a server on ports of its own choosing and make sure that the one which answers is this one."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "nats.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [SERVER, "-c", configuration, "--ports_file_dir", folder], env=environment, stdout=output, stderr=output
        )
    try:

        def ports() -> dict[str, list[str]] | None:
            assert process.poll() is None, log.read_text()
            file = folder / f"nats-server_{process.pid}.ports"
            text = file.read_text() if file.exists() else ""
            return json.loads(text) if text.endswith("}") else None

        node = Node(environment["HAVN_NATS_SERVER_NAME"], process, eventually("the server listens", ports))
        assert node.monitor("/varz")["server_name"] == node.name
        yield node
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped files and the accounts that are written beside them."""
    folder = tmp_path_factory.mktemp("configuration")
    for file in CONFIGURATION.glob("*.conf"):
        shutil.copy(file, folder)
    Credentials(folder).grant(ODENSE, folder / "seed")
    return folder


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory, configuration: Path) -> Iterator[Node]:
    folder = tmp_path_factory.mktemp("single")
    name = f"single-{os.getpid()}"
    with server(configuration / "nats.conf", folder, variables(folder / "store", name)) as node:
        yield node


async def connect(url: str, **options: Any) -> Client:
    return await nats.connect(
        url, **({"user": USER, "password": PASSWORD, "allow_reconnect": False, "connect_timeout": 5} | options)
    )


def introduce(url: str, credentials: dict[str, str]) -> str:
    """Open a plain connection, say who one is, and return what the server says to that: nothing, if it hangs up."""
    address = urlsplit(url)
    with (
        socket.create_connection((address.hostname, address.port), timeout=PATIENCE_SECONDS) as connection,
        connection.makefile("rwb") as lines,
    ):
        assert lines.readline().startswith(b"INFO ")
        lines.write(b"CONNECT " + json.dumps({"verbose": False, **credentials}).encode() + b"\r\nPING\r\n")
        lines.flush()
        try:
            return lines.readline().decode().strip()
        except ConnectionResetError:
            return ""


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return issue_certificates(tmp_path_factory.mktemp("tls") / "certificates", x509.IPAddress(ip_address("127.0.0.1")))


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory, configuration: Path, certificates: Path) -> Iterator[list[Node]]:
    folder = tmp_path_factory.mktemp("cluster")
    ports = [free_port() for _ in range(3)]
    routes = [f"nats://127.0.0.1:{port}" for port in ports]
    with ExitStack() as running:
        nodes = [
            running.enter_context(
                server(
                    configuration / "cluster.conf",
                    folder / str(number),
                    variables(folder / str(number) / "store", f"nats-{number}-{os.getpid()}")
                    | cluster_variables(certificates, "127.0.0.1", port, routes),
                )
            )
            for number, port in enumerate(ports)
        ]

        eventually("three nodes with one leader and two followers", lambda: agreed_leader(nodes))
        yield nodes


def agreed_leader(nodes: list[Node]) -> str | None:
    """The leader of the cluster, once every node names it and it has heard from every other."""
    views = {node.name: node.monitor("/jsz").get("meta_cluster", {}) for node in nodes}
    leaders = {view.get("leader") for view in views.values()}
    leader = leaders.pop() if len(leaders) == 1 else None
    followers = views[leader].get("replicas", []) if leader in views else []
    settled = len(followers) == len(nodes) - 1 and all(each["current"] and not each.get("offline") for each in followers)
    return leader if settled else None


async def insist(act: Callable[[], Awaitable[T]]) -> T:
    """Do it again while the cluster has no leader to answer, for as long as a test waits."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return await act()
        except UNANSWERED:
            if time.monotonic() > end:
                raise
            await asyncio.sleep(0.2)


def names_in(configuration: str) -> set[str]:
    return set(re.findall(r"\$(HAVN_NATS_\w+)", configuration))


# One server


def test_the_server_accepts_both_files(configuration: Path, tmp_path: Path, certificates: Path) -> None:
    one = variables(tmp_path, "one")
    many = one | cluster_variables(certificates, "127.0.0.1", 6222, ["nats://127.0.0.1:6222"])

    assert check(configuration / "nats.conf", one).returncode == 0
    assert check(configuration / "cluster.conf", many).returncode == 0


@pytest.mark.parametrize("name", sorted(variables(Path(), "")))
def test_a_missing_variable_stops_the_server(name: str, configuration: Path, tmp_path: Path) -> None:
    environment = variables(tmp_path, "one")
    del environment[name]

    refused = check(configuration / "nats.conf", environment)

    assert refused.returncode != 0
    assert name in refused.stdout + refused.stderr


def test_the_readme_names_exactly_the_variables_the_files_use() -> None:
    used = names_in(accounts({})).union(*(names_in(file.read_text()) for file in CONFIGURATION.glob("*.conf")))
    documented = set(re.findall(r"HAVN_NATS_\w+", (CONFIGURATION / "README.md").read_text()))

    assert documented == used


def test_the_kustomization_publishes_every_configuration_file() -> None:
    published = set(re.findall(r"- (\S+\.conf)$", (CONFIGURATION / "kustomization.yaml").read_text(), re.MULTILINE))

    assert published == {file.name for file in CONFIGURATION.glob("*.conf")}


@pytest.mark.parametrize(
    "credentials",
    [{"user": USER, "pass": "wrong"}, {"user": "someone-else", "pass": PASSWORD}, {}],
    ids=["wrong password", "unknown user", "no credentials"],
)
def test_whoever_is_not_the_platform_is_refused(single: Node, credentials: dict[str, str]) -> None:
    assert introduce(single.client_url, {"user": USER, "pass": PASSWORD}) == "PONG"
    assert introduce(single.client_url, credentials) == "-ERR 'Authorization Violation'"


def test_the_platform_stores_messages_in_its_own_account(single: Node) -> None:
    async def publish() -> int:
        client = await connect(single.client_url)
        stream = client.jetstream()
        await stream.add_stream(StreamConfig(name="STORED", subjects=["stored.>"]))
        acknowledged = await stream.publish("stored.one", b"1", stream="STORED")
        await client.close()
        return acknowledged.seq

    assert asyncio.run(publish()) == 1

    accounts = single.monitor("/jsz?streams=true&accounts=true")["account_details"]
    assert {account["name"]: [stream["name"] for stream in account["stream_detail"]] for account in accounts} == {
        "HUB": ["STORED"]
    }


def test_acknowledged_messages_are_on_disk(single: Node, configuration: Path, tmp_path: Path) -> None:
    text = (configuration / "nats.conf").read_text()
    Credentials(tmp_path).configure()
    relaxed = tmp_path / "relaxed.conf"
    relaxed.write_text(text.replace("sync_interval: always", "sync_interval: 2m"))

    assert single.monitor("/jsz?config=true")["config"]["sync_always"] is True
    with server(relaxed, tmp_path / "relaxed", variables(tmp_path / "store", f"relaxed-{os.getpid()}")) as canary:
        assert canary.monitor("/jsz?config=true")["config"].get("sync_always", False) is False


def test_one_machine_is_reachable_from_itself_only(single: Node) -> None:
    assert set(single.ports) == {"nats", "monitoring"}
    assert all("//127.0.0.1:" in url for urls in single.ports.values() for url in urls)


def test_no_other_protocol_is_open(single: Node) -> None:
    described = single.monitor("/varz")

    assert {name: described.get(name, {}).get("port") for name in ("mqtt", "websocket", "leaf", "gateway")} == {
        "mqtt": None,
        "websocket": None,
        "leaf": None,
        "gateway": None,
    }


def test_a_message_is_at_most_one_megabyte(single: Node) -> None:
    async def publish(size: int) -> None:
        client = await connect(single.client_url)
        try:
            await client.publish("anything", bytes(size))
            await client.flush()
        finally:
            await client.close()

    asyncio.run(publish(1024 * 1024))
    with pytest.raises(nats.errors.MaxPayloadError):
        asyncio.run(publish(1024 * 1024 + 1))


def test_the_platform_user_is_not_in_the_system_account(single: Node) -> None:
    async def ask() -> None:
        client = await connect(single.client_url)
        try:
            await client.request("$SYS.REQ.SERVER.PING", timeout=PATIENCE_SECONDS)
        finally:
            await client.close()

    assert single.monitor("/accountz")["system_account"] == "SYS"
    with pytest.raises(nats.errors.NoRespondersError):
        asyncio.run(ask())


# Three servers


def test_nodes_and_clients_speak_tls_only(three: list[Node]) -> None:
    described = three[0].monitor("/varz")

    assert described["tls_required"] is True
    assert all(node.client_url.startswith("tls://") for node in three)
    assert (described["cluster"]["tls_required"], described["cluster"]["tls_verify"]) == (True, True)
    assert described["cluster"]["name"] == "havn"
    assert "connect_urls" not in described
    assert introduce(three[0].client_url, {"user": USER, "pass": PASSWORD}) == ""


def test_a_municipality_reads_its_feed_through_every_node(
    three: list[Node], configuration: Path, certificates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates / "ca.crt"))

    async def furnish() -> None:
        client = await connect(three[0].client_url)
        stream = client.jetstream(timeout=5)
        await insist(lambda: stream.add_stream(StreamConfig(name="FEED", subjects=["havn.feed.>"], num_replicas=3)))
        reader = ConsumerConfig(durable_name=f"m{ODENSE}", filter_subject=f"havn.feed.m{ODENSE}", ack_policy=AckPolicy.EXPLICIT)
        await insist(lambda: stream.add_consumer("FEED", reader))
        for number in range(len(three)):
            await insist(partial(stream.publish, f"havn.feed.m{ODENSE}", str(number).encode()))
        await client.close()

    async def read(url: str) -> bytes:
        client = await nats.connect(
            url, nkeys_seed=str(configuration / "seed"), inbox_prefix=inbox_prefix(ODENSE).encode(), allow_reconnect=False
        )
        feed = await client.jetstream().pull_subscribe_bind(f"m{ODENSE}", "FEED")
        [message] = await insist(lambda: feed.fetch(1, timeout=5))
        await message.ack_sync(timeout=PATIENCE_SECONDS)
        await client.close()
        return message.data

    asyncio.run(furnish())

    assert [asyncio.run(read(node.client_url)) for node in three] == [b"0", b"1", b"2"]


def test_writes_go_on_when_a_node_is_killed(three: list[Node], certificates: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates / "ca.crt"))
    nodes = {node.name: node for node in three}

    async def create(url: str) -> str:
        client = await connect(url)
        stream = StreamConfig(name="REPLICATED", subjects=["replicated.>"], num_replicas=3)
        info = await insist(lambda: client.jetstream(timeout=2).add_stream(stream))
        await client.close()
        assert info.cluster is not None
        assert info.cluster.leader is not None
        return info.cluster.leader

    async def write(url: str, numbers: range) -> list[int]:
        client = await connect(url)
        stream = client.jetstream(timeout=2)

        async def publish(number: int) -> int:
            once = {"Nats-Msg-Id": str(number)}
            return (await stream.publish("replicated.one", b"", stream="REPLICATED", headers=once)).seq

        written = [await insist(partial(publish, number)) for number in numbers]
        await client.close()
        return written

    leader = asyncio.run(create(three[0].client_url))
    survivor = next(node for name, node in nodes.items() if name != leader)
    assert asyncio.run(write(survivor.client_url, range(1, 11))) == list(range(1, 11))

    nodes[leader].process.send_signal(signal.SIGKILL)
    nodes[leader].process.wait()

    assert asyncio.run(write(survivor.client_url, range(11, 21))) == list(range(11, 21))
