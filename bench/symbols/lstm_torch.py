"""The LSTM step of passes.cpp by PyTorch, on one thread and on two: loss and all gradients, milliseconds."""

import time

import torch

torch.manual_seed(0)
lstm, last = torch.nn.LSTM(28, 64), torch.nn.Linear(64, 10)
rows, labels = torch.randn(28, 256, 28), torch.arange(256) % 10
parameters = [*lstm.parameters(), *last.parameters()]


def step():
    for p in parameters:
        p.grad = None
    states, _ = lstm(rows)
    torch.nn.functional.cross_entropy(last(states[-1]), labels).backward()


for threads in (1, 2):
    torch.set_num_threads(threads)
    least = float("inf")
    for _ in range(30):
        start = time.perf_counter()
        for _ in range(5):
            step()
        least = min(least, (time.perf_counter() - start) / 5)
    print(f"{threads} threads: {least * 1e3:.2f} ms")
