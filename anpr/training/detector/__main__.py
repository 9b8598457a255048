"""Trains the plate detector from nothing to exported weights, by one command.

    .venv-train/bin/python -m anpr.training.detector --photos ../shared/plates/train --work /tmp/detector --minutes 90

Builds the tiles (kept and completed on a second run), trains for the given time, exports to ONNX beside the model
card. `--resume` goes on with an interrupted run; `--start` begins from earlier weights; `--export-only` exports what
the run has so far.
"""

import argparse
import os
import shutil
from pathlib import Path

os.environ.setdefault("YOLO_OFFLINE", "true")

import torch

from anpr.training.detector import dataset, export, network
from anpr.training.detector.tiles import TILE

WEIGHTS = Path(__file__).parents[2] / "weights"


def main() -> None:
    options = _options()
    run = options.work / options.run
    if not options.export_only:
        data = dataset.build(
            options.work / f"tiles-{options.seed}",
            options.photos,
            train=options.tiles,
            val=options.val_tiles,
            seed=options.seed,
            workers=options.threads,
        )
        _train(options, data, run)
    export.export(run / "weights" / options.checkpoint, WEIGHTS / "detector.onnx")
    shutil.copy(run / "results.csv", WEIGHTS / f"detector-curve-{options.run}.csv")


def _train(options, data: Path, run: Path) -> None:
    network.PlateTrainer.start = str(options.start) if options.start else None
    last = run / "weights" / "last.pt"
    trainer = network.PlateTrainer(
        overrides={
            "model": str(last) if options.resume else "yolo26n-pose.yaml",
            "resume": str(last) if options.resume else False,
            "data": str(data),
            "project": str(options.work.resolve()),
            "name": options.run,
            "exist_ok": True,
            "imgsz": options.size,
            "epochs": 100,
            "time": options.minutes / 60,
            "batch": 16,
            "nbs": 16,
            "optimizer": "AdamW",
            "lr0": options.rate,
            "warmup_epochs": 0,
            "weight_decay": 0.0005,
            "pretrained": False,
            "cache": "ram",
            "workers": 1,
            "val": not options.no_val,
            "device": "cuda" if torch.cuda.is_available() else "cpu",
            "amp": False,
            "plots": False,
            "seed": options.seed,
            # mirrored plates do not exist; the tiles bring their own light and perspective
            "fliplr": 0.0,
            "mosaic": 0.0,
            "scale": 0.3,
            "degrees": 4.0,
            "hsv_h": 0.02,
            "hsv_s": 0.4,
            "hsv_v": 0.3,
            "kobj": 0.0,
        }
    )
    # ultralytics goes back to one thread while it prepares
    trainer.add_callback("on_train_start", lambda _: torch.set_num_threads(options.threads))
    trainer.add_callback("on_train_batch_start", network.falling_rate)
    trainer.train()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m anpr.training.detector", description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=Path, default=Path("../shared/plates/train"), help="real training photos")
    parser.add_argument("--work", type=Path, default=Path("var/detector"), help="folder for tiles and runs")
    parser.add_argument("--run", default="run", help="name of this run")
    parser.add_argument("--tiles", type=int, default=9000)
    parser.add_argument("--val-tiles", type=int, default=420)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--minutes", type=float, default=90, help="training time; the learning rate falls over it")
    parser.add_argument("--size", type=int, default=TILE, help="pixels at which a tile is shown")
    parser.add_argument("--rate", type=float, default=0.002, help="learning rate at its height")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--start", type=Path, help="weights (.pt) to begin from")
    parser.add_argument("--no-val", action="store_true", help="validate at the end only; saves a tenth of the time")
    parser.add_argument("--resume", action="store_true", help="go on with an interrupted run")
    parser.add_argument("--export-only", action="store_true", help="export this run's weights as they are")
    parser.add_argument("--checkpoint", default="best.pt", help="best.pt or last.pt")
    return parser.parse_args()


if __name__ == "__main__":
    main()
