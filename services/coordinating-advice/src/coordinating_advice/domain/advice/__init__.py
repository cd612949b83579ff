"""One woman's advice: one stream, in a file for each concern; ``decider`` composes them."""
