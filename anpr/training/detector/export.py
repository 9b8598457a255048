"""Exports a trained checkpoint to ONNX, for any input size, with what serving must know beside it."""

import json
import shutil
import tempfile
from pathlib import Path

from ultralytics import YOLO

from anpr.training.detector import network  # noqa: F401  (the checkpoint names its classes)
from anpr.training.detector.tiles import CLASSES

LOOKS = ((640, 0.0), (320, 0.75), (960, 0.0))
"""Longer side of the input and margin around the picture: the first for every frame, the others, for plates that fill
the picture and for those far away, only where nothing sure was read before."""


def export(checkpoint: Path, target: Path) -> None:
    """Write `target` and the JSON beside it."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copy(checkpoint, Path(folder) / "detector.pt"))
        written = YOLO(str(copy), task="pose").export(format="onnx", imgsz=640, dynamic=True, simplify=True)
        shutil.copy(written, target)
    facts = {"classes": CLASSES, "looks": LOOKS, "stride": 32}
    target.with_suffix(".json").write_text(json.dumps(facts, indent=1) + "\n")
