"""Tables and plots, and the measurements that they show."""
