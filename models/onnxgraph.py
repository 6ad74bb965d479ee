"""An ONNX graph being put together, and matrices in 8 bits as its products want them.

ONNX Runtime multiplies 8-bit matrices with the vector units of every maker's processors, which
none of the engines that read finished models does here (docs/benchmarks/asr.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

MICROSOFT = "com.microsoft"
"""Domain of ONNX Runtime's own operators."""
_OPSET = 17
_IR_VERSION = 9


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows in 8 bits, by the names of their values."""

    whole: str
    unit: str
    """What each row's digits are multiples of, shape (rows,)."""


class Graph:
    """Nodes and weights."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []
        self.typed: list[Any] = []
        """Types of values that the runtime cannot tell by itself."""
        self._count = 0
        self._known: set[str] = set()

    def node(
        self, kind: str, *inputs: str, out: Sequence[str] = (), domain: str = "", **attributes: Any
    ) -> str:
        """Add an operator; the name of its first output."""
        from onnx import helper

        self._count += 1
        names = list(out) or [f"{kind}_{self._count}"]
        self.nodes.append(
            helper.make_node(kind, list(inputs), names, domain=domain or None, **attributes)
        )
        return names[0]

    def constant(self, name: str, values: npt.ArrayLike) -> str:
        """A weight, kept once under its name."""
        from onnx import numpy_helper

        if name not in self._known:
            self._known.add(name)
            self.initializers.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def integers(self, *values: int) -> str:
        """A constant of 64-bit integers."""
        return self.constant(f"int_{'_'.join(map(str, values))}", np.array(values, np.int64))

    def project(self, x: str, name: str, matrix: npt.NDArray[np.float32], bias: str = "") -> str:
        """`x` times the rows of a matrix, in 8 bits, each output with its own scale."""
        whole, scale = quantized(matrix)
        return self.node(
            "DynamicQuantizeMatMul",
            x,
            self.constant(f"{name}/matrix", np.ascontiguousarray(whole.T)),
            self.constant(f"{name}/scale", scale),
            "",
            bias,
            domain=MICROSOFT,
        )

    def project_rows(self, x: str, name: str, matrix: npt.NDArray[np.float32]) -> str:
        """The same for rows that are unlike: all are brought to one size before, and back after.

        The operator gives all of its input one scale, and what is small beside something large
        would be left without digits.
        """
        size = self.node("ReduceMax", self.node("Abs", x), axes=[-1], keepdims=1)
        size = self.node("Max", size, self.constant("least", np.array(1e-6, np.float32)))
        return self.node("Mul", self.project(self.node("Div", x, size), name, matrix), size)

    def rows(self, x: str) -> Rows:
        """Rows of shape (rows, width) in 8 bits, each with its own unit; none may be all zeros.

        One unit for all, as `project` takes, would leave what is small beside something large
        without digits, and a row's outcome would hang on its neighbours'. Unsigned: signed on both
        sides, the runtime's product is ten times slower.
        """
        size = self.node("ReduceMax", self.node("Abs", x), axes=[-1], keepdims=0)
        unit = self.node("Mul", size, self.constant("digit", np.array(1 / 127, np.float32)))
        if "middles" not in self._known:
            self._known.add("middles")
            count = self.node("Shape", x, start=0, end=1)
            self.node(
                "Expand", self.constant("middle", np.array([128], np.uint8)), count, out=["middles"]
            )
        return Rows(whole=self.node("QuantizeLinear", x, unit, "middles", axis=0), unit=unit)

    def times(self, rows: Rows, name: str, matrix: npt.NDArray[np.float32]) -> str:
        """As `project`; each row of the outcome stays in its own unit."""
        whole, scale = quantized(matrix)
        return self.node(
            "MatMulIntegerToFloat",
            rows.whole,
            self.constant(f"{name}/matrix", np.ascontiguousarray(whole.T)),
            self.constant("whole", np.array(1, np.float32)),
            self.constant(f"{name}/scale", scale),
            self.constant("zero", np.array(128, np.uint8)),
            domain=MICROSOFT,
        )

    def in_one_unit(self, x: str, rows: Rows) -> str:
        """The outcome of `times`, its rows comparable."""
        return self.node("Mul", x, self.node("Unsqueeze", rows.unit, self.integers(1)))

    def split(self, x: str, *widths: int) -> list[str]:
        """Parts of the last axis."""
        self._count += 1
        names = [f"part_{self._count}_{index}" for index in range(len(widths))]
        self.node("Split", x, self.integers(*widths), out=names, axis=-1)
        return names

    def model(self, inputs: Sequence[Any], outputs: Sequence[Any], name: str) -> Any:
        """The whole, as `onnx` saves it."""
        from onnx import helper

        graph = helper.make_graph(
            self.nodes,
            name,
            list(inputs),
            list(outputs),
            initializer=self.initializers,
            value_info=self.typed,
        )
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)


def quantized(
    matrix: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Rows in 8 bits, and what to multiply each by."""
    scale = np.maximum(np.abs(matrix).max(axis=1), 1e-12) / 127.0
    return np.round(matrix / scale[:, None]).astype(np.int8), scale.astype(np.float32)
