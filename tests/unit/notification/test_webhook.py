"""How long a failing endpoint is tried, and where a delivery may go."""

import asyncio
import socket
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any
from uuid import UUID

import httpx
import pytest

from havn_chassis.decider import Refused
from havn_chassis.testing import given
from havn_events.notification import WebhookRegistered, WebhookSuspended
from notification.domain.webhook import WEBHOOK, Patience, RegisterWebhook, SuspendWebhook, next_try
from notification.endpoint import Endpoint, check, shake_hands

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
NAMES: dict[str, Any] = {"registration_id": UUID(int=1), "occurred_on": NOW.date(), "municipality": "0461"}
REGISTERED, SUSPENDED = WebhookRegistered(**NAMES), WebhookSuspended(**NAMES)


@pytest.mark.parametrize(("failures", "longest"), [(1, 5), (2, 10), (3, 20), (10, 2560), (11, 3600), (9999, 3600)])
def test_waits_double_up_to_an_hour_and_are_spread_over_their_upper_half(failures: int, longest: int) -> None:
    assert next_try(Patience(), failures, NOW, NOW, 0.0) == NOW + longest / 2 * SECOND
    assert next_try(Patience(), failures, NOW, NOW, 0.5) == NOW + longest * 0.75 * SECOND


def test_the_last_try_comes_when_the_day_is_over_and_none_after_it() -> None:
    day = timedelta(days=1)
    assert next_try(Patience(), 40, NOW - day + SECOND, NOW, 0.0) == NOW + SECOND
    assert next_try(Patience(), 40, NOW - day, NOW, 0.0) is None
    assert next_try(Patience(), 40, NOW - day - SECOND, NOW, 0.0) is None


def test_a_registration_is_suspended_once() -> None:
    given(WEBHOOK).when(RegisterWebhook(**NAMES)).then([REGISTERED])
    given(WEBHOOK).when(SuspendWebhook(**NAMES)).then_nothing()
    given(WEBHOOK, [REGISTERED]).when(SuspendWebhook(**NAMES)).then([SUSPENDED])
    given(WEBHOOK, [REGISTERED, SUSPENDED]).when(SuspendWebhook(**NAMES)).then_nothing()


@pytest.mark.parametrize(
    "address",
    [
        *("10.0.0.1", "172.16.0.1", "192.168.1.1", "127.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1"),
        *("::1", "fe80::1", "fc00::1", "::ffff:192.168.1.1", "2002:a00:1::", "64:ff9b::a00:1", "ff02::1", "fec0::1", "::a00:1"),
    ],
)
def test_an_address_that_is_not_public_is_refused_though_another_one_is(address: str) -> None:
    url = httpx.URL("https://a.example/")
    with pytest.raises(Refused, match="webhook-address-not-public"):
        check(url, [ip_address("93.184.216.34"), ip_address(address)], private_allowed=False)
    check(url, [ip_address(address)], private_allowed=True)


def test_http_is_for_the_machine_itself_alone() -> None:
    url = httpx.URL("http://a.example/")
    check(url, [ip_address("127.0.0.1"), ip_address("::1")], private_allowed=True)
    for addresses in (["93.184.216.34"], ["10.0.0.1"], ["127.0.0.1", "10.0.0.1"]):
        with pytest.raises(Refused, match="webhook-url-not-https"):
            check(url, [ip_address(address) for address in addresses], private_allowed=True)
    check(httpx.URL("https://a.example/"), [ip_address("2a00:1450::1"), ip_address("93.184.216.34")], private_allowed=False)


def test_a_name_that_is_not_found_is_refused_as_one_inside_is() -> None:
    class Unknown(Endpoint):
        """Asks no name server."""

        async def request(self, *_: object, **__: object) -> tuple[int, httpx.Headers]:
            raise socket.gaierror(socket.EAI_NONAME, "not known")

    async def register() -> None:
        async with Unknown("https://nowhere.invalid/", private_allowed=False, seconds=1.0) as endpoint:
            await shake_hands(endpoint)

    with pytest.raises(Refused) as inside:
        check(httpx.URL("https://intranet.invalid/"), [ip_address("10.0.0.1")], private_allowed=False)
    with pytest.raises(Refused) as nowhere:
        asyncio.run(register())
    assert vars(nowhere.value) == vars(inside.value)
