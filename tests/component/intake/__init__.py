"""Component tests of intake: HTTP through the real application, on a real PostgreSQL."""
