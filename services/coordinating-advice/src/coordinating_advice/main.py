"""Puts the coordinating-advice service together."""

from coordinating_advice.api import router
from coordinating_advice.reactions import REACTIONS
from coordinating_advice.views import VIEWS
from havn_chassis.service import Service, run

SERVICE = Service(
    name="coordinating-advice",
    upstreams=("orchestrator", "notification"),
    reactions=REACTIONS,
    views=VIEWS,
    routers=(router,),
    own_stays_only=True,
)


def main() -> None:
    """Run the service."""
    run(SERVICE)
