"""The steps and tasks of the lab, by the parts of the lesson."""
