"""What a municipality's credential opens, and what it does not: a real server, real feeds, and a client that keeps no rules.

Every attempt is also made with the platform's own password on a server that may be spoilt, and works there: so each of them is a
real one, and it is the accounts that stop it.
"""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import nats as nats_client
import pytest

from havn_events.municipalities import MUNICIPALITIES
from havn_nats.accounts import MAX_CONNECTIONS, MAX_PAYLOAD_BYTES, acknowledge_subject, inbox_prefix, next_subject
from havn_nats.credentials import Credential
from tests.component.nats.conftest import MESSAGES, Harbour
from tests.component.nats.lines import Lines
from tests.processes import PATIENCE_SECONDS, eventually
from tests.unit.cli.command import answer

ODENSE, GENTOFTE = "0461", "0157"
# The attempts of the platform's own spoil their server from first to last, so they belong together.
pytestmark = pytest.mark.xdist_group("tenants")

CODES = list(MUNICIPALITIES)
NEIGHBOUR = dict(zip(CODES, [*CODES[1:], CODES[0]], strict=True))
ONE_NOW = b'{"batch":1,"no_wait":true}'


@dataclass(frozen=True)
class Attempt:
    """Something said on a subject. Its harm is that it is answered, or what ``harm`` says."""

    subject: str
    payload: bytes = b""
    harm: Literal["answered", "heard by the platform", "a message confirmed"] = "answered"


def consumer(stream: str = "FEED", action: str = "", **config: Any) -> bytes:
    """A request to make or change a consumer."""
    settings = {"ack_policy": "explicit", "deliver_policy": "all", "replay_policy": "instant", **config}
    return json.dumps({"stream_name": stream, "config": settings, "action": action}).encode()


def attempts(own: str, other: str) -> list[Attempt]:
    """All that ``own`` may try against ``other`` and the platform; the last ones spoil what the first ones need."""
    api, theirs = "$JS.API", f"m{other}"
    feed = f"havn.feed.{theirs}"
    changed: dict[str, Any] = {"durable_name": theirs, "filter_subject": feed, "max_deliver": 1}
    return [
        # Others' messages, and everything at once; and others' messages confirmed.
        Attempt(f"{api}.CONSUMER.MSG.NEXT.FEED.{theirs}", ONE_NOW),
        Attempt(f"{api}.CONSUMER.MSG.NEXT.FEED.everything", ONE_NOW),
        Attempt(f"{api}.CONSUMER.MSG.NEXT.INTAKE.orchestrator-0", ONE_NOW),
        Attempt(f"$JS.ACK.FEED.{theirs}.1.{CODES.index(other) + 1}.1.1.0", b"+ACK", "a message confirmed"),
        Attempt("$JS.ACK.INTAKE.orchestrator-0.1.1.1.1.0", b"+ACK", "a message confirmed"),
        Attempt(f"{api}.DIRECT.GET.SPARE", b'{"seq":1}'),
        Attempt(f"{api}.DIRECT.GET.SPARE.spare.one"),
        Attempt(f"{api}.STREAM.MSG.GET.FEED", b'{"seq":1}'),
        Attempt(f"{api}.STREAM.MSG.GET.INTAKE", b'{"seq":1}'),
        Attempt(f"{api}.STREAM.SNAPSHOT.SPARE", json.dumps({"deliver_subject": f"{inbox_prefix(own)}.copy"}).encode()),
        # Consumers of one's own making, and others' made into something else.
        Attempt(f"{api}.CONSUMER.CREATE.FEED", consumer()),
        Attempt(f"{api}.CONSUMER.CREATE.FEED.spy", consumer(name="spy")),
        Attempt(f"{api}.CONSUMER.CREATE.FEED.spy2.{feed}", consumer(name="spy2", filter_subject=feed)),
        Attempt(f"{api}.CONSUMER.CREATE.INTAKE.spy", consumer("INTAKE", name="spy")),
        Attempt(f"{api}.CONSUMER.CREATE.FEED.push", consumer(name="push", deliver_subject=f"{inbox_prefix(own)}.stolen")),
        Attempt(f"{api}.CONSUMER.DURABLE.CREATE.FEED.spy3", consumer(durable_name="spy3")),
        Attempt(f"{api}.CONSUMER.CREATE.FEED.{theirs}.{feed}", consumer(action="update", **changed)),
        Attempt(f"{api}.CONSUMER.DURABLE.CREATE.FEED.{theirs}", consumer(**changed | {"max_deliver": 2})),
        Attempt(
            f"{api}.CONSUMER.CREATE.FEED.m{own}.{feed}", consumer(action="update", durable_name=f"m{own}", filter_subject=feed)
        ),
        Attempt(f"{api}.CONSUMER.PAUSE.FEED.{theirs}", b'{"pause_until":"2100-01-01T00:00:00Z"}'),
        # Asking what there is.
        Attempt(f"{api}.INFO"),
        Attempt(f"{api}.STREAM.NAMES"),
        Attempt(f"{api}.STREAM.LIST"),
        Attempt(f"{api}.STREAM.INFO.FEED"),
        Attempt(f"{api}.STREAM.INFO.INTAKE"),
        Attempt(f"{api}.CONSUMER.NAMES.FEED"),
        Attempt(f"{api}.CONSUMER.LIST.FEED"),
        Attempt(f"{api}.CONSUMER.INFO.FEED.{theirs}"),
        Attempt(f"{api}.CONSUMER.INFO.FEED.m{own}"),
        # Speaking as the platform, and as another municipality.
        Attempt(feed, b"forged"),
        Attempt(f"havn.feed.m{own}", b"forged"),
        Attempt("havn.event.intake.0.WomanAdmitted", b"forged"),
        Attempt("havn.log.intake.0", b'{"after":0,"limit":1}', "heard by the platform"),
        Attempt(acknowledge_subject(other), b'{"notice_id":"5e1f0000-0000-4000-8000-000000000157"}', "heard by the platform"),
        Attempt(f"{inbox_prefix(other)}.answer", b"forged", "heard by the platform"),
        # Streams made, changed and emptied.
        Attempt(f"{api}.STREAM.CREATE.LOOT", b'{"name":"LOOT","subjects":["loot.>"]}'),
        Attempt(f"{api}.STREAM.UPDATE.SPARE", b'{"name":"SPARE","subjects":["spare.>"],"max_msgs":1,"storage":"file"}'),
        Attempt(f"{api}.STREAM.MSG.DELETE.SPARE", json.dumps({"seq": MESSAGES}).encode()),
        Attempt(f"{api}.CONSUMER.DELETE.FEED.{theirs}"),
        Attempt(f"{api}.STREAM.PURGE.FEED"),
        Attempt(f"{api}.STREAM.PURGE.INTAKE"),
        Attempt(f"{api}.STREAM.DELETE.SPARE"),
    ]


