"""Tasks of the cameras: thin, told by ids; the row in the database is the truth, whatever becomes of a message."""

import base64
import json
import logging
import time
from functools import partial

import cv2
import redis
from celery import current_app, shared_task
from celery.signals import worker_process_init
from django.conf import settings

from anpr import keeping
from anpr.decode import PictureError, decode
from anpr.pipeline import default_engine
from anpr.services import give_up_or_requeue, read_stored
from anpr.sharpness import read_sharply
from anpr.trial import ANSWER_SECONDS, Trial, answer_name, picture_name

READINGS = "readings"
SHOWN_SIDE = 1280

log = logging.getLogger(__name__)


@worker_process_init.connect
def warm_up(**kwargs) -> None:
    """Load the networks before the first frame, in workers that take frames."""
    if READINGS in current_app.amqp.queues.consume_from:
        began = time.monotonic()
        default_engine().warm_up()
        log.info("reading engine ready after %.1f s", time.monotonic() - began)


@shared_task
def read_frame(reading_id: int) -> None:
    """Read and settle one stored frame; a second message for it does nothing."""
    engine = default_engine()
    read_stored(reading_id, read=partial(read_sharply, engine))


@shared_task
def sweep() -> None:
    """Queue again what is stored and unfinished: a worker died, or the broker lost or never had the message."""
    if again := give_up_or_requeue(read_frame.delay):
        log.warning("%d unfinished readings queued again", again)


@shared_task
def clear_frames() -> None:
    """Delete the pictures that are kept no longer."""
    pictures, rows = keeping.clear_frames()
    log.info("%d pictures and %d blank frames deleted", pictures, rows)


@shared_task
def read_trial(token: str) -> None:
    """Read the picture of a camera test, which lies in Redis under its token for some seconds, and answer there."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        picture = client.getdel(picture_name(token))
        if picture is None:
            return
        answer = json.dumps(_tried(picture).as_json())
        with client.pipeline() as pipe:
            pipe.rpush(answer_name(token), answer).expire(answer_name(token), ANSWER_SECONDS).execute()


def _tried(picture: bytes) -> Trial:
    engine = default_engine()
    began = time.perf_counter()
    try:
        plates = engine.read(picture)
        milliseconds = (time.perf_counter() - began) * 1000
        pixels = decode(picture)
    except PictureError as error:
        return Trial(error=error.code)
    height, width = pixels.shape[:2]
    scale = min(1.0, SHOWN_SIDE / max(width, height))
    shown = cv2.resize(
        pixels, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA
    )
    _ok, jpeg = cv2.imencode(".jpg", shown[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 82])
    return Trial.of(plates, scale, shown.shape[1], shown.shape[0], base64.b64encode(jpeg).decode(), milliseconds)
