"""Makes the serving weights of the reader.

`python -m anpr.training.reader.export --work var/reader --out anpr/weights/reader.onnx`
"""

import argparse
import json
from pathlib import Path

import onnx
import torch

from anpr.alphabet import ALPHABET
from anpr.training.reader.augment import HEIGHT, WIDTH
from anpr.training.reader.model import ReaderNet


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--work", type=Path, required=True)
    options.add_argument("--out", type=Path, required=True)
    chosen = options.parse_args()
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
    onnx.checker.check_model(onnx.load(str(chosen.out)))
    about = {"alphabet": ALPHABET, "input": [HEIGHT, WIDTH], "steps": saved["step"]}
    chosen.out.with_suffix(".json").write_text(json.dumps(about, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
