"""Commands and files for nodes, by the lesson's parts."""
