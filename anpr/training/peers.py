"""Peers to measure against, in the training environment: `python -m anpr.training.peers --threads 2 < paths`.

For every line of the input, a picture's path, one JSON line: `{"ms": 850.2, "texts": [["11C12345", 0.98], ...]}`,
milliseconds from the file's bytes to text, one thorough reading before the first is not counted.
"""

import argparse
import json
import sys
import time
from itertools import permutations
from pathlib import Path

import numpy as np
from rapidocr import RapidOCR


def rapidocr(threads: int) -> RapidOCR:
    return RapidOCR(
        params={
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "Global.log_level": "error",
        }
    )


def texts(found) -> list[tuple[str, float]]:
    """Every line of text, and every two of which one stands over the other, as on plates of two lines."""
    if found.txts is None:
        return []
    lines = list(zip(found.txts, map(float, found.scores), np.array(found.boxes), strict=True))
    pairs = [(a[0] + b[0], min(a[1], b[1])) for a, b in permutations(lines, 2) if _over(a[2], b[2])]
    return [(text, sure) for text, sure, _ in lines] + pairs


def _over(upper: np.ndarray, lower: np.ndarray) -> bool:
    """Whether one box (4 x 2) stands right over another."""
    height = (np.ptp(upper[:, 1]) + np.ptp(lower[:, 1])) / 2
    gap = lower[:, 1].min() - upper[:, 1].max()
    shared = min(upper[:, 0].max(), lower[:, 0].max()) - max(upper[:, 0].min(), lower[:, 0].min())
    return abs(gap) < 0.7 * height and shared > 0.5 * min(np.ptp(upper[:, 0]), np.ptp(lower[:, 0]))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--threads", type=int, default=2)
    peer = rapidocr(options.parse_args().threads)
    for place, line in enumerate(sys.stdin):
        data = Path(line.rstrip("\n")).read_bytes()
        if place == 0:
            peer(data)
        start = time.perf_counter()
        found = texts(peer(data))
        ms = (time.perf_counter() - start) * 1000
        print(json.dumps({"ms": round(ms, 1), "texts": found}), flush=True)


if __name__ == "__main__":
    main()
