"""What psychology decides: one file for each kind of stream."""
