"""The deciders of intake: a module for each kind of stream; the stay's is a folder."""