def eavesdropping(other: str) -> list[str]:
    """Subjects on which a municipality may want to listen."""
    return [
        ">", "*", "*.>", "havn.>", "havn.event.>", "havn.event.intake.0.WomanAdmitted", "havn.feed.>", f"havn.feed.m{other}",
        "havn.acknowledge.*", acknowledge_subject(other), "havn.log.>", "_INBOX.>", "_INBOX_*.>", f"{inbox_prefix(other)}.>",
        "_R_.>", "$JS.>", "$JS.API.>", "$JS.ACK.>", f"$JS.ACK.FEED.m{other}.>", "$JS.EVENT.ADVISORY.>", "$SYS.>",
    ]  # fmt: skip


# What each may not


def test_every_municipalitys_every_attempt_is_refused_and_changes_nothing(harbour: Harbour) -> None:
    before = harbour.state()
    with harbour.platform() as listener:
        for subject in ("havn.>", "_INBOX_*.>", "loot.>"):
            listener.subscribe(subject)
        listener.flush()
        for own, other in NEIGHBOUR.items():
            with harbour.municipality(own) as thief:
                tried = attempts(own, other)
                for attempt in tried:
                    thief.publish(attempt.subject, attempt.payload, f"{inbox_prefix(own)}.answer")
                thief.flush()
                assert {attempt.subject for attempt in tried} - thief.refused() == set(), own
                assert thief.messages == []
        assert listener.flush().messages == []
    assert harbour.state() == before


