"""Unit tests of intake."""
