"""Speed and memory, as ratios of figures taken in the same run. Run with ``python -m tests.benchmarks``."""
