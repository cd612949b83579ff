"""``havn``: the rulebook asked on the command line, and a running orchestrator asked why something is due."""
