"""``python -m tests.contract.write_golden`` keeps the bytes of events that have no golden file yet.

A golden file is a promise to everyone who has stored such an event; one that exists is never written again. A changed shape is
a new version, with a file of its own.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from tests.contract.examples import goldens

GOLDEN = Path(__file__).parent / "golden"


def write_missing(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """Write the files that are not there, and name them; those that are there stay as they are."""
    written = []
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            with file.open("xb") as new:
                new.write(content)
        except FileExistsError:
            continue
        written.append(name)
    return written


if __name__ == "__main__":
    sys.stdout.writelines(f"{name}\n" for name in write_missing(GOLDEN, goldens()))
