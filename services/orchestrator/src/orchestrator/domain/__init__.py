"""What the orchestrator decides. Pure: the day and the rulebook come in with the command."""
