"""Run the service: ``python -m aftercare``."""

from aftercare.main import main

main()
