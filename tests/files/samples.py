"""Files as people bring them: pictures by a program that is none of ours, films and sounds by hand, with what cameras
and programs note in them."""

import io
import struct
import zlib

from PIL import Image, PngImagePlugin

PLACE = b"60.1699,24.9384"
"""What must be found nowhere in what is kept, as the two below."""
NAME = b"Anna Aalto"
DAY = b"\xe5\x01\x02\x03\xe5\x01\x02\x04"
SIDEWAYS = 6


def a_picture(kind: str = "PNG", size: tuple[int, int] = (24, 16), *, noted: bool = True) -> bytes:
    """A picture of two halves, with a place and a name in its notes, and to be turned by a quarter."""
    picture = Image.new("RGB", size, (200, 30, 40))
    picture.paste((20, 60, 180), (0, 0, size[0] // 2, size[1]))
    said = io.BytesIO()
    more: dict[str, object] = {}
    if noted:
        exif = Image.Exif()
        exif[0x0112] = SIDEWAYS
        exif[0x010E] = PLACE.decode()
        exif[0x013B] = NAME.decode()
        exif.get_ifd(0x8825).update({1: "N", 2: (60.0, 10.0, 11.6), 3: "E", 4: (24.0, 56.0, 18.2)})
        more["exif"] = exif
        if kind == "PNG":
            notes = PngImagePlugin.PngInfo()
            notes.add_text("Author", NAME.decode())
            notes.add_itxt("Place", PLACE.decode())
            more["pnginfo"] = notes
        if kind == "WEBP":
            more["xmp"] = b"<x:xmpmeta>" + PLACE + b"</x:xmpmeta>"
        if kind in ("JPEG", "GIF"):
            more["comment"] = NAME
    if kind == "GIF":
        more.pop("exif", None)
        other = Image.new("RGB", size, (0, 90, 60))
        more |= {"save_all": True, "append_images": [other], "duration": 100, "loop": 0}
    picture.save(said, kind, **more)
    return said.getvalue()


def box(kind: bytes, *inside: bytes) -> bytes:
    """A box of an MP4."""
    whole = b"".join(inside)
    return struct.pack(">I4s", 8 + len(whole), kind) + whole


def a_film(handler: bytes = b"vide", *, noted: bool = True) -> bytes:
    """An MP4 of 1280 × 720 whose index comes first, so that it says where in the file each picture is."""
    day = DAY if noted else bytes(8)
    head = box(b"tkhd", bytes(4), day, bytes(64) + struct.pack(">II", 1280 << 16, 720 << 16))
    media = box(b"mdia", box(b"hdlr", bytes(8) + handler + bytes(12) + b"\0"))
    notes = box(b"udta", box(b"\xa9xyz", PLACE), box(b"\xa9ART", NAME)) if noted else b""
    more = box(b"meta", bytes(4) + NAME) + box(b"uuid", bytes(16) + PLACE) if noted else b""
    index = box(b"moov", box(b"mvhd", bytes(4), day, bytes(88)), box(b"trak", head, media, notes), notes, more)
    return box(b"ftyp", b"isom", bytes(4), b"isomavc1") + index + box(b"mdat", bytes(range(256)) * 8) + more


def element(kind: int, inside: bytes, width: int = 8) -> bytes:
    """An element of a WebM; its length takes so many bytes."""
    name = kind.to_bytes((kind.bit_length() + 7) // 8, "big")
    return name + (len(inside) | 1 << 7 * width).to_bytes(width, "big") + inside


TAGS, ATTACHMENTS, CLUSTER = 0x1254C367, 0x1941A469, 0x1F43B675


def a_webm(doctype: bytes = b"webm", *, notes: int = 300) -> bytes:
    """A WebM with tags before and behind what it shows."""
    head = element(0x1A45DFA3, element(0x4282, doctype, 1), 1)
    tags = element(TAGS, PLACE + bytes(notes), 8) + element(TAGS, NAME, 1)
    shown = element(0x1549A966, element(0x2AD7B1, b"\x0f\x42\x40", 1) + element(0x7BA9, NAME, 1), 4) + element(
        CLUSTER, bytes(range(256)) * 8, 4
    )
    return head + element(0x18538067, tags + shown + element(ATTACHMENTS, PLACE, 2))


def a_sound(*, noted: bool = True) -> bytes:
    """An MP3 of a few frames, with tags before and behind."""
    frames = (b"\xff\xfb\x90\x00" + bytes(413)) * 8
    if not noted:
        return frames
    said = b"TPE1" + struct.pack(">I", len(NAME) + 1) + b"\0\0\0" + NAME + PLACE
    length = bytes(len(said) >> 7 * place & 0x7F for place in (3, 2, 1, 0))
    return b"ID3\x04\0\0" + length + said + frames + b"TAG" + NAME.ljust(125, b"\0")


CAPTIONS = "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\nLääkäri lukitsee oven\n".encode()


def a_pdf(more: bytes = b"", packed: bytes = b"") -> bytes:
    """A PDF of one bare page; `packed` lies in an object that holds others."""
    objects = b""
    if packed:
        said = zlib.compress(packed)
        objects = b"4 0 obj<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n%b\nendstream endobj\n" % (
            len(said),
            said,
        )
    return (
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R" + more + b">>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>"
        b"endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj\n" + objects +
        b"trailer<</Root 1 0 R>>\n%%EOF\n"
    )  # fmt: skip


def a_bomb(width: int, height: int) -> bytes:
    """A PNG that says it is this large, in a few bytes."""

    def chunk(kind: bytes, said: bytes) -> bytes:
        return struct.pack(">I", len(said)) + kind + said + struct.pack(">I", zlib.crc32(kind + said))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(99))) + chunk(b"IEND", b"")
