"""The exit codes of the command line."""

#: a lab failed, or what was asked for did; wrong use; this machine can't run it
FAILED, WRONG_USE, UNABLE = 1, 2, 3
