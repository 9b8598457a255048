"""Trains the reader, on one core, and goes on where it stopped.

`python -m anpr.training.reader.train --plates ../shared/plates/train --work var/reader --steps 12000`
Needs the drawn plates of `pool` and, if there, the lessons of `teach` in the work folder. Writes `curve.csv` and
`last.pt` there; `export` makes the serving weights of it. Seeds: 2026 for drawing and learning.
"""

import argparse
import csv
import time
from collections import Counter
from copy import deepcopy
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import ctc_loss

from anpr.alphabet import ALPHABET
from anpr.training.reader import nothing, pool, sources
from anpr.training.reader.augment import seen_by_camera
from anpr.training.reader.model import ReaderNet, restored
from anpr.training.reader.transplant import can_change, with_province
from declarations.plates import CN_PROVINCES

SHARES = {
    "vn_scenes_barrier": 0.05,
    "vn_scenes_moto": 0.11,
    "cn_scenes_easypr": 0.10,
    "cn_scenes_ccpd": 0.02,
    "cn_crops_lprnet": 0.12,
}
"""Of each batch; the rest are drawn plates."""

CHANGED = {"cn_scenes_easypr": 0.35, "cn_scenes_ccpd": 0.7, "cn_crops_lprnet": 0.75}
"""How many of them are shown with another province, that none is guessed from the rest of the picture."""

NOTHING = {"mirrored": 0.02, "upside_down": 0.015, "handwriting": 0.045, "scenery": 0.01}
"""Of each batch, in place of drawn plates: what is to be left unread."""

KINDS = {"cn_one": 1.6, "cn_two": 1.5, "vn_one": 0.8, "vn_two": 1.3}
"""How much oftener than it was drawn a drawn plate of these nations and lines is shown."""

BATCH = 64
EVERY = 250
HAN = 1 + ALPHABET.index(CN_PROVINCES[0])
CODES = {sign: code for code, sign in enumerate(ALPHABET, start=1)}


