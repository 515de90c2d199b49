"""The tables: how records become typed rows; knows no HTTP, and of dlt only its naming."""
