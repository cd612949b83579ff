"""Psychology's composition root."""

from havn_chassis.service import Service, run
from psychology.api import router
from psychology.reactions import REACTIONS
from psychology.views import VIEWS

SERVICE = Service(
    name="psychology",
    upstreams=("orchestrator", "notification"),
    reactions=REACTIONS,
    views=VIEWS,
    own_stays_only=True,
    routers=(router,),
)


def main() -> None:
    """Run until told to stop."""
    run(SERVICE)
