"""One person's treatment: one stream, in a file for each concern; ``decider`` composes them."""
