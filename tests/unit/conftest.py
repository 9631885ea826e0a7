"""What unit tests share."""

from hypothesis import settings

# a busy machine is slow: no test asserts a time
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
