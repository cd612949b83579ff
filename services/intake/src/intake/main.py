"""Composition root of intake."""

import os

from havn_chassis.service import Service, run
from intake.api import router
from intake.complaint_api import router as complaint_router
from intake.identity import TABLES, Vault
from intake.identity_api import router as identity_router
from intake.inquiry_api import router as inquiry_router
from intake.shelters import Shelters
from intake.views import VIEWS

SERVICE = Service(
    name="intake",
    views=VIEWS,
    tables=(TABLES,),
    routers=(inquiry_router, router, complaint_router, identity_router),
    settings={"shelters": Shelters.from_environment(os.environ), "vault": Vault.from_environment(os.environ)},
)


def main() -> None:
    """Run the service until it is told to stop."""
    run(SERVICE)