class Lessons:
    """Draws batches of spoilt plates: real ones that are not held out, and drawn ones, chunk after chunk."""

    def __init__(self, plates: Path, work: Path) -> None:
        self.work = work
        examples = list(sources.real(plates, work / "taught.csv"))
        self.real = {name: [e for e in examples if e.source == name and not sources.held_out(e)] for name in SHARES}
        self.odds = {name: _odds(plates) for name, plates in self.real.items()}
        self.scenery = sources.backgrounds(plates)
        self.held_out = [e for e in examples if sources.held_out(e)]
        self.chunk: dict[str, np.ndarray] = {}

    def next_chunk(self, rng: np.random.Generator) -> None:
        """Chunk 0 is for measuring only."""
        paths = pool.chunk_paths(self.work)[1:]
        self.chunk = dict(np.load(paths[rng.integers(len(paths))]))
        texts, heads = self.chunk["texts"].tolist(), self.chunk["heads"].tolist()
        weights = np.array([KINDS[_kind(text, head)] for text, head in zip(texts, heads, strict=True)])
        self.chunk["odds"] = weights / weights.sum()

    def batch(self, rng: np.random.Generator) -> tuple[np.ndarray, list[str]]:
        """Pictures, and the lines of their texts: two a picture, the second empty on a one-line plate."""
        pictures, lines = [], []
        shares = SHARES | NOTHING
        for source in rng.choice([*shares, "drawn"], BATCH, p=[*shares.values(), 1 - sum(shares.values())]):
            example = self._real(source, rng) if source in SHARES else self._drawn(rng)
            picture, corners, text = example.picture, example.corners, example.text
            if source in NOTHING:
                picture, corners = self._nothing(source, example, rng)
                text = ""
            pictures.append(seen_by_camera(picture, corners, rng, mildly=source in SHARES))
            lines += [text[: example.head], text[example.head :]]
        return np.stack(pictures), lines

    def _drawn(self, rng: np.random.Generator) -> sources.Example:
        place = rng.choice(len(self.chunk["odds"]), p=self.chunk["odds"])
        picture, corners, text, head = (self.chunk[name][place] for name in ("pictures", "corners", "texts", "heads"))
        return sources.Example(picture, corners, str(text), int(head), "drawn")

    def _real(self, source: str, rng: np.random.Generator) -> sources.Example:
        example = self.real[source][rng.choice(len(self.real[source]), p=self.odds[source])]
        changes = rng.random() < CHANGED.get(source, 0) and can_change(example)
        return with_province(example, rng) if changes else example

    def _nothing(self, kind: str, example: sources.Example, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Picture and corners; half of the plates that are turned over are real ones."""
        if kind == "handwriting":
            return nothing.handwriting("".join(s for s in example.text if s.isascii()), rng)
        if kind == "scenery":
            return nothing.scenery(self.scenery, rng)
        if rng.random() < 0.5:
            example = self._real(str(rng.choice(list(SHARES))), rng)
        turn = nothing.mirrored if kind == "mirrored" else nothing.upside_down
        return turn(example.picture, example.corners)


def _kind(text: str, head: int) -> str:
    return f"{'vn' if text.isascii() else 'cn'}_{'one' if head == len(text) else 'two'}"


def _odds(plates: list[sources.Example]) -> np.ndarray:
    """Chances of being drawn that keep the provinces of a place from drowning the others, nor repeat a plate often."""
    heads = Counter(plate.text[:1] if not plate.text.isascii() else "" for plate in plates)
    texts = Counter(plate.text for plate in plates)
    weights = [(heads[p.text[:1] if not p.text.isascii() else ""] * texts[p.text]) ** -0.6 for p in plates]
    return np.array(weights) / sum(weights)


def normalised(pictures: np.ndarray) -> torch.Tensor:
    """Each picture to mean 0 and deviation 1, as the reader does in serving."""
    x = torch.from_numpy(pictures).float()[:, None]
    return (x - x.mean((2, 3), keepdim=True)) / (x.std((2, 3), keepdim=True, unbiased=False) + 4.0)


def texts_of(logs: torch.Tensor) -> list[str]:
    """The likeliest path of each, without repeats and blanks."""
    best = logs.argmax(2).numpy()
    kept = [row[np.flatnonzero(np.diff(row, prepend=-1))] for row in best]
    return ["".join(ALPHABET[code - 1] for code in row if code) for row in kept]


def measure(net: ReaderNet, lessons: Lessons, work: Path) -> dict[str, float]:
    """Shares read exactly: held-out real plates by source, these with other provinces ("changed"), and 512 drawn
    ones; all spoilt with a fixed seed."""
    net.eval()
    rng = np.random.default_rng(11)
    drawn = dict(np.load(pool.chunk_paths(work)[0]))
    groups = {"drawn": [(drawn["pictures"][i], drawn["corners"][i], str(drawn["texts"][i]), False) for i in range(512)]}
    for name in SHARES:
        groups[name] = [(e.picture, e.corners, e.text, True) for e in lessons.held_out if e.source == name]
    changed = [with_province(e, rng) for e in lessons.held_out if can_change(e)]
    groups["changed"] = [(e.picture, e.corners, e.text, True) for e in changed]
    shares = {}
    for name, plates in groups.items():
        pictures = np.stack([seen_by_camera(p, c, rng, mildly=mild) for p, c, _, mild in plates])
        with torch.inference_mode():
            read = texts_of(torch.cat([net(part) for part in normalised(pictures).split(64)]))
        shares[name] = sum(text == plate[2] for text, plate in zip(read, plates, strict=True)) / len(plates)
    net.train()
    return shares


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--plates", type=Path, required=True)
    options.add_argument("--work", type=Path, required=True)
    options.add_argument("--steps", type=int, default=12000)
    options.add_argument("--minutes", type=float, default=np.inf, help="end then, the rate falling by the time")
    options.add_argument("--rate", type=float, default=2e-3)
    options.add_argument("--start", type=Path, help="an export (.onnx) to begin from, instead of chance")
    chosen = options.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(2026)
    lessons = Lessons(chosen.plates, chosen.work)
    net = ReaderNet()
    if chosen.start:
        rng = np.random.default_rng(2026)
        lessons.next_chunk(rng)
        net = restored(chosen.start, torch.cat([normalised(lessons.batch(rng)[0]) for _ in range(8)]))
    net = net.to(memory_format=torch.channels_last)
    mean = deepcopy(net)
    learner = torch.optim.AdamW(net.parameters(), chosen.rate, weight_decay=0.02)
    last, step = chosen.work / "last.pt", 0
    if last.exists():
        saved = torch.load(last)
        net.load_state_dict(saved["net"])
        mean.load_state_dict(saved["mean"])
        learner.load_state_dict(saved["learner"])
        step = saved["step"]
    curve = chosen.work / "curve.csv"
    began, losses = time.monotonic(), []
    over = step / chosen.steps
    while over < 1:
        rng = np.random.default_rng([2026, step])
        if step % 100 == 0 or not lessons.chunk:
            lessons.next_chunk(rng)
        for group in learner.param_groups:
            group["lr"] = _rate(step, over, chosen.rate)
        losses.append(_learn(net, learner, *lessons.batch(rng)))
        step += 1
        _follow(mean, net, min(0.995, step / (step + 20)))
        over = max(step / chosen.steps, (time.monotonic() - began) / (60 * chosen.minutes))
        if step % EVERY == 0 or over >= 1:
            shares = measure(mean, lessons, chosen.work)
            saved = {
                "net": net.state_dict(),
                "mean": mean.state_dict(),
                "learner": learner.state_dict(),
                "step": step,
            }
            torch.save(saved, last.with_suffix(".part"))
            last.with_suffix(".part").rename(last)
            row = {
                "step": step,
                "seconds": round(time.monotonic() - began),
                "loss": round(float(np.mean(losses)), 4),
            }
            _log(curve, row | {name: round(share, 4) for name, share in shares.items()})
            losses.clear()


def _rate(step: int, over: float, highest: float) -> float:
    """Warms up over 300 steps, then falls along a cosine by the share of the run that is over."""
    fall = 0.5 * (1 + np.cos(np.pi * over))
    return float(highest * min(1.0, (step + 1) / 300) * (0.01 + 0.99 * fall))


def _learn(net: ReaderNet, learner: torch.optim.Optimizer, pictures: np.ndarray, lines: list[str]) -> float:
    """One step; the loss is that of a character."""
    with torch.autocast("cpu", torch.bfloat16):
        logs = net.rows(normalised(pictures).to(memory_format=torch.channels_last)).flatten(0, 1)
    targets = torch.tensor([CODES[sign] for line in lines for sign in line])
    lengths = torch.tensor([len(line) for line in lines])
    steps = torch.full((len(lines),), logs.shape[1])
    logs = logs + _off_place(lines, logs.shape[1])
    losses = ctc_loss(logs.transpose(0, 1), targets, steps, lengths, reduction="none", zero_infinity=True)
    loss = losses.sum() / max(len(targets), 1)
    learner.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
    learner.step()
    return loss.item()


def _off_place(lines: list[str], columns: int) -> torch.Tensor:
    """What to add to the log probabilities of each line so that a province over a second line is told where it stands.

    Left to itself CTC settles on telling it in column 0, as on one-line plates, from where it cannot be seen.
    """
    added = torch.zeros(len(lines), columns, 1 + len(ALPHABET))
    for line, (first, second) in enumerate(zip(lines[::2], lines[1::2], strict=True)):
        if second and not first.isascii():
            added[2 * line, : round(columns * 0.25), HAN:] = -12.0
            added[2 * line, round(columns * 0.5) :, HAN:] = -12.0
    return added


@torch.no_grad()
def _follow(mean: ReaderNet, net: ReaderNet, keep: float) -> None:
    """Moves the running mean of the weights, which reads better than the last ones."""
    for kept, new in zip(mean.state_dict().values(), net.state_dict().values(), strict=True):
        if kept.dtype.is_floating_point:
            kept.lerp_(new, 1 - keep)
        else:
            kept.copy_(new)


def _log(curve: Path, row: dict) -> None:
    fresh = not curve.exists()
    with curve.open("a", newline="") as file:
        table = csv.DictWriter(file, row)
        if fresh:
            table.writeheader()
        table.writerow(row)


if __name__ == "__main__":
    main()
