"""Frames and documents in an S3-compatible storage: imported only where `S3_BUCKET` names one."""

from botocore.config import Config
from django.conf import settings
from storages.backends import s3


class S3Storage(s3.S3Storage):
    """Private files, streamed through the platform and never reachable by an address of their own."""

    def get_default_settings(self) -> dict:
        return super().get_default_settings() | {
            "bucket_name": settings.S3_BUCKET,
            "endpoint_url": settings.S3_ENDPOINT or None,
            "region_name": settings.S3_REGION or None,
            "access_key": settings.S3_ACCESS_KEY,
            "secret_key": settings.S3_SECRET_KEY,
            "default_acl": None,
            "file_overwrite": False,
            # Servers other than Amazon's know neither names of buckets as hosts nor the newer checksums.
            "client_config": Config(
                signature_version="s3v4",
                s3={"addressing_style": "path"},
                connect_timeout=5,
                read_timeout=30,
                retries={"max_attempts": 3, "mode": "standard"},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        }
