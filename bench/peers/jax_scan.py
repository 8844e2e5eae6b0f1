"""JAX: a compiled scan over the months of a batch of customers, on the CPU or on a GPU.

On the CPU a batch is one customer, whose arrays stay in cache; on a GPU as many as keep it busy. There the default
generator and `unsafe_rbg` are timed, and the default one also with the scan unrolled, which lets XLA fuse the months
with their random numbers. On a CPU neither is a gain."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
from common import figures_of, joined, monthly_tables, order_figures

requires = ["jax"]


def preparer(generator, unroll):
    def prepare(work):
        on_gpu = work.device == "cuda"
        slices = work.gpu_batches() if on_gpu else [slice(i, i + 1) for i in range(work.customers)]
        margin, before, columns = monthly_tables(work)
        simulate = jax.jit(functools.partial(simulate_batch, work, unroll, on_gpu))
        months = [jnp.asarray(np.arange(1, work.months + 1)), jnp.asarray(work.discount, jnp.float32)]
        inputs = [(margin[:, :, part], before[:, :, part], columns[:, part]) for part in slices]
        inputs = [tuple(jnp.asarray(each[..., None], jnp.float32) for each in part) for part in inputs]

        def run(seed):
            keys = jax.random.split(jax.random.key(seed, impl=generator), len(slices))
            done = [simulate(key, *months, *part) for key, part in zip(keys, inputs)]
            if not on_gpu and work.quantiles:
                done = [figures_of(work, np.asarray(values)) for values in done]
            return joined(jax.device_get(done))

        return run

    return prepare


def simulate_batch(work, unroll, on_gpu, key, month, discount, margin, before, columns):
    revenue, cost = columns
    shape = (revenue.shape[0], work.paths)
    threshold_key, key = jax.random.split(key)
    threshold = jax.random.exponential(threshold_key, shape)

    def live(carry, inputs):
        log_growth, value = carry
        month_key, number, factor, margins, hazards = inputs
        step = work.step_sd * jax.random.normal(month_key, shape) + work.step_drift
        log_growth = jnp.where(number == 1, 0.0, log_growth + step)
        cash_flow = revenue * jnp.exp(log_growth)
        value = [total + jnp.where(hazards[a] < threshold, factor * (cash_flow * margins[a] - cost), 0.0)
                 for a, total in enumerate(value)]
        return (log_growth, value), None

    start = (jnp.zeros(shape), [jnp.zeros(shape) for _ in work.alternatives])
    inputs = (jax.random.split(key, work.months), month, discount, margin, before)
    (_, value), _ = jax.lax.scan(live, start, inputs, unroll=unroll)
    values = jnp.stack(value)
    if work.quantiles and not on_gpu:
        return values  # NumPy sorts faster than XLA on a CPU
    figures = {"mean": values.mean(axis=-1), "sd": values.std(axis=-1, ddof=1)}
    return figures | order_figures(work, jnp.sort(values, axis=-1)) if work.quantiles else figures


def unavailable(device):
    if device == "cuda" and jax.default_backend() != "gpu":
        return "JAX sees no GPU"
    return None


def forms_for(device):
    if device == "cpu":
        return {"JAX, scan": preparer("threefry2x32", 1)}
    return {"JAX, scan": preparer("threefry2x32", 1), "JAX, scan, rbg": preparer("unsafe_rbg", 1),
            "JAX, unrolled": preparer("threefry2x32", True)}
