"""What psychology decides: a module for each kind of stream; the treatment's is a folder."""