@pytest.mark.parametrize("attempt", attempts(ODENSE, GENTOFTE), ids=lambda attempt: attempt.subject)
def test_each_attempt_is_a_real_one_the_platform_can_do_it(spoilt: Harbour, attempt: Attempt) -> None:
    with spoilt.platform() as platform:
        match attempt.harm:
            case "heard by the platform":
                sid = platform.subscribe(attempt.subject)
                platform.publish(attempt.subject, attempt.payload)
                assert platform.await_message(sid).payload == attempt.payload
            case "a message confirmed":
                _, _, stream, consumer, *_ = attempt.subject.split(".")
                given = platform.request(f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}", ONE_NOW)
                assert given.reply.startswith(f"$JS.ACK.{stream}.{consumer}."), given
                before = spoilt.unconfirmed(stream, consumer)

                def confirmed() -> bool:
                    platform.publish(given.reply, attempt.payload)
                    platform.flush()
                    return spoilt.unconfirmed(stream, consumer) < before

                eventually(confirmed)
            case "answered":
                done = platform.request(attempt.subject, attempt.payload)
                assert done.good, (done.header, done.payload)


def test_every_municipality_against_every_others_feed_confirmations_and_inbox(harbour: Harbour) -> None:
    before = harbour.state()
    for own in CODES:
        said, asked = [], []
        for other in CODES:
            if other != own:
                said += [next_subject(other), f"$JS.ACK.FEED.m{other}.1.1.1.1.0", acknowledge_subject(other), f"havn.feed.m{other}"]
                asked += [f"havn.feed.m{other}", f"{inbox_prefix(other)}.>"]
        with harbour.municipality(own) as thief:
            thief.publish_all(said)
            for subject in asked:
                thief.subscribe(subject)
            thief.flush()
            assert thief.refused() == {*said, *asked}
    assert harbour.state() == before


def test_nobody_listens_to_what_is_not_his(harbour: Harbour) -> None:
    for own, other in NEIGHBOUR.items():
        with harbour.municipality(own) as thief:
            for subject in eavesdropping(other):
                thief.subscribe(subject)
                thief.subscribe(subject, queue="notification")
            assert thief.flush().refused() == set(eavesdropping(other)), own


@pytest.mark.parametrize("subject", eavesdropping(GENTOFTE))
def test_the_platform_may_listen_to_each_of_these(harbour: Harbour, subject: str) -> None:
    with harbour.platform() as platform:
        platform.subscribe(subject)
        assert platform.flush().refused() == set()


# Replies that are to land elsewhere

ELSEWHERE = (
    f"havn.feed.m{GENTOFTE}",
    "havn.event.intake.0.WomanAdmitted",
    "spare.injected",
    f"{inbox_prefix(GENTOFTE)}.answer",
    acknowledge_subject(GENTOFTE),
    "havn.log.intake.0",
    "$JS.API.STREAM.PURGE.FEED",
    "$JS.API.STREAM.DELETE.SPARE",
    f"$JS.API.CONSUMER.MSG.NEXT.FEED.m{GENTOFTE}",
)
NOT_EVEN_SAID = f"$JS.ACK.FEED.m{GENTOFTE}.1.1.1.1.0"
"""A reply subject that the server takes from nobody who may not publish there."""


def inject(client: Lines, own: str, inbox: str) -> None:
    """Everything that a municipality may say, with each other subject as the place to answer to; then wait until it is done."""
    for reply in (*ELSEWHERE, NOT_EVEN_SAID):
        client.publish(next_subject(own), ONE_NOW, reply)
        client.publish(next_subject(own), b'{"batch":1,"expires":1000000}', reply)
        client.publish(f"$JS.ACK.FEED.m{own}.1.1.1.1.0", b"+ACK", reply)
        client.publish(f"$JS.ACK.FEED.m{own}.1.2.2.1.0", b"+NXT", reply)
        client.publish(acknowledge_subject(own), b"{}", reply)
    client.request(next_subject(own), ONE_NOW, inbox)


def test_an_answer_lands_in_ones_own_account_only(harbour: Harbour) -> None:
    before = harbour.state()
    with harbour.platform() as platform:
        heard = platform.subscribe(acknowledge_subject(ODENSE))
        platform.subscribe("havn.feed.>")
        platform.subscribe("spare.>")
        platform.subscribe("_INBOX_*.>")
        platform.flush()
        with harbour.municipality(ODENSE) as thief:
            inject(thief, ODENSE, f"{inbox_prefix(ODENSE)}.answer")
            for _ in ELSEWHERE:
                asked = platform.await_message(heard)
                assert asked.reply.startswith("_R_.")
                platform.publish(asked.reply, b"forged")
            platform.flush()
            assert platform.messages == []
            assert thief.flush().messages == []
            assert {error.partition("Publish with ")[2] for error in thief.errors} == {f"Reply of \"{NOT_EVEN_SAID}\"'"}
    after = harbour.state()
    own = f"FEED/m{ODENSE}"
    assert before.pop(own)[0] == after.pop(own)[0]
    assert after == before


