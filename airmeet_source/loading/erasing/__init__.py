"""Taking people out of a dataset: what is theirs is found, goes from tables and files, and stays out."""
