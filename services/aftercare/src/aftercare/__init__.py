"""Aftercare for the family that moved out: offered, started, visited, ended."""
