"""The views for analysts: written once in SQL, each with a description of everything in it."""
