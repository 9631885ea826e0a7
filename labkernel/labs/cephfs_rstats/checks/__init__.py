"""The checks of the steps, by the parts of the lesson."""
