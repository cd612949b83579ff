"""What the municipalities of a stay were told: one stream, in a file for each concern; ``decider`` composes them."""
