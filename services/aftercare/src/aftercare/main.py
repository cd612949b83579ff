"""Aftercare's composition root."""

from aftercare.api import router
from aftercare.reactions import REACTIONS
from aftercare.views import STAYS, VIEWS
from havn_chassis.service import Service, run

SERVICE = Service(
    name="aftercare",
    upstreams=("orchestrator",),
    reactions=REACTIONS,
    views=VIEWS,
    tables=(STAYS,),
    routers=(router,),
)


def main() -> None:
    """Run until told to stop."""
    run(SERVICE)
