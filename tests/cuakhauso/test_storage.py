"""Files in an S3-compatible storage: a small one of our own that keeps objects in memory."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.files.base import ContentFile

from cuakhauso.storage import S3Storage


class Bucket(BaseHTTPRequestHandler):
    def log_message(self, *args) -> None:
        pass

    def do_PUT(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.objects[self.path] = data
        self.server.signed.append(self.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256"))
        self._answer(200)

    def do_GET(self) -> None:
        found = self.server.objects.get(self.path)
        self._answer(404 if found is None else 200, found or b"")

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_DELETE(self) -> None:
        self.server.objects.pop(self.path, None)
        self._answer(204)

    def _answer(self, status: int, data: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("ETag", '"1"')
        self.send_header("Last-Modified", "Sun, 22 Nov 2026 10:00:00 GMT")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data)


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
    server.objects, server.signed = {}, []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def storage(server, settings) -> Iterator[S3Storage]:
    settings.S3_BUCKET, settings.S3_REGION = "frames-of-the-gate", "us-east-1"
    settings.S3_ENDPOINT = f"http://127.0.0.1:{server.server_port}"
    settings.S3_ACCESS_KEY, settings.S3_SECRET_KEY = "name", "secret"
    storage = S3Storage()
    yield storage
    storage.connection.meta.client.close()


def test_a_file_is_kept_read_and_deleted(storage, server):
    name = storage.save("frames/2026/11/22/1/a.jpg", ContentFile(b"picture"))
    assert server.objects == {"/frames-of-the-gate/frames/2026/11/22/1/a.jpg": b"picture"}
    assert server.signed == [True]
    with storage.open(name, "rb") as file:
        assert file.read() == b"picture"
    assert storage.exists(name)
    storage.delete(name)
    assert not storage.exists(name)


def test_a_missing_file_is_told_as_on_a_disk(storage):
    with pytest.raises(FileNotFoundError):
        storage.open("frames/none.jpg", "rb").read()


@pytest.mark.parametrize(("bucket", "imported"), [("", False), ("frames-of-the-gate", True)])
def test_the_storage_is_imported_only_where_a_bucket_is_named(environment, bucket, imported):
    code = (
        "import django, sys; django.setup(); from django.core.files.storage import default_storage as s;"
        "s.base_location if hasattr(s, 'base_location') else s.location;"
        "print('boto3' in sys.modules, type(s._wrapped).__name__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**environment, "S3_BUCKET": bucket, "DJANGO_SETTINGS_MODULE": "cuakhauso.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [str(imported), "S3Storage" if imported else "FileSystemStorage"]
