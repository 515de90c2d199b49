"""The event report: figures of the views as charts and words, in an app or on a page of its own."""
