#!/usr/bin/env python3
"""Times arrays against NumPy, PyTorch, xtensor and Eigen and writes the table of docs/benchmarks/arrays.md.

    cmake --build build --target arrays
    python3 bench/arrays/run.py build/bench/arrays/arrays --out docs/benchmarks/arrays.md

Needs NumPy; PyTorch is used where it is installed. Each round runs every library once, one after the other; the
least time of all rounds counts. Ratios below 1 mean that Tenon is faster than the best of the others.
"""
import argparse
import datetime
import os
import re
import subprocess
import sys
import time

parser = argparse.ArgumentParser()
parser.add_argument("program")
parser.add_argument("--out")
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--threads", type=int, nargs="*", default=[1, 2])
parser.add_argument("--only", default="")
parser.add_argument("--span", type=float, default=0.05)
parser.add_argument("--python", type=int, help=argparse.SUPPRESS)  # run as the Python side, with so many threads
arguments = parser.parse_args()


def time_of(f, span):
    f()
    calls, best, spent, batch = 1, 1e300, 0.0, 0
    while batch < 3 or spent < span:
        begin = time.perf_counter()
        for _ in range(calls):
            f()
        taken = time.perf_counter() - begin
        spent += taken
        if taken < 0.002 and batch == 0:
            calls = max(calls * 2, int(calls * 0.003 / max(taken, 1e-9)))
            continue
        best = min(best, taken / calls)
        batch += 1
    return best * 1e9


