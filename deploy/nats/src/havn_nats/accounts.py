"""The accounts part of the server configuration: the platform's own account, and one for each municipality.

A municipality's account reaches three services of the platform's and nothing else: the next messages of its own durable, their
acknowledgement, and the confirmation of its notices. Accounts share no subjects, so what a municipality names as a reply
subject is a subject of its own account and never one of the platform's.
"""

from collections.abc import Mapping

from havn_events.municipalities import MUNICIPALITIES

STREAM = "FEED"
MAX_CONNECTIONS = 16
MAX_SUBSCRIPTIONS = 256
MAX_PAYLOAD_BYTES = 65536


def durable(code: str) -> str:
    """The municipality's consumer on the stream ``FEED``. The platform makes it; the municipality binds to it."""
    return f"m{code}"


def inbox_prefix(code: str) -> str:
    """What the subjects must begin with on which the municipality's clients wait for answers."""
    return f"_INBOX_m{code}"


def next_subject(code: str) -> str:
    """Where the municipality asks for the next messages of its feed."""
    return f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{durable(code)}"


def taken_subjects(code: str) -> str:
    """Where the municipality says which messages of its feed it has taken."""
    return f"$JS.ACK.{STREAM}.{durable(code)}.>"


def acknowledge_subject(code: str) -> str:
    """Where the municipality confirms a notice. The platform takes from this subject alone who confirms."""
    return f"havn.acknowledge.{code}"


def accounts(keys: Mapping[str, str]) -> str:
    """The block ``accounts`` for the server. ``keys``: the public nkey of each municipality that may connect, by its code.

    Every one of the 98 has an account; without a key it has no user, and nobody can log in to it.
    """
    exports = "\n".join(_exports(code) for code in MUNICIPALITIES)
    tenants = "\n".join(_account(code, keys.get(code)) for code in MUNICIPALITIES)
    return f"""\
# Written by `havn municipality`; changes made by hand are lost. It holds public keys only.
accounts {{
  SYS: {{}}
  HUB: {{
    jetstream: enabled
    users: [
      {{ user: $HAVN_NATS_USER, password: $HAVN_NATS_PASSWORD }}
    ]
    exports: [
{exports}
    ]
  }}
{tenants}
}}
"""


def _exports(code: str) -> str:
    account = f"accounts: [M{code}]"
    return f"""\
      {{ service: "{next_subject(code)}", response_type: stream, {account} }}
      {{ service: "{taken_subjects(code)}", {account} }}
      {{ service: "{acknowledge_subject(code)}", {account} }}"""


def _account(code: str, key: str | None) -> str:
    subjects = (next_subject(code), taken_subjects(code), acknowledge_subject(code))
    imports = "\n".join(f'      {{ service: {{ account: HUB, subject: "{subject}" }} }}' for subject in subjects)
    users = f"[\n      {_user(code, key, subjects)}\n    ]" if key else "[]"
    return f"""\
  M{code}: {{
    limits: {{ max_connections: {MAX_CONNECTIONS}, max_subscriptions: {MAX_SUBSCRIPTIONS}, max_payload: {MAX_PAYLOAD_BYTES} }}
    users: {users}
    imports: [
{imports}
    ]
  }}"""


def _user(code: str, key: str, subjects: tuple[str, ...]) -> str:
    publish = ", ".join(f'"{subject}"' for subject in subjects)
    return f'{{ nkey: {key}, permissions: {{ publish: [{publish}], subscribe: ["{inbox_prefix(code)}.>"] }} }}'
