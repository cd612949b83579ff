"""What every Havn service stands on."""
