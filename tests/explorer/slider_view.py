"""How the slider of ipywidgets 8 behaves in a browser, without one.

Its view moves the handle before it stretches the slider: an index beyond the old end is cut to it,
and the view then takes the message for its own doing and keeps the old range.
"""


class SliderView:
    """The handle of one `SelectionSlider`, fed with the messages that its widget sends."""

    def __init__(self, widget):
        self.widget = widget
        self.labels, self.index = widget._options_labels, widget.index
        self.last = len(self.labels) - 1
        widget._send = self.receive

    @property
    def shown(self):
        """The label beside the slider."""
        return self.labels[self.index]

    def receive(self, message, buffers=None):
        """Take a message of the kernel."""
        state = message["state"]
        moved = state.get("index", self.index) != self.index
        self.labels = state.get("_options_labels", self.labels)
        self.index = state.get("index", self.index)
        if moved and self.index > self.last:
            self.index = self.last
            return
        self.last = len(self.labels) - 1
        self.index = min(self.index, self.last)

    def move(self, index):
        """Move the handle, as far as the slider reaches, and tell the kernel."""
        self.index = max(0, min(index, self.last))
        self.widget.set_state({"index": self.index})
