"""What may leave the process as text: no secrets, no people, nothing that a terminal would obey."""
