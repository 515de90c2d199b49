"""HTTP: what is asked of Airmeet, and what its answers mean; knows no table."""
