"""The steps of the lesson, by its parts."""
