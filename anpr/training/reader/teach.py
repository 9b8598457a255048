"""Labels the motorbike plates of the training scenes, which have boxes but no text, with PP-OCR as the teacher.

`python -m anpr.training.reader.teach --plates ../shared/plates/train --out var/reader/taught.csv`
"""

import argparse
import csv
from collections import Counter
from pathlib import Path

import cv2
from rapidocr import RapidOCR

from anpr.training.reader.sources import teachable


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--plates", type=Path, required=True)
    options.add_argument("--out", type=Path, required=True)
    chosen = options.parse_args()
    threads = {
        "EngineConfig.onnxruntime.intra_op_num_threads": 1,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    }
    teacher = RapidOCR(params=threads)
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    with chosen.out.open("w", newline="") as file:
        table = csv.writer(file)
        rows = list(csv.DictReader((chosen.plates / "scenes.csv").read_text().splitlines()))
        boxes = Counter(row["file"] for row in rows)
        for row in rows:
            if row["plate"] or not row["file"].startswith("vn_scenes_moto") or boxes[row["file"]] > 1:
                continue
            photo = cv2.imread(str(chosen.plates / row["file"]))
            x0, y0, x1, y1 = (float(row[side]) for side in ("x0", "y0", "x1", "y1"))
            margin_x, margin_y = (x1 - x0) * 0.12, (y1 - y0) * 0.12
            crop = photo[
                max(0, int(y0 - margin_y)) : int(y1 + margin_y),
                max(0, int(x0 - margin_x)) : int(x1 + margin_x),
            ]
            scale = max(1, 160 / crop.shape[0])
            found = teacher(cv2.resize(crop, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC))
            sure = found.txts and min(found.scores) > 0.9
            if sure and (text := teachable("".join(found.txts))):
                table.writerow((row["file"], text))


if __name__ == "__main__":
    main()
