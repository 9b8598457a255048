"""The detector's network and trainer: YOLO26's pose head on a small trunk, a plate's corners as its four key points.

Without the branch that spares suppression: plates hardly overlap, suppressing doubles costs next to nothing, and the
second branch would take a third of the training time.
"""

import math
import time

import torch
from ultralytics.models.yolo.pose import PoseTrainer
from ultralytics.nn.tasks import PoseModel

_BACKBONE = [
    # a quarter of the picture's side at once: layers of few channels at its whole size take longer than they are worth
    [-1, 1, "Conv", [24, 6, 4, 1]],
    [-1, 1, "Conv", [48, 3, 2]],
    [-1, 1, "C3k2", [48, False, 0.5]],
    [-1, 1, "Conv", [96, 3, 2]],
    [-1, 1, "C3k2", [96, False, 0.5]],
    [-1, 1, "Conv", [128, 3, 2]],
    [-1, 1, "C3k2", [128, False, 0.5]],
    [-1, 1, "SPPF", [128, 5, 3, True]],
    [-1, 1, "C2PSA", [128]],
]
_HEAD = [
    [-1, 1, "nn.Upsample", ["None", 2, "nearest"]],
    [[-1, 4], 1, "Concat", [1]],
    [-1, 1, "C3k2", [64, False, 0.5]],
    [-1, 1, "nn.Upsample", ["None", 2, "nearest"]],
    [[-1, 2], 1, "Concat", [1]],
    [-1, 1, "C3k2", [48, False, 0.5]],
    [[14, 11], 1, "Pose26", ["nc", "kpt_shape"]],
]


def layout(classes: int) -> dict:
    """The network as ultralytics reads it."""
    return {
        "nc": classes,
        "reg_max": 1,
        "kpt_shape": [4, 3],
        "backbone": _BACKBONE,
        "head": _HEAD,
    }


def _as_float(value):
    if isinstance(value, torch.Tensor):
        return value.float()
    if isinstance(value, dict):
        return {key: _as_float(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_as_float(item) for item in value)
    return value


class PlateModel(PoseModel):
    """The pose model, its forward pass in bfloat16, twice as fast on matrix units; the loss is exact."""

    def loss(self, batch, preds=None):
        if preds is None:
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=not torch.cuda.is_available()):
                preds = self.forward(batch["img"])
        return super().loss(batch, _as_float(preds))


class PlateTrainer(PoseTrainer):
    """Trains a `PlateModel`; starts from the weights named by `start` where given."""

    start: str | None = None

    def get_model(self, cfg=None, weights=None, verbose=True):
        model = PlateModel(
            layout(self.data["nc"]),
            nc=self.data["nc"],
            ch=self.data["channels"],
            data_kpt_shape=self.data["kpt_shape"],
            verbose=verbose,
        )
        if weights is None and self.start:
            weights = torch.load(self.start, map_location="cpu", weights_only=False)
            weights = weights.get("ema") or weights["model"]
        if weights is not None:
            model.load(weights)
        return self.set_model_names_for_load(model.to(memory_format=torch.channels_last))


def falling_rate(trainer: PlateTrainer) -> None:
    """Set the learning rate by the share of the training time that is over: a short rise, then down a cosine.

    For the start of every batch. On a busy machine nobody knows how many epochs fit into the time, and a rate that
    falls by epochs would end too high.
    """
    share = min(1.0, (time.time() - trainer.train_time_start) / (trainer.args.time * 3600))
    factor = min(1.0, share / 0.02) * (0.02 + 0.98 * (1 + math.cos(math.pi * share)) / 2)
    for group in trainer.optimizer.param_groups:
        group["lr"] = group["initial_lr"] * factor
