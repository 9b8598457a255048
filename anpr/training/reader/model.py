"""The reader's network: a small fully convolutional one whose output is two rows of characters.

A plate of one or two lines comes in stretched to the same 64 x 192 grey pixels. The head looks at the whole height and
gives two rows of 48 columns; read one after the other they are one sequence of 96 steps for CTC. It learns to
put a one-line plate into the first row and to leave the second blank, so the number of lines need not be known.
"""

from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
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


@torch.no_grad()
def restored(weights: Path, pictures: torch.Tensor) -> ReaderNet:
    """The network of an export, ready to learn on.

    An export has its normalisations folded into the convolutions. They are unfolded by what they see of the given
    pictures (batch, 1, 64, 192), so that the network says what it said and a batch is normalised as one in training.
    """
    graph = onnx.load(str(weights)).graph
    told = {constant.name: torch.tensor(numpy_helper.to_array(constant)) for constant in graph.initializer}
    folded = iter([(told[node.input[1]], told[node.input[2]]) for node in graph.node if node.op_type == "Conv"])
    net = ReaderNet().eval()
    seen: dict[nn.BatchNorm2d, tuple[torch.Tensor, torch.Tensor]] = {}
    for part in net.modules():
        if isinstance(part, nn.Conv2d):
            weight, bias = next(folded)
            part.weight.copy_(weight)
            if part.bias is not None:
                part.bias.copy_(bias)
        elif isinstance(part, nn.BatchNorm2d):
            part.running_var.fill_(1 - part.eps)
            part.bias.copy_(bias)
            part.register_forward_pre_hook(lambda norm, given: seen.update({norm: torch.var_mean(given[0], (0, 2, 3))}))
    net(pictures)
    for norm, (variance, mean) in seen.items():
        norm._forward_pre_hooks.clear()
        norm.running_var.copy_(variance)
        norm.running_mean.copy_(mean)
        norm.weight.copy_((variance + norm.eps).sqrt())
        norm.bias.add_(mean)
    return net.train()