def test_without_an_account_of_its_own_the_answer_would_land_there(expendable: Harbour) -> None:
    with expendable.platform() as platform:
        feeds = platform.subscribe("havn.feed.>")
        platform.publish(next_subject("0851"), ONE_NOW, f"havn.feed.m{GENTOFTE}")
        assert platform.await_message(feeds).payload.startswith(b'{"for": "0851"')


def test_a_trace_of_ones_message_is_sent_nowhere(harbour: Harbour) -> None:
    before = harbour.state()
    with harbour.municipality(ODENSE) as thief:
        for elsewhere in ELSEWHERE:
            thief.publish(acknowledge_subject(ODENSE), b"{}", Nats_Trace_Dest=elsewhere)
            thief.publish(next_subject(ODENSE), ONE_NOW, f"{inbox_prefix(ODENSE)}.answer", Nats_Trace_Dest=elsewhere)
        assert thief.flush().refused() == set(ELSEWHERE)
    assert harbour.state() == before


def test_the_platforms_trace_goes_where_it_says(expendable: Harbour) -> None:
    with expendable.platform() as platform:
        sid = platform.subscribe("spare.traced")
        platform.publish("nowhere", Nats_Trace_Dest="spare.traced")
        assert b'"acc":"HUB"' in platform.await_message(sid).payload


def test_anothers_message_is_not_taken_by_a_name_that_only_looks_like_ones_own(harbour: Harbour) -> None:
    with harbour.municipality(GENTOFTE) as victim, harbour.municipality(ODENSE) as thief:
        waiting = victim.request(next_subject(GENTOFTE), ONE_NOW, f"{inbox_prefix(GENTOFTE)}.answer")
        before = harbour.state()
        message = waiting.reply.removeprefix("$JS.ACK.")
        for name in (message, f"{message}.x", f"_.x.{message}", f"_.{message}", f"a.b.{message}"):
            for what in (b"+ACK", b"+TERM", b"-NAK", b"+WPI", b"+NXT"):
                thief.publish(f"$JS.ACK.FEED.m{ODENSE}.{name}", what)
        assert thief.flush().errors == []
        thief.request(next_subject(ODENSE), ONE_NOW, f"{inbox_prefix(ODENSE)}.answer")
        after = harbour.state()
        assert before.pop(f"FEED/m{ODENSE}")[0] == after.pop(f"FEED/m{ODENSE}")[0]
        assert after == before

        # Its own municipality takes it, and that is seen.
        victim.request(waiting.reply, b"+ACK", f"{inbox_prefix(GENTOFTE)}.answer")
        assert harbour.state()[f"FEED/m{GENTOFTE}"] != before[f"FEED/m{GENTOFTE}"]


# What each may


def follow(harbour: Harbour, code: str, *, take: int) -> list[Any]:
    """The next messages of a municipality's feed, read and acknowledged with the official client."""

    async def read() -> list[Any]:
        connection = await nats_client.connect(
            harbour.server.address,
            nkeys_seed_str=harbour.credentials[code].seed,
            inbox_prefix=inbox_prefix(code).encode(),
            allow_reconnect=False,
        )
        try:
            feed = await connection.jetstream().pull_subscribe_bind(f"m{code}", "FEED")
            messages = await feed.fetch(take, timeout=PATIENCE_SECONDS)
            for message in messages:
                await message.ack_sync()
            return [json.loads(message.data) for message in messages]
        finally:
            await connection.close()

    return asyncio.run(read())


@pytest.mark.parametrize("code", ["0101", "0147", "0860"])
def test_a_municipality_reads_its_own_feed_and_goes_on_where_it_was(harbour: Harbour, code: str) -> None:
    before = harbour.state()
    assert follow(harbour, code, take=2) == [{"for": code, "number": number} for number in (0, 1)]
    assert follow(harbour, code, take=MESSAGES) == [{"for": code, "number": number} for number in range(2, MESSAGES)]
    with harbour.municipality(code) as reader:
        assert not reader.request(next_subject(code), ONE_NOW, f"{inbox_prefix(code)}.answer").good
    after = harbour.state()
    own = f"FEED/m{code}"
    assert after.pop(own)[3][0] == 0
    before.pop(own)
    assert after == before


