"""What may leave the process as text: no secrets, no people, nothing that a terminal would obey.

Patterns are strings here: `re` compiles each when it is first needed, and ``--help`` needs hardly any.
"""
