"""Forty texts that reach out of a page, what they reach for, and how to see whether one of them got hold of it."""
import io
import socket
import threading
from pathlib import Path

import pikepdf
import pypdfium2

MARKER = "KPISECRET"
PICTURE_COLOUR = b"0.2 0.4 0.6 rg"  # 369 as PDF writes it
SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="90" height="90">'

# Each reaches for {url} in its own way, an address less its ending; the page would show or carry what it finds there.
FETCHED = {
    "image": '<img src="{url}.svg">',
    "object": '<object data="{url}.svg"></object>',
    "embed": '<embed src="{url}.svg">',
    "stylesheet": '<link rel="stylesheet" href="{url}.css">',
    "import": '<style>@import url("{url}.css");</style>',
    "background": '<style>body {{ background: url("{url}.svg") }}</style>',
    "content": '<style>p::before {{ content: url("{url}.svg") }}</style><p>x',
    "list image": '<ul style="list-style-image: url({url}.svg)"><li>x</ul>',
    "base": '<base href="{url}.svg"><img src="">' + '<img src="bait.svg">',
    "svg image": SVG + '<image href="{url}.svg" width="9" height="9"/></svg>',
    "svg in data": f"<img src='data:image/svg+xml,{SVG}" + '<image href="{url}.svg" width="9"/></svg>\'>',
    "data stylesheet": '<link rel="stylesheet" href="data:text/css,@import%20url(%22{url}.css%22);">',
    "attachment link": '<a rel="attachment" href="{url}.txt">x</a>',
    "attachment head": '<link rel="attachment" href="{url}.txt">',
    "font": '<style>@font-face {{ font-family: F; src: url("{url}.ttf") }}</style><p>x',
    "style attribute": '<p style="background: url({url}.svg)">x</p>',
    "border": '<p style="border: 9px solid; border-image: url({url}.svg) 9">x</p>',
    "xlink": SVG + '<image xlink:href="{url}.svg" width="9" height="9"/></svg>',
    "page margin": '<style>@page {{ @top-left {{ content: url("{url}.svg") }} }}</style>',
    "end of cell": '</td></tr></table></article><img src="{url}.svg">',
    "end of attribute": "x'\"><img src='{url}.svg'>",
    "end of style": '</style>}} <style>body {{ background: url("{url}.svg") }}</style>',
    "end of comment": '--><img src="{url}.svg">',
    "capitals": '<IMG SRC="{url}.svg" STYLE="BACKGROUND: URL({url}.svg)">',
    "no quotes": "<img/src={url}.svg>",
}
# These want a reader that WeasyPrint isn't: a browser, an XML reader, a template engine, a spreadsheet.
IGNORED = {
    "svg stylesheet": SVG + '<style>@import "{url}.css";</style><text y="9">x</text></svg>',
    "use": SVG + '<use href="{url}.svg#a"/><use xlink:href="{url}.svg#a"/></svg>',
    "frame": '<iframe src="{url}.txt"></iframe><frame src="{url}.txt">',
    "frame with its page": "<iframe srcdoc=\"<img src='{url}.svg'>\"></iframe>",
    "script": "<script>fetch('{url}.txt')</script><a href=\"javascript:fetch('{url}.txt')\">x</a>",
    "handler": "<body onload=\"fetch('{url}.txt')\"><img src=x onerror=\"fetch('{url}.txt')\">",
    "refresh": '<meta http-equiv="refresh" content="0; url={url}.txt">',
    "sets and media": (
        '<img srcset="{url}.svg 2x"><video src="{url}.svg" poster="{url}.svg"></video><audio src="{url}.svg">'
    ),
    "form": '<form action="{url}.txt"><input type="image" src="{url}.svg"></form>',
    "entity": '<!DOCTYPE x [<!ENTITY e SYSTEM "{url}.txt">]><x>&e;</x>',
    "include": '<x xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="{url}.txt" parse="text"/></x>',
    "instruction": '<?xml-stylesheet href="{url}.css"?><?php readfile("{url}.txt") ?>',
    "escaped twice": (
        "&lt;img src=&quot;{url}.svg&quot;&gt; &#60;img src=&#34;{url}.svg&#34;&#62; \\u003cimg src={url}.svg\\u003e"
    ),
    "template": (
        '{{% include "{url}.txt" %}}{{% debug %}}{{{{ request.META }}}}{{{{ "{url}.txt"|safe }}}}${{7*7}}<%= 7 %>'
    ),
    "spreadsheet": '=HYPERLINK("{url}.txt")&WEBSERVICE("{url}.txt")',
}
PAYLOADS = FETCHED | IGNORED


class Probe:
    """Listens on loopback, counts connections and sends every visitor on to another local address."""

    def __init__(self) -> None:
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self.url = f"http://{self.host}"
        threading.Thread(target=self._serve, daemon=True).start()

    def addresses(self) -> list[str]:
        """Its address in the ways that an address can be written, each with a name less its ending."""
        port = self.host.partition(":")[2]
        hosts = f"http://{self.host}", f"https://{self.host}", f"//{self.host}", f"HTTP://localhost:{port}"
        return [f"{host}/bait" for host in hosts]

    def _serve(self) -> None:
        while True:
            try:
                visitor, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            with visitor:
                path = visitor.recv(4096).partition(b" ")[2].partition(b" ")[0].decode("ascii", "replace")
                if path.startswith("/again"):
                    visitor.sendall(b"HTTP/1.0 404 None\r\n\r\n")
                else:
                    target = f"{self.url}/again{path}"
                    visitor.sendall(f"HTTP/1.0 302 Found\r\nLocation: {target}\r\n\r\n".encode())

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


def bait_in(folder: Path) -> Path:
    """A local file of each kind with the marker, the picture with its colour; gives the path less its ending."""
    (folder / "bait.svg").write_text(f'{SVG}<rect id="a" width="9" height="9" fill="#369"/></svg>')
    (folder / "bait.css").write_text(f'body::after {{ content: "{MARKER}" }}')
    (folder / "bait.txt").write_text(MARKER)
    (folder / "bait.ttf").write_bytes(b"\0\1\0\0")
    return folder / "bait"


def text_of(pdf: bytes) -> str:
    """The text of all pages."""
    return "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))


def streams(pdf: bytes) -> list[bytes]:
    """The content of every stream of a PDF: pages, pictures, fonts, attachments."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        found = [each for each in document.objects if isinstance(each, pikepdf.Stream)]
        return [each.read_bytes() for each in found if each.get("/Filter") != "/DCTDecode"]


def holds_bait(pdf: bytes) -> bool:
    """Whether a PDF has the marker as text or in a stream, or draws in the picture's colour."""
    return MARKER in text_of(pdf) or any(sign in each for each in streams(pdf) for sign in (
        MARKER.encode(), PICTURE_COLOUR
    ))


def attached(pdf: bytes) -> set[str]:
    """The names of the files in a PDF."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return set(document.attachments)
