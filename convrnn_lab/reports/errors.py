"""What goes wrong in a run, as against a wrong argument."""


class ReportError(Exception):
    """A notebook that was started did not come to its end, or could not be written."""
