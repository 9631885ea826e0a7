"""The commands of the steps, by the parts of the lesson, and the files that nodes get."""
