"""Reads what nvcc made of the kernels: registers and spills, the rounding of every operation, the instructions."""

import os
import re
import shutil
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
KERNELS = sorted((REPOSITORY / "cuda").glob("*.cu"))


def tool(name):
    """A program of the CUDA toolkit, also where Python packages bring it, or None."""
    packages = Path(sysconfig.get_paths()["purelib"]).glob("nvidia/*/bin")
    return shutil.which(name) or shutil.which(name, path=":".join(["/usr/local/cuda/bin", *map(str, packages)]))


def kernel_options():
    """The options for kernels, as the build has them."""
    text = (REPOSITORY / "cuda" / "CMakeLists.txt").read_text(encoding="utf-8")
    options = re.search(r"set\(kernel_options ([^)]*)\)", text).group(1).split()
    assert "-fmad=false" in options
    return options


@dataclass(frozen=True)
class Compiled:
    ptx: str
    report: str  # of ptxas
    cubin: Path


def compile_kernels(source, architecture, folder):
    ptx, cubin = folder / "kernels.ptx", folder / "kernels.cubin"
    common = [f"-arch={architecture}", "-std=c++20", "-O3", f"-I{REPOSITORY / 'include'}", *kernel_options()]
    subprocess.run([tool("nvcc"), *common, "-ptx", str(source), "-o", str(ptx)], check=True, capture_output=True)
    done = subprocess.run([tool("ptxas"), "-v", f"-arch={architecture}", "-O3", str(ptx), "-o", str(cubin)], check=True,
                          capture_output=True, text=True)
    return Compiled(ptx.read_text(encoding="utf-8"), done.stderr + done.stdout, cubin)


@dataclass(frozen=True)
class Kernel:
    name: str
    registers: int
    stack_bytes: int
    spilled_bytes: int


def kernels_of(report):
    """Every kernel of a ptxas report."""
    found = []
    for part in report.split("Compiling entry function")[1:]:
        name = re.search(r"'([^']+)'", part).group(1)
        stack, stores, loads = map(int, re.search(
            r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads", part).groups())
        found.append(Kernel(name, int(re.search(r"Used (\d+) registers", part).group(1)), stack, stores + loads))
    return found


_ARITHMETIC = re.compile(r"^\s*(?:@!?%\w+\s+)?(add|sub|mul|fma|mad|div|sqrt|rcp|rsqrt|ex2|lg2|sin|cos|tanh)"
                         r"((?:\.\w+)*)\.f(?:16|32|64)\b", re.MULTILINE)


def loose_arithmetic(ptx):
    """Floating point operations whose last bit the assembler may choose, or that flush small numbers to zero."""
    return [match.group().strip() for match in _ARITHMETIC.finditer(ptx)
            if ".rn" not in match.group(2) or ".approx" in match.group(2) or ".ftz" in match.group(2)]


def count_arithmetic(ptx):
    return sum(1 for _ in _ARITHMETIC.finditer(ptx))


# Starting values of division and square root, which Newton steps then round correctly.
_ROUNDED_LATER = {"RCP", "RSQ", "RCP64H", "RSQ64H"}


def forbidden_instructions(sass):
    """Approximations of library functions, and memory of a thread's own."""
    found = sorted(set(re.findall(r"\b(?:LDL|STL)\b", sass)))
    return found + sorted({f"MUFU.{name}" for name in re.findall(r"\bMUFU\.(\w+)", sass)} -
                          {f"MUFU.{name}" for name in _ROUNDED_LATER})


def disassemble(cubin):
    # cuobjdump asks the path for nvdisasm
    path = f"{Path(tool('nvdisasm')).parent}:{os.environ['PATH']}"
    return subprocess.run([tool("cuobjdump"), "-sass", str(cubin)], check=True, capture_output=True, text=True,
                          env={**os.environ, "PATH": path}).stdout
