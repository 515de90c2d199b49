"""dlt's thread: what is due, what is remembered, and what goes into a load package."""
