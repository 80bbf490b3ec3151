"""A live explorer without a browser."""

from convrnn_lab.explorer.live import FrontEnd


class Wire:
    """Stands in for the channel to the browser."""

    def __init__(self, explorer):
        self.sent = []
        self.front = explorer._live = FrontEnd(explorer)
        self.front.send = lambda content, buffers=(): self.sent.append((content, list(buffers)))

    def ask(self, kind, *buffers, **content):
        """Send a message as the browser does, and return the last of the answers."""
        self.front._answer(None, {"type": kind, "client": "one", **content}, list(buffers))
        return self.sent[-1] if self.sent else None

    def answers(self, kind):
        """Return all messages of a kind that were sent so far."""
        return [content for content, _ in self.sent if content["type"] == kind]