def numpy_cases():
    import numpy as np

    g = np.random.default_rng(1)
    u = lambda *s: g.random(s, dtype=np.float32)
    cases = {}
    for n in (1000, 100000, 16000000):
        a, b, c = u(n), u(n), u(n)
        y = np.empty_like(a)

        def tanh_chain(a=a, b=b, c=c):
            t = np.tanh(a * b + c)
            return t * (a + t)

        cases[f"chain t = tanh(a b + c), t (a + t), {n}"] = tanh_chain
        cases[f"chain (a + b) c - a / (b b + 1), {n}"] = lambda a=a, b=b, c=c: (a + b) * c - a / (b * b + 1)
    x, row, column = u(1000, 1000), u(1, 1000), u(1000, 1)
    y = np.empty_like(x)
    m = "[1000, 1000]"
    cases[f"{m} + row"] = lambda: np.add(x, row, out=y)
    cases[f"{m} + column"] = lambda: np.add(x, column, out=y)
    cases[f"column * row {m}"] = lambda: np.multiply(column, row, out=y)
    cases[f"where(x > 0.5, x, 0) {m}"] = lambda: np.where(x > 0.5, x, np.float32(0))
    for axis in (0, 1):
        cases[f"sum {m} axis {axis}"] = lambda axis=axis: x.sum(axis)
        cases[f"max {m} axis {axis}"] = lambda axis=axis: x.max(axis)
        cases[f"variance {m} axis {axis}"] = lambda axis=axis: x.var(axis)
        cases[f"argmax {m} axis {axis}"] = lambda axis=axis: x.argmax(axis)
    cases[f"sum {m}"] = lambda: x.sum()
    t = u(64, 1000, 100)
    for axis in (0, 1, 2):
        cases[f"sum [64, 1000, 100] axis {axis}"] = lambda axis=axis: t.sum(axis)
    cases["sum [64, 1000, 100]"] = lambda: t.sum()

    def softmax(v):
        e = np.exp(v - v.max(1, keepdims=True))
        return e / e.sum(1, keepdims=True)

    def layer_norm(v):
        c = v - v.mean(1, keepdims=True)
        return c / np.sqrt((c * c).mean(1, keepdims=True) + np.float32(1e-5))

    small = u(4096, 10)
    cases[f"softmax {m}"] = lambda: softmax(x)
    cases["softmax [4096, 10]"] = lambda: softmax(small)
    cases[f"layer norm {m}"] = lambda: layer_norm(x)
    cases[f"transpose {m}"] = lambda: np.copyto(y, x.T)
    p = u(64, 128, 100)
    for order in ((0, 2, 1), (2, 0, 1), (1, 0, 2)):
        cases["permute [64, 128, 100] to %d, %d, %d" % order] = lambda o=order: np.ascontiguousarray(p.transpose(o))
    cases[f"x[::2, ::3] {m}"] = lambda: x[::2, ::3].copy()
    cases[f"x[::-1, ::-1] {m}"] = lambda: x[::-1, ::-1].copy()

    def assign():
        y[::2, :] = 1

    cases[f"y[::2, :] = 1 {m}"] = assign
    a, b = u(500, 1000), u(1000, 500)
    cases["concat two [500, 1000], axis 0"] = lambda: np.concatenate((a, a), 0)
    cases["concat two [1000, 500], axis 1"] = lambda: np.concatenate((b, b), 1)
    pieces = [u(125, 1000) for _ in range(8)]
    cases["concat eight [125, 1000], axis 0"] = lambda: np.concatenate(pieces, 0)
    table, rows = u(50000, 64), np.arange(10000, dtype=np.int64) * 7919 % 50000
    cases["take 10000 rows of [50000, 64]"] = lambda: table[rows]
    line = u(1000000)
    cases["sort 1000000"] = lambda: np.sort(line)
    cases["argsort 1000000"] = lambda: np.argsort(line, kind="stable")
    cases[f"sort {m} axis 1"] = lambda: np.sort(x, 1)
    cases[f"topk 10 of {m}"] = lambda: np.argsort(-np.partition(-x, 10, 1)[:, :10], 1)
    along = np.argsort(x, 1)
    cases[f"take_along_axis {m}"] = lambda: np.take_along_axis(x, along, 1)
    cases[f"cumsum {m} axis 1"] = lambda: np.cumsum(x, 1)
    cases["x[x > 0.5] 1000000"] = lambda: line[line > 0.5]
    for f, low, high in (("exp", -5, 5), ("log", 0.01, 10), ("tanh", -5, 5), ("sin", -10, 10), ("sqrt", 0, 10)):
        for n in (10000, 1000000):
            v = u(n) * np.float32(high - low) + np.float32(low)
            o = np.empty_like(v)
            cases[f"{f} of {n}"] = lambda f=getattr(np, f), v=v, o=o: f(v, out=o)
    for n in (2, 4, 8):
        v, w = np.full((n, n), 0.5, np.float32), np.full((n, n), 0.25, np.float32)
        cases[f"a * b + a, {n * n} elements"] = lambda v=v, w=w: v * w + v
    for a_, b_, c_ in [(n, n, n) for n in (16, 64, 256, 1024, 2048)] + [(100000, 64, 64), (64, 100000, 64), (1, 1024, 1024)]:
        v, w, o = u(a_, b_), u(b_, c_), np.empty((a_, c_), np.float32)
        cases[f"matmul [{a_}, {b_}] x [{b_}, {c_}]"] = lambda v=v, w=w, o=o: np.matmul(v, w, out=o)
    for s in ((64, 32), (512, 8), (8, 256)):
        v, w = u(s[0], s[1], s[1]), u(s[0], s[1], s[1])
        cases[f"batched matmul [{s[0]}, {s[1]}, {s[1]}]"] = lambda v=v, w=w: np.matmul(v, w)
    e1, e2, e3 = u(100, 200), u(200, 300), u(300, 50)
    cases["einsum ij,jk,kl->il"] = lambda: np.einsum("ij,jk,kl->il", e1, e2, e3, optimize=True)
    cases["uniform 1000000"] = lambda: g.random(1000000, dtype=np.float32)
    cases["normal 1000000"] = lambda: g.standard_normal(1000000, dtype=np.float32)
    return cases


