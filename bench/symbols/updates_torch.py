"""The steps of bench/symbols/updates.cpp by torch.optim, in its loop, foreach and fused forms."""

import time

import torch


def least(f):
    for _ in range(20):
        f()
    best = 1e9
    for _ in range(60):
        start = time.perf_counter()
        for _ in range(20):
            f()
        best = min(best, (time.perf_counter() - start) / 20)
    return best * 1e6


def parameters(sizes):
    result = []
    for size in sizes:
        p = torch.nn.Parameter(torch.randn(*size))
        p.grad = torch.randn(*size)
        result.append(p)
    return result


def main():
    layer = [(64, 64), (64,)]
    models = [
        ("2 parameters, 64 x 64 and 64", layer),
        ("20 parameters of these sizes", layer * 10),
        ("50 parameters", layer * 25),
        ("one of 1024 x 1024", [(1024, 1024)]),
    ]
    rules = [
        lambda p, **form: torch.optim.SGD(p, lr=1e-6, **form),
        lambda p, **form: torch.optim.SGD(p, lr=1e-6, momentum=0.9, **form),
        lambda p, **form: torch.optim.Adam(p, lr=1e-6, **form),
    ]
    print("| us a step | sgd | momentum | adam | sgd, 2 threads | momentum | adam |\n|---|---|---|---|---|---|---|")
    for form in ("foreach", "fused"):
        for name, sizes in models:
            row = []
            for threads in (1, 2):
                torch.set_num_threads(threads)
                for rule in rules:
                    opt = rule(parameters(sizes), **{form: True})
                    row.append(f"{least(opt.step):.2f}")
            print(f"| torch {form}, {name} | " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
