"""What can happen to a pipeline: the world moves, the API lies, machines break. See ``random_plans.py``."""
