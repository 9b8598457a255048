"""The reader's network: a small fully convolutional one whose output is two rows of characters.

A plate of one or two lines comes in stretched to the same 64 x 192 grey pixels. The head looks at the whole height and
gives two rows of 48 columns; read one after the other they are one sequence of 96 steps for CTC. It learns to
put a one-line plate into the first row and to leave the second blank, so the number of lines need not be known.
"""

import torch
from torch import nn

from anpr.alphabet import ALPHABET

CODES = 1 + len(ALPHABET)


class Plain(nn.Sequential):
    def __init__(self, inputs: int, outputs: int, stride: tuple[int, int] = (1, 1)) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )


class Residual(nn.Module):
    """Two convolutions around which the input is carried; `reach` widens the second along the text."""

    def __init__(self, channels: int, reach: int = 3) -> None:
        super().__init__()
        self.first = Plain(channels, channels)
        self.second = nn.Sequential(
            nn.Conv2d(channels, channels, (3, reach), 1, (1, reach // 2), bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(x + self.second(self.first(x)))


class ReaderNet(nn.Module):
    """Grey pictures (batch, 1, 64, 192), normalised, to log probabilities (batch, 96, codes)."""

    def __init__(self, widths: tuple[int, ...] = (24, 48, 80, 112, 144), dropout: float = 0.1) -> None:
        super().__init__()
        a, b, c, d, e = widths
        self.body = nn.Sequential(
            Plain(1, a, (2, 2)),
            Plain(a, b, (2, 2)),
            Residual(b),
            Plain(b, c, (2, 1)),
            Residual(c),
            Plain(c, d, (2, 1)),
            Residual(d),
            Plain(d, e, (2, 1)),
            Residual(e, reach=5),
            nn.Dropout2d(dropout),
        )
        self.head = nn.Conv2d(e, 2 * CODES, (2, 3), padding=(0, 1))

    def rows(self, x: torch.Tensor) -> torch.Tensor:
        """Log probabilities (batch, 2 rows, 48 columns, codes)."""
        scores = self.head(self.body(x)).squeeze(2)
        return scores.unflatten(1, (2, CODES)).transpose(2, 3).float().log_softmax(3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.rows(x).flatten(1, 2)