def torch_cases(threads):
    import torch

    torch.set_num_threads(threads)
    torch.manual_seed(1)
    u = torch.rand
    cases = {}
    for n in (1000, 100000, 16000000):
        a, b, c = u(n), u(n), u(n)

        def tanh_chain(a=a, b=b, c=c):
            t = torch.tanh(a * b + c)
            return t * (a + t)

        cases[f"chain t = tanh(a b + c), t (a + t), {n}"] = tanh_chain
        cases[f"chain (a + b) c - a / (b b + 1), {n}"] = lambda a=a, b=b, c=c: (a + b) * c - a / (b * b + 1)
    x, row, column = u(1000, 1000), u(1, 1000), u(1000, 1)
    y = torch.empty_like(x)
    m = "[1000, 1000]"
    cases[f"{m} + row"] = lambda: torch.add(x, row, out=y)
    cases[f"{m} + column"] = lambda: torch.add(x, column, out=y)
    cases[f"column * row {m}"] = lambda: torch.mul(column, row, out=y)
    zero = torch.tensor(0.0)
    cases[f"where(x > 0.5, x, 0) {m}"] = lambda: torch.where(x > 0.5, x, zero)
    for axis in (0, 1):
        cases[f"sum {m} axis {axis}"] = lambda axis=axis: x.sum(axis)
        cases[f"max {m} axis {axis}"] = lambda axis=axis: x.amax(axis)
        cases[f"variance {m} axis {axis}"] = lambda axis=axis: x.var(axis, correction=0)
        cases[f"argmax {m} axis {axis}"] = lambda axis=axis: x.argmax(axis)
    cases[f"sum {m}"] = lambda: x.sum()
    t = u(64, 1000, 100)
    for axis in (0, 1, 2):
        cases[f"sum [64, 1000, 100] axis {axis}"] = lambda axis=axis: t.sum(axis)
    cases["sum [64, 1000, 100]"] = lambda: t.sum()
    small = u(4096, 10)
    cases[f"softmax {m}"] = lambda: torch.softmax(x, 1)
    cases["softmax [4096, 10]"] = lambda: torch.softmax(small, 1)
    cases[f"layer norm {m}"] = lambda: torch.nn.functional.layer_norm(x, (1000,))
    cases[f"transpose {m}"] = lambda: y.copy_(x.T)
    p = u(64, 128, 100)
    for order in ((0, 2, 1), (2, 0, 1), (1, 0, 2)):
        cases["permute [64, 128, 100] to %d, %d, %d" % order] = lambda o=order: p.permute(o).contiguous()
    cases[f"x[::2, ::3] {m}"] = lambda: x[::2, ::3].contiguous()
    cases[f"x[::-1, ::-1] {m}"] = lambda: torch.flip(x, (0, 1))

    def assign():
        y[::2, :] = 1

    cases[f"y[::2, :] = 1 {m}"] = assign
    a, b = u(500, 1000), u(1000, 500)
    cases["concat two [500, 1000], axis 0"] = lambda: torch.cat((a, a), 0)
    cases["concat two [1000, 500], axis 1"] = lambda: torch.cat((b, b), 1)
    pieces = [u(125, 1000) for _ in range(8)]
    cases["concat eight [125, 1000], axis 0"] = lambda: torch.cat(pieces, 0)
    table, rows = u(50000, 64), torch.arange(10000) * 7919 % 50000
    cases["take 10000 rows of [50000, 64]"] = lambda: table[rows]
    line = u(1000000)
    cases["sort 1000000"] = lambda: torch.sort(line)[0]
    cases["argsort 1000000"] = lambda: torch.argsort(line, stable=True)
    cases[f"sort {m} axis 1"] = lambda: torch.sort(x, 1)[0]
    cases[f"topk 10 of {m}"] = lambda: torch.topk(x, 10, 1)[1]
    along = torch.argsort(x, 1)
    cases[f"take_along_axis {m}"] = lambda: torch.take_along_dim(x, along, 1)
    cases[f"cumsum {m} axis 1"] = lambda: torch.cumsum(x, 1)
    cases["x[x > 0.5] 1000000"] = lambda: line[line > 0.5]
    for f, low, high in (("exp", -5, 5), ("log", 0.01, 10), ("tanh", -5, 5), ("erf", -3, 3), ("sin", -10, 10), ("sqrt", 0, 10)):
        for n in (10000, 1000000):
            v = u(n) * (high - low) + low
            o = torch.empty_like(v)
            cases[f"{f} of {n}"] = lambda f=getattr(torch, f), v=v, o=o: f(v, out=o)
    for n in (2, 4, 8):
        v, w = torch.full((n, n), 0.5), torch.full((n, n), 0.25)
        cases[f"a * b + a, {n * n} elements"] = lambda v=v, w=w: v * w + v
    for a_, b_, c_ in [(n, n, n) for n in (16, 64, 256, 1024, 2048)] + [(100000, 64, 64), (64, 100000, 64), (1, 1024, 1024)]:
        v, w, o = u(a_, b_), u(b_, c_), torch.empty(a_, c_)
        cases[f"matmul [{a_}, {b_}] x [{b_}, {c_}]"] = lambda v=v, w=w, o=o: torch.matmul(v, w, out=o)
    for s in ((64, 32), (512, 8), (8, 256)):
        v, w = u(s[0], s[1], s[1]), u(s[0], s[1], s[1])
        cases[f"batched matmul [{s[0]}, {s[1]}, {s[1]}]"] = lambda v=v, w=w: torch.matmul(v, w)
    e1, e2, e3 = u(100, 200), u(200, 300), u(300, 50)
    cases["einsum ij,jk,kl->il"] = lambda: torch.einsum("ij,jk,kl->il", e1, e2, e3)
    cases["uniform 1000000"] = lambda: torch.rand(1000000)
    cases["normal 1000000"] = lambda: torch.randn(1000000)
    return cases


