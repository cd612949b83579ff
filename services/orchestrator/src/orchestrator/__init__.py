"""Facts in, obligations out: the one place where the standards are applied."""
