"""What aftercare decides: one file for each kind of stream."""
