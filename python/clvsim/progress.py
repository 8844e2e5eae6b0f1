"""What a call shows while the engine works: one line that rewrites itself, in a notebook and on a terminal."""

import sys
import time

_REDRAW_S = 0.1
_WIDTH = 24


class ProgressBar:
    """Shows progress on a stream: ``sys.stderr``, or ``sys.stdout`` in a notebook, where errors are red.

    Messages stand above the bar. Off a terminal (and not in a notebook) there is no bar, and messages are plain lines.

    Args:
        quiet: no messages either.
        stream: where to write.
    """

    def __init__(self, quiet=False, stream=None):
        self._quiet, self._stream = quiet, stream or (sys.stdout if _in_notebook() else sys.stderr)
        self._animated = not quiet and (_in_notebook() or self._stream.isatty())
        self._stage, self._total, self._done, self._began, self._drawn_at, self._length = "", 0, 0, 0.0, 0.0, 0
        self.messages = []

    def __call__(self, kind, text, number):
        """Takes one event of the engine: message, begin, advance or end."""
        if kind == "message":
            self.messages.append(text)
            if not self._quiet:
                self._clear()
                self._stream.write(text + "\n")
        elif kind == "begin":
            self._clear()
            self._stage, self._total, self._done, self._began = text, number, 0, time.monotonic()
        elif kind == "advance":
            self._done = number
            if self._animated and time.monotonic() - self._drawn_at >= _REDRAW_S:
                self._draw()
        else:
            self._clear()
            self._stage = ""

    def close(self):
        self._clear()

    def _draw(self):
        if not self._total:  # how much there is only shows at its end
            return self._write(f"{self._stage}: {self._done:,}")
        share = min(1.0, self._done / self._total)
        elapsed = time.monotonic() - self._began
        filled = int(share * _WIDTH)
        left = f", {elapsed * (1 - share) / share:.0f} s left" if share > 0.01 else ""
        bar = "█" * filled + " " * (_WIDTH - filled)
        self._write(f"{self._stage}: {share:4.0%} |{bar}| {self._done:,}/{self._total:,}{left}")

    def _write(self, line):
        self._stream.write("\r" + line.ljust(self._length))
        self._stream.flush()
        self._length, self._drawn_at = len(line), time.monotonic()

    def _clear(self):
        if self._length:
            self._stream.write("\r" + " " * self._length + "\r")
            self._stream.flush()
            self._length = 0


def _in_notebook():
    shell = sys.modules.get("IPython")
    return shell is not None and getattr(shell.get_ipython(), "kernel", None) is not None
