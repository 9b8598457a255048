"""Opening an uploaded file as a spreadsheet, and refusing what is none before anything is unpacked."""

import zipfile
from collections.abc import Sequence
from typing import BinaryIO

from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook

MOST_BYTES = 5 * 1024 * 1024
MOST_UNPACKED = 60 * 1024 * 1024
MOST_PARTS = 500


class BadSpreadsheet(Exception):
    """Nothing was taken over. `faults` say why, in words for the person, by cell where there is one."""

    def __init__(self, faults: Sequence[str]):
        super().__init__(*faults)
        self.faults = list(faults)


def opened(upload: BinaryIO, size: int) -> Workbook:
    """The workbook in this file; raises `BadSpreadsheet` where there is none, or too much."""
    if size == 0:
        raise BadSpreadsheet([_("Tệp trống.")])
    if size > MOST_BYTES:
        raise BadSpreadsheet([_("Tệp quá lớn: nhiều nhất %(size)s MB.") % {"size": MOST_BYTES // 1024**2}])
    head = upload.read(8)
    upload.seek(0)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadSpreadsheet(
            [_("Tệp .xls cũ hoặc có mật khẩu không đọc được. Hãy lưu lại dạng .xlsx, không mật khẩu.")]
        )
    try:
        _inspect(upload)
        upload.seek(0)
        return load_workbook(upload, read_only=True, data_only=False, keep_links=False)
    except BadSpreadsheet:
        raise
    # A broken archive breaks openpyxl in whatever way it likes.
    except Exception as error:
        raise BadSpreadsheet([_("Đây không phải bảng tính .xlsx. Hãy dùng tệp mẫu.")]) from error


def _inspect(upload: BinaryIO) -> None:
    """Refuse an archive that would unpack without end, before anything is unpacked."""
    with zipfile.ZipFile(upload) as archive:
        parts = archive.infolist()
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
            raise BadSpreadsheet([_("Nội dung tệp quá lớn sau khi giải nén. Hãy dùng tệp mẫu.")])
        for part in parts:
            with archive.open(part) as stream:
                if part.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in stream.read(2048).upper():
                    raise BadSpreadsheet([_("Đây không phải bảng tính .xlsx. Hãy dùng tệp mẫu.")])
