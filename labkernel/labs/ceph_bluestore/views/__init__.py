"""Tables and plots of the steps' results."""
