"""How large an X display is, asked of the library that every X program here has. Nothing is needed to be installed."""

import ctypes
from typing import Final, NamedTuple

_LIBRARY: Final = "libX11.so.6"  # Chromium itself is linked with it


class Size(NamedTuple):
    """In pixels."""

    width: int
    height: int


def size_of(display: str) -> Size | None:
    """Of the default screen of `display`, such as `:0`; None where it cannot be asked. It blocks for an answer."""
    try:
        x11 = ctypes.CDLL(_LIBRARY)
    except OSError:
        return None
    x11.XOpenDisplay.restype = ctypes.c_void_p
    connection = x11.XOpenDisplay(display.encode())
    if not connection:
        return None
    handle = ctypes.c_void_p(connection)
    try:
        screen = x11.XDefaultScreen(handle)
        return Size(x11.XDisplayWidth(handle, screen), x11.XDisplayHeight(handle, screen))
    finally:
        x11.XCloseDisplay(handle)
