"""The commands of the steps, by the parts of the lesson."""
