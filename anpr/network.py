"""Runs an exported network on the processor. Needs OpenVINO only.

OpenVINO is fastest with shapes that are known beforehand, so the network is compiled anew for each shape that comes,
once; who calls keeps to few shapes. It computes in single precision on every processor, that a plate is read alike
everywhere: left to itself it takes bfloat16 where the processor knows it, which is slower unless it has matrix units.
"""

import sys
from pathlib import Path
from threading import Lock

import numpy as np

# it would tell its maker of every import; without this module it does the same and tells nobody
sys.modules.setdefault("openvino_telemetry", None)

import openvino
from openvino.preprocess import PrePostProcessor

SHAPES = 14
"""For how many shapes a network is kept compiled, some 20 MB each; the one that came longest ago goes."""


class Network:
    """An ONNX network of one input and one output; may be called from any thread, one call at a time.

    With `pictures` the input is RGB as it comes, uint8, batch x height x width x 3, and the network that was trained on
    batch x 3 x height x width of 0 to 1 sees it so.
    """

    def __init__(self, weights_path: str | Path, *, threads: int = 1, pictures: bool = False):
        self._core = openvino.Core()
        self._core.set_property(
            "CPU",
            {
                "INFERENCE_NUM_THREADS": threads,
                "NUM_STREAMS": 1,
                # several workers would otherwise hold fast to the same processor
                "ENABLE_CPU_PINNING": False,
                "INFERENCE_PRECISION_HINT": "f32",
            },
        )
        self._model = self._core.read_model(weights_path)
        if pictures:
            self._model = _taking_pictures(self._model)
        self._compiled: dict[tuple[int, ...], openvino.InferRequest] = {}
        self._alone = Lock()

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        with self._alone:
            request = self._compiled.pop(batch.shape, None) or self._for(batch.shape)
            self._compiled[batch.shape] = request
            if len(self._compiled) > SHAPES:
                del self._compiled[next(iter(self._compiled))]
            return request.infer([batch], share_inputs=True)[0]

    def _for(self, shape: tuple[int, ...]) -> openvino.InferRequest:
        model = self._model.clone()
        model.reshape(list(shape))
        return self._core.compile_model(model, "CPU").create_infer_request()


def _taking_pictures(model: openvino.Model) -> openvino.Model:
    steps = PrePostProcessor(model)
    steps.input().tensor().set_element_type(openvino.Type.u8).set_layout(openvino.Layout("NHWC"))
    steps.input().model().set_layout(openvino.Layout("NCHW"))
    steps.input().preprocess().convert_element_type(openvino.Type.f32).scale(255.0)
    return steps.build()
