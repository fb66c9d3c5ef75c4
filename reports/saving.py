"""PDFs put together of others: pages that can be taken out, what a file says of itself, and writing it, so that a full
disk is an error and not the end of the process. It needs no Django."""
from pathlib import Path

from pikepdf import Array, Dictionary, Name, ObjectStreamMode, Pdf, String

# What holds only in the file that a page comes from: places in its tags, its attachments, its own metadata.
LEFT_OUT = ("/StructParents", "/Tabs", "/AF", "/Metadata")


def loosen(pdf: Pdf) -> None:
    """Leave of each page only what it can take into another file: of what lies on it, the links, not the signature's
    field."""
    for page in pdf.pages:
        for key in LEFT_OUT:
            if key in page.obj:
                del page.obj[key]
        if "/Annots" not in page.obj:
            continue
        links = [note for note in page.obj.Annots if note.get("/Subtype") == Name.Link]
        for link in links:
            if "/StructParent" in link:
                del link["/StructParent"]
        page.obj.Annots = pdf.make_indirect(Array(links))


def describe(pdf: Pdf, title: str, language: str) -> None:
    """Title and language, and that a reader shows the title and the bookmarks."""
    pdf.docinfo["/Title"] = String(title)
    pdf.Root.Lang = String(language)
    pdf.Root.PageMode = Name.UseOutlines
    pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)


def save_pdf(pdf: Pdf, path: Path, *, deterministic_id: bool = False) -> None:
    """Write a PDF as small as it gets. Raises OSError, without a buffer: what pikepdf finds out only in the last flush
    of one that it opens itself would abort the process."""
    with path.open("wb", buffering=0) as file:
        pdf.save(file, deterministic_id=deterministic_id, object_stream_mode=ObjectStreamMode.generate)
