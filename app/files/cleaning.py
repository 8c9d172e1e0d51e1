"""One file on disk made into the copy that is kept: what people see and hear, without what cameras and programs
note."""

from pathlib import Path

from app.files.captions import clean_captions
from app.files.gif import clean_gif
from app.files.jpeg import clean_jpeg
from app.files.kinds import MediaType
from app.files.mp4 import clean_mp4
from app.files.pdf import clean_pdf
from app.files.picture import Extent
from app.files.png import clean_png
from app.files.reader import Reader
from app.files.sound import clean_mp3
from app.files.webm import clean_webm
from app.files.webp import clean_webp

_PICTURES = {
    MediaType.PNG: clean_png, MediaType.JPEG: clean_jpeg, MediaType.WEBP: clean_webp, MediaType.GIF: clean_gif,
    MediaType.MP4: clean_mp4,
}  # fmt: skip
_OTHERS = {MediaType.WEBM: clean_webm, MediaType.MP3: clean_mp3, MediaType.VTT: clean_captions}


def clean(kind: MediaType, source: Path, target: Path) -> Extent | None:
    """Write the copy that is kept; how large the picture is, where there is one. Raises Invalid."""
    with source.open("rb") as file, target.open("xb") as copy:
        reader = Reader(file)
        if kind in _PICTURES:
            return _PICTURES[kind](reader, copy)
        if kind is MediaType.PDF:
            clean_pdf(reader, copy, file)
        else:
            _OTHERS[kind](reader, copy)
        return None
