"""Aftercare's composition root."""

from aftercare.api import router
from aftercare.reactions import REACTIONS
from aftercare.views import VIEWS
from havn_chassis.service import Service, run

SERVICE = Service(
    name="aftercare",
    upstreams=("orchestrator",),
    reactions=REACTIONS,
    views=VIEWS,
    own_stays_only=True,
    routers=(router,),
)


def main() -> None:
    """Run until told to stop."""
    run(SERVICE)