def test_who_confirms_is_told_by_the_subject_and_gets_the_answer(harbour: Harbour) -> None:
    with harbour.platform() as platform, harbour.municipality(ODENSE) as odense:
        sid = platform.subscribe("havn.acknowledge.*")
        platform.flush()
        inbox = odense.subscribe(f"{inbox_prefix(ODENSE)}.answer")
        odense.publish(acknowledge_subject(ODENSE), b"{}", f"{inbox_prefix(ODENSE)}.answer")
        asked = platform.await_message(sid)
        platform.publish(asked.reply, b"heard")
        assert asked.subject == acknowledge_subject(ODENSE)
        assert odense.await_message(inbox).payload == b"heard"


def test_one_municipality_cannot_crowd_out_the_others(expendable: Harbour) -> None:
    held = [expendable.municipality("0101") for _ in range(MAX_CONNECTIONS)]
    for each in held:
        each.flush()
    with expendable.municipality("0101") as beyond:
        beyond.await_end()
        assert beyond.errors == ["-ERR 'maximum account active connections exceeded'"]
    expendable.municipality(ODENSE).flush().close()
    held[0].publish(acknowledge_subject("0101"), bytes(MAX_PAYLOAD_BYTES))
    held[0].flush()
    held[0].publish(acknowledge_subject("0101"), bytes(MAX_PAYLOAD_BYTES + 1))
    held[0].await_end()
    assert held[0].errors == ["-ERR 'Maximum Payload Violation'"]
    for each in held:
        each.close()


# Granted, replaced, withdrawn


def havn(harbour: Harbour, command: str, code: str, *more: str) -> Any:
    return answer("municipality", command, code, "--folder", str(harbour.server.folder), *more)


def is_refused(port: int, seed: str) -> bool:
    """Whether the server turns this credential away."""
    with Lines(port, seed=seed) as stranger:
        try:
            stranger.flush()
        except ConnectionError:
            return stranger.errors == ["-ERR 'Authorization Violation'"]
        return False


def test_whoever_is_revoked_is_out_at_once_and_cannot_come_back_and_nobody_else_notices(expendable: Harbour) -> None:
    port, seed = expendable.server.port, expendable.credentials["0665"].seed
    with expendable.municipality("0665") as out, expendable.municipality("0671") as stays, expendable.platform() as platform:
        for each in (out, stays, platform):
            each.flush()
        assert havn(expendable, "revoke", "0665") == {"municipality": "0665", "server_told": True}
        out.await_end()
        assert is_refused(port, seed)
        assert stays.request(next_subject("0671"), ONE_NOW, f"{inbox_prefix('0671')}.answer").good
        platform.flush()
    assert not is_refused(port, expendable.credentials["0671"].seed)


def test_a_replaced_credential_ends_and_the_new_one_goes_on_where_the_old_one_was(expendable: Harbour, tmp_path: Path) -> None:
    assert follow(expendable, "0706", take=2)[-1] == {"for": "0706", "number": 1}
    old = expendable.credentials["0706"]
    with expendable.municipality("0706") as out:
        out.flush()
        seed_file = tmp_path / "seed"
        told = havn(expendable, "rotate", "0706", "--seed-file", str(seed_file))
        out.await_end()
    assert "seed" not in told
    assert seed_file.stat().st_mode & 0o777 == 0o600
    expendable.credentials["0706"] = Credential(seed_file.read_text().strip(), told["public_key"])
    assert is_refused(expendable.server.port, old.seed)
    assert follow(expendable, "0706", take=1) == [{"for": "0706", "number": 2}]


def test_whoever_was_granted_nothing_is_nobody(expendable: Harbour) -> None:
    stranger = Credential.fresh()
    assert is_refused(expendable.server.port, stranger.seed)
    old = expendable.credentials["0707"].seed
    havn(expendable, "revoke", "0707")
    eventually(lambda: is_refused(expendable.server.port, old))
    seed = havn(expendable, "grant", "0707")["seed"]
    eventually(lambda: not is_refused(expendable.server.port, seed))
    assert is_refused(expendable.server.port, old)


def test_no_seed_is_kept_beside_the_server(harbour: Harbour) -> None:
    kept = b"".join(file.read_bytes() for file in harbour.server.folder.rglob("*") if file.is_file())
    assert all(credential.public.encode() in kept for credential in harbour.credentials.values())
    assert [code for code, credential in harbour.credentials.items() if credential.seed.encode() in kept] == []
