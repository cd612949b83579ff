"""Composition root of intake."""

import os

from havn_chassis.service import Service, run
from intake.api import router
from intake.identity import TABLES, Vault
from intake.shelters import Shelters
from intake.views import VIEWS

SERVICE = Service(
    name="intake",
    views=VIEWS,
    tables=(TABLES,),
    routers=(router,),
    settings={"shelters": Shelters.from_environment(os.environ), "vault": Vault.from_environment(os.environ)},
)


def main() -> None:
    """Run the service until it is told to stop."""
    run(SERVICE)
