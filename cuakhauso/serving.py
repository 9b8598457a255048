"""Private files that people handed in, for who was found allowed to see them; never by an address of their own."""

from django.db.models.fields.files import FieldFile
from django.http import Http404, HttpResponse

TYPES = {
    "jpg": "image/jpeg",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
SHOWN = ("jpg", "pdf")


def served(file: FieldFile, name: str) -> HttpResponse:
    """Pictures and PDF are shown, all else is saved; 404 where the storage lost it."""
    kind = file.name.rpartition(".")[2]
    try:
        with file.open("rb") as stored:
            content = stored.read()
    except FileNotFoundError as error:
        raise Http404 from error
    how = "inline" if kind in SHOWN else "attachment"
    return HttpResponse(
        content, content_type=TYPES[kind], headers={"Content-Disposition": f'{how}; filename="{name}.{kind}"'}
    )
