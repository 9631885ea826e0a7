"""Tables and plots, by the lesson's parts."""
