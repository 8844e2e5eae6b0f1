"""The kernels as compiled: nothing spills, every operation is rounded as IEEE 754 has it, no approximate functions."""

import pytest
from gpu_code import (KERNELS, compile_kernels, count_arithmetic, disassemble, forbidden_instructions, kernels_of,
                      loose_arithmetic, tool)

ARCHITECTURES = ["sm_80", "sm_90"]


@pytest.fixture(scope="module", params=[(source, name) for source in KERNELS for name in ARCHITECTURES],
                ids=lambda param: f"{param[0].stem}-{param[1]}")
def compiled(request, tmp_path_factory):
    if tool("nvcc") is None:
        pytest.skip("nvcc is not installed")
    return compile_kernels(*request.param, tmp_path_factory.mktemp("kernels"))


def test_every_law_has_its_kernels():
    assert [source.name for source in KERNELS] == ["path_kernel.cu", "retail_kernel.cu"]


def test_nothing_spills(compiled, record_property):
    kernels = kernels_of(compiled.report)
    assert kernels
    for kernel in kernels:
        record_property(kernel.name, f"{kernel.registers} registers")
        print(f"{kernel.registers} registers, {kernel.spilled_bytes} bytes spilled: {kernel.name}")
    assert [kernel for kernel in kernels if kernel.spilled_bytes or kernel.stack_bytes] == []


def test_every_operation_says_how_it_rounds(compiled):
    assert count_arithmetic(compiled.ptx) > 500
    assert loose_arithmetic(compiled.ptx) == []


def test_no_approximate_functions_and_no_local_memory(compiled):
    if tool("cuobjdump") is None or tool("nvdisasm") is None:
        pytest.skip("no disassembler here (cuobjdump and nvdisasm)")
    sass = disassemble(compiled.cubin)
    assert sass.count("FFMA") > 500
    assert forbidden_instructions(sass) == []


def test_loose_arithmetic_is_noticed():
    assert loose_arithmetic("\tadd.rn.f32 \t%f1, %f2, %f3;\n\tfma.rn.f64 \t%fd1, %fd2, %fd3, %fd4;\n") == []
    planted = ["mul.f32 %f1, %f2, %f3;", "@%p1 fma.rn.ftz.f32 %f1, %f2, %f3, %f4;", "ex2.approx.f32 %f1, %f2;",
               "div.full.f32 %f1, %f2, %f3;", "sqrt.approx.f32 %f1, %f2;", "add.f64 %fd1, %fd2, %fd3;"]
    assert len(loose_arithmetic("\n".join(planted))) == len(planted)


def test_forbidden_instructions_are_noticed():
    assert forbidden_instructions("MUFU.RCP R1, R2 ;\nMUFU.RSQ R1, R2 ;\nLDS R1, [R2] ;\n") == []
    assert forbidden_instructions("MUFU.EX2 R1, R2 ;\nLDL.64 R2, [R1] ;\n") == ["LDL", "MUFU.EX2"]


def test_spills_are_noticed():
    report = ("ptxas info    : Compiling entry function '_Z1kv' for 'sm_90'\n"
              "    24 bytes stack frame, 20 bytes spill stores, 48 bytes spill loads\n"
              "ptxas info    : Used 128 registers, used 1 barriers\n")
    kernel, = kernels_of(report)
    assert (kernel.registers, kernel.stack_bytes, kernel.spilled_bytes) == (128, 24, 68)