def python_side(threads):
    libraries = [("NumPy", numpy_cases)]
    try:
        import torch  # noqa: F401

        libraries.append(("PyTorch", lambda: torch_cases(threads)))
    except ImportError:
        pass
    for library, make in libraries:
        for name, f in make().items():
            if re.search(arguments.only, name):
                print(f"{name}\t{library}\t{time_of(f, arguments.span):.1f}", flush=True)


def lines_of(command, threads):
    environment = dict(os.environ)
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        environment[variable] = str(threads)
    text = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, text=True).stdout
    return [line.split("\t") for line in text.splitlines() if line.count("\t") == 2]


def duration(ns):
    return f"{ns:.3g} ns" if ns < 1e3 else f"{ns / 1e3:.3g} us" if ns < 1e6 else f"{ns / 1e6:.3g} ms"


def versions():
    import numpy

    found = ["NumPy " + numpy.__version__]
    try:
        import torch

        found.append("PyTorch " + torch.__version__)
    except ImportError:
        pass
    return ", ".join(found)


def main():
    only, span = ["--only", arguments.only or ".*"], ["--span", str(arguments.span)]
    best, order = {}, []
    for threads in arguments.threads:
        for turn in range(arguments.rounds):
            print(f"{threads} thread(s), round {turn + 1} of {arguments.rounds} ...", file=sys.stderr, flush=True)
            ours = lines_of([arguments.program, "--threads", str(threads)] + only + span, threads)
            theirs = lines_of(
                [sys.executable, __file__, arguments.program, "--python", str(threads)] + only + span, threads)
            for name, library, ns in ours + theirs:
                if library == "tenon" and name not in order:
                    order.append(name)
                key = (name, library, threads)
                best[key] = min(best.get(key, 1e300), float(ns))
    peers = ["NumPy", "PyTorch", "xtensor", "Eigen"]
    out = []
    for threads in arguments.threads:
        out.append(f"\n## {threads} thread{'s' if threads > 1 else ''}\n")
        out.append("| case | Tenon | " + " | ".join(peers) + " | Tenon / best |")
        out.append("|---|---:|" + "---:|" * len(peers) + "---:|")
        for name in order:
            ours = best[(name, "tenon", threads)]
            theirs = [best.get((name, p, threads)) for p in peers]
            known = [t for t in theirs if t is not None]
            ratio = f"{ours / min(known):.2f}" if known else ""
            cells = [duration(t) if t is not None else "" for t in theirs]
            out.append(f"| {name} | {duration(ours)} | " + " | ".join(cells) + f" | {ratio} |")
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "")
    head = [
        "# Arrays against their peers",
        "",
        "The table that `bench/arrays` prints: `cmake --build build --target arrays && python3 bench/arrays/run.py",
        "build/bench/arrays/arrays --out docs/benchmarks/arrays.md`. Float32 unless said otherwise; every library in the same",
        f"run, the least time of {arguments.rounds} rounds. Ratios are of Tenon's time to the least of the others.",
        "",
        f"- {datetime.date.today()}, {cpu}, {os.cpu_count()} threads",
        f"- {versions()}, xtensor and Eigen of the system, all C++ with -O3 -march=native -DNDEBUG",
        "- NumPy and PyTorch pay their call from Python, some 0.5 to 3 us; xtensor and Eigen use one thread.",
    ]
    note = ""
    if arguments.out and os.path.exists(arguments.out):
        old = open(arguments.out).read()
        at = old.find("\n## Where")
        note = old[at:] if at >= 0 else ""
    text = "\n".join(head + out) + "\n" + note
    if arguments.out:
        open(arguments.out, "w").write(text)
    else:
        print(text)


if arguments.python:
    python_side(arguments.python)
else:
    main()
