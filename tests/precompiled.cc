// Has nothing of its own: its target holds the precompiled header of the tests.
