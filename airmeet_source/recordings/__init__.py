"""Recordings: copies of them in a folder or a bucket, before their links and files die."""

from airmeet_source.recordings.programs import copy_recordings

__all__ = ["copy_recordings"]
