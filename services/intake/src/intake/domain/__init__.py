"""The deciders of intake: one file per kind of stream."""
