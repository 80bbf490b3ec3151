"""A clock that only calls of stated cost move."""


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def __deepcopy__(self, memo):
        """Stay one clock for a layer and its copies."""
        return self

    def call(self, *seconds):
        """Return a call that takes these seconds, one after the other and from the first again."""
        left = []

        def spend():
            left[:] = left or seconds
            self.now += left.pop(0)

        return spend
