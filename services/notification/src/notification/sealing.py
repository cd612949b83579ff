"""The secrets of webhooks where they are stored: encrypted under a key that is a file and in no database."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet, MultiFernet

from havn_chassis.settings import SettingMissing

SEALING: Final = "webhook_sealing"
VARIABLE = "HAVN_WEBHOOK_KEY_FILE"


def sealing(environment: Mapping[str, str]) -> MultiFernet | None:
    """What seals and opens the secrets, with the key in the file that the variable names; None when none is named.

    The file holds 32 random bytes in base64 and, on further lines, older keys, whose secrets are opened still. Without it no
    webhook can be registered. Raises SettingMissing for a file that cannot be read or holds something else.
    """
    path = environment.get(VARIABLE)
    if not path:
        return None
    try:
        return MultiFernet([Fernet(line) for line in Path(path).read_text("ascii").split()])
    except OSError as error:
        raise SettingMissing(f"{VARIABLE} names a file that cannot be read: {error.strerror}") from None
    except ValueError:
        raise SettingMissing(
            f"the file that {VARIABLE} names must hold 32 bytes in base64, and on further lines older keys likewise"
        ) from None
