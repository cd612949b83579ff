"""The orchestrator made again from nothing, beside the rate at which eventsourcing reads the same events; memory afterwards."""

from contextlib import ExitStack
from datetime import date
from time import perf_counter, sleep
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.domain import DomainEvent
from eventsourcing.persistence import DatetimeAsISO, JSONTranscoder, Mapper, Transcoding, UUIDAsHex
from eventsourcing.postgres import PostgresApplicationRecorder

from havn_chassis.store import Store
from havn_embedded.servers import Nats
from havn_embedded.stack import SERVICES
from havn_events import Recorded
from tests.benchmarks.figures import Memory, Outcome, figure, side_by_side
from tests.benchmarks.rig import Rig, fill_log, memory
from tests.benchmarks.stays import stay_events
from tests.processes import eventually

READ_AT_ONCE = 1000
SECONDS = 180.0
