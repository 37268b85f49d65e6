"""The ways in which a notebook is executed: other processors, other numbers of threads, other last bits."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Variant:
    """One way to compute: variables of the environment, and the seed of a perturbation (0 is none)."""

    name: str
    environment: dict = field(default_factory=dict)
    perturbation: int = 0


#: A processor of 2008, as far as libraries can be told: SSE and its like, neither AVX nor fused multiply-add. numpy
#: takes exp, log and sin from the C library, PyTorch its products from MKL and its convolutions from oneDNN.
OLD_PROCESSOR = {
    "OPENBLAS_CORETYPE": "PRESCOTT",
    "NPY_DISABLE_CPU_FEATURES": "X86_V3",
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA",
    "ATEN_CPU_CAPABILITY": "default",
    "MKL_CBWR": "COMPATIBLE",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
}


def _threads(count):
    return {f"{library}_NUM_THREADS": str(count) for library in ("OMP", "OPENBLAS", "MKL")}


def _without_avx512():
    """Return what switches AVX-512 off where numpy has found any; elsewhere there is nothing to switch off."""
    found = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])  # no such key where nothing is
    wide = [group for group in found if group == "X86_V4" or group.startswith("AVX512")]
    return {"NPY_DISABLE_CPU_FEATURES": " ".join(wide), "ATEN_CPU_CAPABILITY": "avx2"} if wide else {}


#: Every variant; the first is the plain one, with which the others are compared.
VARIANTS = (
    Variant("plain"),
    Variant("SSE", OLD_PROCESSOR),
    Variant("AVX2", {"OPENBLAS_CORETYPE": "HASWELL", **_without_avx512()}),
    Variant("1 thread", _threads(1)),
    Variant("2 threads", _threads(2)),
    *(Variant(f"1e-12 ({seed})", perturbation=seed) for seed in (1, 2, 3)),
)
