"""JetStream's streams, subjects and durables: what they are called and how they are made.

JetStream is a road that can be rebuilt: everything here may be lost at any moment and is made again from the event store.
"""

import asyncio
from collections.abc import Mapping
from uuid import UUID
from zlib import crc32

from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import BadRequestError, NotFoundError

FEED_STREAM = "FEED"
ACK_WAIT_SECONDS = 30.0
MAX_ACK_PENDING = 2000
KEEP_SECONDS = 30 * 24 * 3600.0


def stream_name(service: str) -> str:
    """The stream of a service's events, for example ``COORDINATING_ADVICE``."""
    return service.upper().replace("-", "_")


def subject(service: str, partition: int, event_type: str) -> str:
    """Where an event is published: ``havn.event.<service>.<partition>.<EventName>``."""
    return f"havn.event.{service}.{partition}.{event_type}"


def partition_subjects(service: str, partition: int) -> str:
    """All events of one partition."""
    return f"havn.event.{service}.{partition}.*"


def log_subject(service: str, partition: int) -> str:
    """Where a service answers what its log holds after a position."""
    return f"havn.log.{service}.{partition}"


def feed_subject(municipality: str) -> str:
    """The subject of one municipality's feed."""
    return f"havn.feed.m{municipality}"


def partition_of(case_id: UUID, partitions: int) -> int:
    """The partition of a case: the same in every service, so that a case's events stay in order."""
    return crc32(case_id.bytes) % partitions if partitions > 1 else 0


async def ensure_stream(js: JetStreamContext, name: str, subjects: list[str], replicas: int) -> None:
    """Make the stream unless it is there. Another configuration of that name is left alone: changing it is an operator's act."""
    config = StreamConfig(
        name=name,
        subjects=subjects,
        retention=RetentionPolicy.LIMITS,
        discard=DiscardPolicy.OLD,
        storage=StorageType.FILE,
        num_replicas=replicas,
        max_age=KEEP_SECONDS,
        duplicate_window=120.0,
        deny_delete=True,
        allow_direct=False,
    )
    try:
        await js.stream_info(name)
    except NotFoundError:
        try:
            await js.add_stream(config)
        except BadRequestError as error:
            if error.err_code != 10058:
                raise


async def ensure_durable(js: JetStreamContext, stream: str, durable: str, filter_subject: str) -> None:
    """Make the pull consumer unless it is there. Raises NotFoundError while the stream is missing."""
    try:
        await js.consumer_info(stream, durable)
    except NotFoundError:
        await js.add_consumer(
            stream,
            ConsumerConfig(
                durable_name=durable,
                filter_subject=filter_subject,
                ack_policy=AckPolicy.ALL,
                deliver_policy=DeliverPolicy.ALL,
                ack_wait=ACK_WAIT_SECONDS,
                max_ack_pending=MAX_ACK_PENDING,
            ),
        )


async def ensure_readers(js: JetStreamContext, stream: str, durables: Mapping[str, str]) -> None:
    """Make the pull consumers that are not there, for readers outside: each gets one subject and confirms message by message."""
    there: set[str] = set()
    while page := await js.consumers_info(stream, offset=len(there)):
        there |= {consumer.name for consumer in page}

    async def make(durable: str, filter_subject: str) -> None:
        config = ConsumerConfig(
            durable_name=durable,
            filter_subject=filter_subject,
            ack_policy=AckPolicy.EXPLICIT,
            deliver_policy=DeliverPolicy.ALL,
            ack_wait=ACK_WAIT_SECONDS,
            max_ack_pending=MAX_ACK_PENDING,
        )
        await js.add_consumer(stream, config)

    await asyncio.gather(*(make(durable, wanted) for durable, wanted in durables.items() if durable not in there))
