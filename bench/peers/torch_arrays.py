"""PyTorch: tensors [customer, path] on a GPU, month by month, in single precision.

Once eagerly, once with the whole simulation of a batch given to torch.compile."""

import torch
from common import joined, monthly_tables, order_figures

requires = ["torch"]


def simulate(paths, step_sd, step_drift, discount, margin, before, revenue, cost):
    """Values [alternative, customer, path]; margin and before are [month, alternative, customer, 1]."""
    shape = (revenue.shape[0], paths)
    threshold = torch.empty(shape, device=revenue.device).exponential_()
    log_growth = torch.zeros(shape, device=revenue.device)
    total = [torch.zeros(shape, device=revenue.device) for _ in range(margin.shape[1])]
    for month, factor in enumerate(discount):
        if month > 0:
            log_growth = log_growth + (step_sd * torch.randn(shape, device=revenue.device) + step_drift)
        discounted = factor * revenue * torch.exp(log_growth)
        total = [torch.where(before[month, a] < threshold, value + discounted * margin[month, a] - factor * cost, value)
                 for a, value in enumerate(total)]
    return torch.stack(total)


def preparer(compiled):
    def prepare(work):
        device = work.device
        margin, before, columns = (torch.tensor(each[..., None], dtype=torch.float32, device=device)
                                   for each in monthly_tables(work))
        discount = work.discount.tolist()
        live = torch.compile(simulate, dynamic=False) if compiled else simulate

        def figures(part):
            revenue, cost = columns[:, part]
            values = live(work.paths, work.step_sd, work.step_drift, discount, margin[:, :, part], before[:, :, part],
                          revenue, cost)
            found = {"mean": values.mean(dim=-1, dtype=torch.float64)}
            found["sd"] = torch.sqrt(((values - found["mean"][..., None].float()) ** 2).sum(-1, dtype=torch.float64) /
                                     (work.paths - 1))
            if work.quantiles:
                found |= order_figures(work, torch.sort(values, dim=-1).values)
            return found

        def on_host(found):
            return {name: [each.cpu().numpy() for each in value] if name == "quantiles" else value.cpu().numpy()
                    for name, value in found.items()}

        def run(seed):
            torch.manual_seed(seed)
            with torch.no_grad():
                return joined([on_host(figures(part)) for part in work.gpu_batches()])

        return run

    return prepare


def unavailable(device):
    if device == "cuda" and not torch.cuda.is_available():
        return "PyTorch sees no GPU"
    return None


forms = {"PyTorch, eager": preparer(compiled=False), "PyTorch, compiled": preparer(compiled=True)}
