"""Eight callers in a process of their own: ``python -m tests.benchmarks.client PORT TOKEN COUNT`` prints admissions a second."""

import http.client
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

CLIENTS = 8


def admission() -> dict[str, object]:
    """One admission of an invented woman."""
    return {
        "occurred_on": "2024-03-01",
        "stay_id": str(uuid4()),
        "person_id": str(uuid4()),
        "home_municipality": "0157",
        "anonymous": False,
    }


def post(connection: http.client.HTTPConnection, token: str) -> None:
    """One admission over a connection that stays open; it must be accepted."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Idempotency-Key": str(uuid4())}
    connection.request("POST", "/stays", json.dumps(admission()), headers)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 201:
        raise RuntimeError(body.decode())


def _client(port: int, token: str, count: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for _ in range(count):
        post(connection, token)
    connection.close()


def main(port: int, token: str, count: int) -> float:
    """Admissions a second, of ``count`` that eight callers share."""
    share = count // CLIENTS
    begun = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        for done in [pool.submit(_client, port, token, share) for _ in range(CLIENTS)]:
            done.result()
    return share * CLIENTS / (time.perf_counter() - begun)


if __name__ == "__main__":
    sys.stdout.write(f"{main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))}\n")
