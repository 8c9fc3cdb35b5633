"""Base of the files of all formats."""


class OpenedFile:
    """An image file that is open, and closed at the end of a ``with`` block.

    A subclass has a `header`, a `skmask._files.headers.Header`, and a method `read`, which returns the
    pixels as they are stored, with channels along the last axis. Those with palettes have a method `colors`,
    which returns the colors of indices, along the last axis.
    """

    colors = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Close the file; nothing where the library has closed it."""
