"""Run the service: ``python -m psychology``."""

from psychology.main import main

main()
