"""``python -m intake.rewrap``: wrap every person's key with the first master key in the file, before an older one goes.

Needs ``DATABASE_URL`` and ``HAVN_VAULT_KEY_FILE`` as intake has them, and may run beside it. Run again, it changes nothing.
"""

import os
import sys

import psycopg
from psycopg.rows import dict_row

from havn_chassis.database import parameters
from havn_chassis.settings import SettingMissing
from havn_chassis.telemetry import configure_logging, log
from intake.identity import VARIABLE, Vault, wrap_all_anew


def main() -> None:
    """Wrap the keys anew and log how many there were. Exits 1 where a setting is missing. Raises VaultUnreadable."""
    configure_logging("intake", "INFO")
    try:
        vault = Vault.from_environment(os.environ)
        if vault is None or not os.environ.get("DATABASE_URL"):
            raise SettingMissing(f"DATABASE_URL and {VARIABLE} must be set, as they are for intake")
    except SettingMissing as error:
        sys.exit(str(error))
    with (
        psycopg.connect(**parameters(os.environ["DATABASE_URL"]), row_factory=dict_row) as connection,
        connection.cursor() as cursor,
    ):
        wrapped = wrap_all_anew(cursor, vault)
    log.info("vault-keys-wrapped-anew", keys=wrapped)


if __name__ == "__main__":
    main()
