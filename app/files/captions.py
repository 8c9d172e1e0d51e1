"""WebVTT: captions are text, and short enough to be looked at as a whole."""

from typing import BinaryIO

from app.files.kinds import refused
from app.files.reader import Reader
from app.i18n import _


def clean_captions(source: Reader, target: BinaryIO) -> None:
    """Copy captions as they are. Raises Invalid."""
    whole = source.take(source.size)
    try:
        text = whole.decode()
    except UnicodeDecodeError:
        raise refused(_("The captions are not in UTF-8; save them so.")) from None
    if "\0" in text or "-->" not in text:
        raise refused(_("The captions have no line with its time, like 00:00:01.000 --> 00:00:04.000."))
    target.write(whole)
