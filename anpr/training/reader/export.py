"""Makes the serving weights of the reader.

`python -m anpr.training.reader.export --work var/reader --out anpr/weights/reader.onnx`

After a run that began from an earlier export, `--between EARLIER.onnx --share 0.25` goes only so far from those weights
to the new ones. That keeps more of what the earlier ones read elsewhere (Wortsman et al., "Robust fine-tuning of
zero-shot models", CVPR 2022).
"""

import argparse
import json
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper

from anpr.alphabet import ALPHABET
from anpr.training.reader.augment import HEIGHT, WIDTH
from anpr.training.reader.model import ReaderNet


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--work", type=Path, required=True)
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--between", type=Path, help="an earlier export, from which the run began")
    options.add_argument("--share", type=float, default=1.0, help="how far from it to the new weights, 0 to 1")
    chosen = options.parse_args()
    earlier = onnx.load(str(chosen.between)) if chosen.between else None
    saved = torch.load(chosen.work / "last.pt")
    net = ReaderNet().eval()
    net.load_state_dict(saved["mean"])
    torch.onnx.export(
        net,
        (torch.zeros(1, 1, HEIGHT, WIDTH),),
        str(chosen.out),
        input_names=["plate"],
        output_names=["logs"],
        dynamic_axes={"plate": {0: "batch"}, "logs": {0: "batch"}},
        opset_version=17,
        dynamo=False,
    )
    if earlier:
        onnx.save(between(earlier, onnx.load(str(chosen.out)), chosen.share), str(chosen.out))
    onnx.checker.check_model(onnx.load(str(chosen.out)))
    about = {"alphabet": ALPHABET, "input": [HEIGHT, WIDTH], "steps": saved["step"]}
    chosen.out.with_suffix(".json").write_text(json.dumps(about, ensure_ascii=False, indent=1) + "\n")


def between(earlier: onnx.ModelProto, later: onnx.ModelProto, share: float) -> onnx.ModelProto:
    """The later export with every weight that `share` of the way from the earlier one's."""
    before = {weights.name: numpy_helper.to_array(weights) for weights in earlier.graph.initializer}
    for weights in later.graph.initializer:
        old, new = before[weights.name], numpy_helper.to_array(weights)
        if new.dtype.kind == "f":
            weights.CopyFrom(numpy_helper.from_array((1 - share) * old + share * new, weights.name))
    return later


if __name__ == "__main__":
    main()
