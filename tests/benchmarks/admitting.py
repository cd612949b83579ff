"""Admissions over HTTP: intake beside a bare route."""

import subprocess
import sys

from havn_embedded.stack import DEMO_SHELTER
from tests.benchmarks.figures import Outcome, figure, side_by_side
from tests.benchmarks.rig import Rig
from tests.conftest import ROOT


def measure(rig: Rig) -> Outcome:
    """Timed: POST /stays of eight clients in another process on the running intake, which publishes at the same time.

    Each has its token checked, its key kept, its event and views committed before it is answered. Floor: a bare FastAPI route
    that inserts and commits one row.
    """
    token = rig.issuer.token("shelter", "benchmark", shelter=str(DEMO_SHELTER))
    each_round = rig.some(2000)

    def admissions_a_second(port: int) -> float:
        command = [sys.executable, "-m", "tests.benchmarks.client", str(port), token, str(each_round)]
        done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, timeout=120)
        return float(done.stdout)

    with (
        rig.database() as database,
        rig.fresh_nats() as server,
        rig.process("intake", database, server.url) as intake,
        rig.process("tests.benchmarks.bare_route", database, server.url) as bare,
    ):
        pairs = side_by_side(rig.rounds, lambda: admissions_a_second(intake.port), lambda: admissions_a_second(bare.port))
    return Outcome((figure("admission over HTTP, 8 clients", "bare route", "requests/s", pairs, 0.4),))
