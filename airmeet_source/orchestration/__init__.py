"""Orchestration: what Dagster knows of the loads. Needs the extra ``dagster``.

A run of Dagster is a process of its own, wherever its run launcher starts it, and loads one community in it.
Keys and credentials come from the environment of that process or from its ``.dlt`` folder: Dagster is told
neither.
"""
