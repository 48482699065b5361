"""Recomputes with NumPy every case in a file that `cases` wrote, and compares: check.py FILE.

Functions of floats are recomputed with more digits (float64 for float32, long double for float64), so that
errors are those of the library, not NumPy's. Exits with 1 where anything disagrees.
"""

import struct
import sys
import time
import warnings

import numpy as np

DTYPES = {
    2: np.bool_, 3: np.int8, 4: np.int16, 5: np.int32, 6: np.int64, 7: np.uint8, 8: np.uint16, 9: np.uint32,
    10: np.uint64, 11: np.float16, 13: np.float32, 14: np.float64, 15: np.complex64, 16: np.complex128,
}  # fmt: skip
MANTISSA = {np.dtype(np.float32): 23, np.dtype(np.float64): 52}
LEAST = {np.dtype(np.float32): -126, np.dtype(np.float64): -1022}
MOST = {np.dtype(np.float32): 128, np.dtype(np.float64): 1024}
SHOWN = 3  # disagreements of each op that are printed

# Units in the last place, of the exact value, that a function of floats may be off by; a pair is for float32
# and float64. For exp, log, tanh and sigmoid, which the library computes itself, they are the bounds that
# tests/eval/lanes_test.cpp holds; erfinv's is stated in core/functions.hpp. The rest are the C library's:
# what glibc's manual states for x86-64, and 1/2 because it counts from the rounded value.
# The greatest errors of docs/benchmarks/accuracy.md with a little room: of float, or of float and double.
ULPS = {
    "exp": 1.25, "log": 1, "tanh": (7.5, 3), "sigmoid": 2.75, "exp2": 1.5, "expm1": (1.75, 2.4), "log1p": 1.5,
    "log2": 1.5, "log10": 1, "cbrt": 1.25, "rsqrt": 1.5, "erf": 1.5, "erfc": (1.25, 3.5), "erfinv": 2, "sin": 1.5,
    "cos": 1.5, "tan": (1.5, 2.4), "asin": 2.25, "acos": 1.5, "atan": 2, "sinh": 2.5, "cosh": 2.5, "asinh": 2.5,
    "acosh": 2.5, "atanh": 2.5, "hypot": 1.5, "atan2": (1.25, 2.25), "xlogy": 2.5, "pow": 1.5, "softplus": 3,
    "log_sigmoid": 3, "softsign": 1.5, "elu": 2, "selu": 4, "celu": 2, "leaky_relu": 1,
}  # fmt: skip


def units(name, dtype):
    limit = ULPS[name]
    return limit[dtype == np.float64] if isinstance(limit, tuple) else limit


# ---- the file --------------------------------------------------------------------------------------------


class Case:
    """One case: op, attributes, operands, and the result, or why there is none."""

    def __init__(self, data, at):
        self.op, at = text(data, at)
        attributes, at = text(data, at)
        attributes, _, self.threw = attributes.partition("threw=")
        self.attributes = attributes.strip(";")
        self.values = {}
        for item in filter(None, self.attributes.split(";")):
            key, _, numbers = item.partition("=")
            self.values[key] = [int(n) for n in numbers.split(",")]
        count, at = data[at], at + 1
        self.operands, self.strides = [], []
        for _ in range(count):
            array, strides, at = read_array(data, at)
            self.operands.append(array)
            self.strides.append(strides)
        count, at = data[at], at + 1
        self.result = None
        for _ in range(count):
            self.result, _, at = read_array(data, at)
        self.end = at

    def one(self, key):
        return self.values[key][0]

    @property
    def axes(self):
        return tuple(self.values["axes"]) if "axes" in self.values else None

    @property
    def keep(self):
        return "keep" in self.values


def text(data, at):
    (n,) = struct.unpack_from("<H", data, at)
    return data[at + 2 : at + 2 + n].decode(), at + 2 + n


def read_array(data, at):
    dtype, rank = np.dtype(DTYPES[data[at]]), data[at + 1]
    numbers = struct.unpack_from(f"<{2 * rank}q", data, at + 2)
    shape, at = numbers[:rank], at + 2 + 16 * rank
    count = 1
    for n in shape:
        count *= n
    array = np.frombuffer(data, dtype, count, at).reshape(shape)
    return array, numbers[rank:], at + count * dtype.itemsize


# ---- what is expected ------------------------------------------------------------------------------------


class Exactly:
    """The very elements; NaN is NaN, and +0 is -0 unless `signed`."""

    def __init__(self, value, dtype=None, signed=False):
        self.value = np.asarray(value)
        self.dtype = np.dtype(dtype) if dtype is not None else self.value.dtype
        self.signed = signed

    def error(self, got):
        value = self.value
        wrong = got != value
        if got.dtype.kind == "f":
            wrong &= ~(np.isnan(got) & np.isnan(value))
            if self.signed:
                wrong |= np.signbit(got) != np.signbit(value)
        return np.where(wrong, np.inf, 0.0)

    limit = 0


class Within:
    """A number of units in the last place, or (with `scale`) of parts of `scale` that are eps large."""

    def __init__(self, value, dtype, limit, scale=None):
        self.value, self.dtype, self.limit, self.scale = np.asarray(value), np.dtype(dtype), limit, scale

    def error(self, got):
        value, wide = self.value, self.value.dtype.type
        most = np.ldexp(wide(1), MOST[self.dtype])  # what an overflow stands for
        value = np.where(np.isinf(value), value, np.clip(value, -most, most))
        close = got.astype(wide)
        overflowed = np.isinf(close) & np.isfinite(value)
        close = np.where(overflowed, np.copysign(most, close), close)
        if self.scale is None:
            _, exponent = np.frexp(value)
            unit = np.ldexp(wide(1), np.maximum(exponent - 1, LEAST[self.dtype]) - MANTISSA[self.dtype])
        else:
            eps = np.ldexp(wide(1), -MANTISSA[self.dtype])
            tiny = np.ldexp(wide(1), LEAST[self.dtype] - MANTISSA[self.dtype])
            unit = eps * np.maximum(np.where(np.isfinite(self.scale), self.scale, 1), np.abs(value)) + tiny
        error = np.abs(close - value) / unit
        error = np.where(close == value, 0, error)  # infinities
        both = np.isnan(close) & np.isnan(value)
        return np.where(both, 0, np.where(np.isnan(error), np.inf, error)).astype(np.float64)


def wide(x):
    """x with more digits, integers and bools as they are."""
    if x.dtype == np.float32:
        return x.astype(np.float64)
    return x.astype(np.longdouble) if x.dtype == np.float64 else x


def promoted(case):
    return np.result_type(*[x.dtype for x in case.operands])


def floats(case):
    return [wide(x) for x in case.operands], promoted(case)


OPS = {}


def op(*names):
    def add(f):
        for name in names:
            OPS[name] = f
        return f

    return add


def exact(name, f, **options):
    OPS[name] = lambda case: Exactly(f(*case.operands), **options)


def accurate(name, f):
    def expected(case):
        x, dtype = floats(case)
        return Within(f(*x), dtype, units(name, dtype))

    OPS[name] = expected


# ---- arithmetic ------------------------------------------------------------------------------------------

exact("add", np.add)
exact("subtract", np.subtract)
exact("multiply", np.multiply)
exact("negate", np.negative)
exact("maximum", np.maximum)
exact("minimum", np.minimum)
exact("abs", np.abs)
exact("ten_minus", lambda x: x.dtype.type(10) - x)
exact("stop_gradient", lambda x: x, signed=True)
exact("square", np.square)
exact("sign", np.sign)
exact("relu", lambda x: np.maximum(x, x.dtype.type(0)))
exact("twice_plus_three", lambda x: x * x.dtype.type(2) + x.dtype.type(3))
exact("where", np.where)
exact("clip", lambda x, low, high: np.minimum(np.maximum(x, low), high))


@op("divide")
def divide(case):
    a, b = case.operands
    if promoted(case).kind == "f":
        return Exactly(np.divide(a, b))
    # Documented (core/math.hpp): integers truncate towards 0, by 0 give 0, and least / -1 wraps.
    quotient, rest = np.floor_divide(a, b), np.remainder(a, b)
    quotient = quotient + ((rest != 0) & ((a < 0) != (b < 0))).astype(quotient.dtype)
    return Exactly(np.where(b == 0, quotient.dtype.type(0), quotient))


for name in ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal"):
    exact(name, getattr(np, name))
for name in ("logical_and", "logical_or", "logical_xor", "logical_not", "isnan", "isinf", "isfinite"):
    exact(name, getattr(np, name))
exact("signbit", lambda x: np.signbit(x) if x.dtype.kind == "f" else x < 0)
for name in ("bitwise_and", "bitwise_or", "bitwise_xor"):
    exact(name, getattr(np, name))
exact("bitwise_not", np.invert)
exact("left_shift", np.left_shift)
exact("right_shift", np.right_shift)


@op("astype")
def astype(case):
    (x,), to = case.operands, case.result.dtype
    if x.dtype.kind == "f" and to.kind == "i":
        # Documented (core/math.hpp): truncates and saturates, NaN gives 0; in NumPy that is undefined.
        limits = np.iinfo(to)
        inside = (x >= float(limits.min)) & (x < -float(limits.min))
        kept = np.where(inside, x, 0).astype(to)
        value = np.where(inside, kept, np.where(x > 0, to.type(limits.max), to.type(limits.min)))
        return Exactly(np.where(np.isnan(x), to.type(0), value))
    return Exactly(x.astype(to), signed=to.kind == "f")


# ---- rounding and remainders -----------------------------------------------------------------------------

for name, function in (("floor", np.floor), ("ceil", np.ceil), ("trunc", np.trunc), ("round", np.rint)):
    exact(name, lambda x, f=function: f(x) if x.dtype.kind == "f" else x)
exact("fmod", np.fmod)
exact("remainder", np.remainder)
exact("floor_divide", np.floor_divide)
exact("sqrt", np.sqrt)
exact("reciprocal", lambda x: x.dtype.type(1) / x)
exact("nan_to_num", np.nan_to_num)
exact("copysign", np.copysign, signed=True)


@op("pow")
def power(case):
    a, b = case.operands
    if promoted(case).kind == "f":
        (x, y), dtype = floats(case)
        # glibc's powl says (-inf) ** -2.0**63 is inf, it is 0: what is special, from the narrow function.
        special = (x == 0) | ~np.isfinite(x) | ~np.isfinite(y)
        return Within(np.where(special, np.power(a, b), np.power(x, y)), dtype, units("pow", dtype))
    # Documented (core/functions.hpp): a negative exponent truncates 1 / a^-b towards 0; NumPy refuses it.
    one = a.dtype.type(1)
    odd = np.where(b % 2 != 0, -one, one)
    small = np.where(a == 1, one, np.where(a == -1, odd, a.dtype.type(0)))
    return Exactly(np.where(b < 0, small, np.power(a, np.where(b < 0, b.dtype.type(0), b))))


# ---- transcendental functions ----------------------------------------------------------------------------


def erf_series(x):
    """erf by the series 2/sqrt(pi) exp(-x^2) (x + 2 x^3 / 3 + 4 x^5 / 15 + ...), without cancellation."""
    term = total = x
    for n in range(1, 200):
        term = term * 2 * x * x / (2 * n + 1)
        total = total + term
    return 2 / np.sqrt(PI) * np.exp(-x * x) * total


def erfc_fraction(x):
    """erfc of x >= 2 by its continued fraction."""
    rest = x * 0
    for n in range(120, 0, -1):
        rest = np.longdouble(n) / 2 / (x + rest)
    return np.exp(-x * x) / (np.sqrt(PI) * (x + rest))


PI = 4 * np.arctan(np.longdouble(1))


def erf(x):
    x = x.astype(np.longdouble)
    small = np.abs(x) < 3
    near = erf_series(np.where(small, x, 0))
    far = np.copysign(1 - erfc_fraction(np.where(small | np.isnan(x), 3, np.minimum(np.abs(x), 200))), x)
    return np.where(np.isnan(x), x, np.where(small, near, far))


def erfc(x):
    x = x.astype(np.longdouble)
    large = x >= 2
    far = erfc_fraction(np.where(large, np.minimum(x, 200), 2))
    return np.where(large, far, 1 - erf(np.where(large, 0, x)))


def erfinv(x):
    """By bisection and then steps of Newton on erfc(y) = 1 - |x|, in long double."""
    x = x.astype(np.longdouble)
    inside = np.abs(x) < 1
    a = np.where(inside, np.abs(x), 0)
    y = np.sqrt(np.maximum(-np.log((1 - a) * (1 + a)), 0)) * 0.9
    y = np.where(a < 0.7, a * np.sqrt(PI) / 2, y)
    for _ in range(12):
        error = np.where(a < 0.5, erf(y) - a, (1 - a) - erfc(y))
        slope = 2 / np.sqrt(PI) * np.exp(-y * y)
        y = y - error / (slope + y * error)
    outside = np.where(np.abs(x) == 1, np.inf, np.nan)
    return np.copysign(np.where(inside, y, outside), x)


def xlogy(a, b):
    return np.where((a == 0) & ~np.isnan(b), a.dtype.type(0), a * np.log(b))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


for name, function in (("asin", np.arcsin), ("acos", np.arccos), ("atan", np.arctan), ("asinh", np.arcsinh),
                       ("acosh", np.arccosh), ("atanh", np.arctanh), ("atan2", np.arctan2),
                       ("sigmoid", sigmoid), ("erf", erf), ("erfc", erfc), ("erfinv", erfinv),
                       ("xlogy", xlogy), ("rsqrt", lambda x: 1 / np.sqrt(x))):  # fmt: skip
    accurate(name, function)
for name in ("exp", "log", "tanh", "exp2", "expm1", "log1p", "log2", "log10", "cbrt", "sin", "cos", "tan",
             "sinh", "cosh", "hypot"):  # fmt: skip
    accurate(name, getattr(np, name))


@op("logaddexp")
def logaddexp(case):
    (a, b), dtype = floats(case)
    # The sum of the greater and log1p(...): where they cancel, the error is relative to the terms.
    return Within(np.logaddexp(a, b), dtype, 2, np.abs(np.maximum(a, b)) + 1)


# ---- activations: their formulas; where terms cancel, errors relative to the terms -----------------------


def softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def elu(x, alpha=1.0):
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


SELU = tuple(map(np.longdouble, ("1.0507009873554804934193349852946", "1.6732632423543772848170429916717")))
accurate("softplus", softplus)
accurate("log_sigmoid", lambda x: -softplus(-x))
accurate("softsign", lambda x: x / (1 + np.abs(x)))
accurate("elu", elu)
accurate("celu", elu)
accurate("selu", lambda x: SELU[0] * elu(x, SELU[1]))
accurate("leaky_relu", lambda x: np.where(x > 0, x, x * np.longdouble("0.01")))
exact("hardtanh", lambda x: np.minimum(np.maximum(x, x.dtype.type(-1)), x.dtype.type(1)))
exact("relu6", lambda x: np.minimum(np.maximum(x, x.dtype.type(0)), x.dtype.type(6)))


def scaled(name, f, limit, scale):
    def expected(case):
        x, dtype = floats(case)
        return Within(f(*x), dtype, limit, scale(*x))

    OPS[name] = expected


def hard_sigmoid(x):
    return np.minimum(np.maximum(x / 6 + 0.5, 0), 1)


ROOT2 = np.sqrt(np.longdouble(2))
scaled("hard_sigmoid", hard_sigmoid, 1, lambda x: np.ones_like(x))
scaled("hardswish", lambda x: x * hard_sigmoid(x), 2, np.abs)
# Below 0 the argument of erfc (of exp, of tanh) carries an error of x eps, its value one of x^2 eps.
scaled("gelu", lambda x: x / 2 * erfc(-x / ROOT2), 4, lambda x: np.minimum(np.abs(x), 40))
CUBIC = np.longdouble("0.044715")
scaled("gelu_tanh", lambda x: x * sigmoid(2 * ROOT2 / np.sqrt(PI) * (x + CUBIC * x**3)), 4, np.abs)
scaled("silu", lambda x: x * sigmoid(x), 4, np.abs)
scaled("mish", lambda x: x * np.tanh(softplus(x)), 4, np.abs)


@op("softmax", "log_softmax", "logsumexp")
def softmax(case):
    (x,), dtype = floats(case)
    axis = case.one("axis")
    n = x.shape[axis]
    top = np.max(x, axis, keepdims=True, initial=-np.inf)
    shift = np.where(np.isfinite(top), top, 0)
    total = np.sum(np.exp(x - shift), axis, keepdims=True)
    limit = np.log2(max(n, 1)) / 2 + 2
    if case.op == "softmax":
        # exp of a difference that is rounded: an error of |x - shift| eps.
        value = np.exp(x - shift) / total
        return Within(value, dtype, limit, value * (1 + np.abs(x - shift)))
    if case.op == "log_softmax":
        return Within(x - shift - np.log(total), dtype, limit, 1 + np.abs(x - shift) + np.abs(np.log(total)))
    value = (np.log(total) + shift).squeeze(axis)
    return Within(value, dtype, limit, 1 + np.abs(shift.squeeze(axis)))


# ---- reductions ------------------------------------------------------------------------------------------


def summed(terms, case, dtype, value=None, factor=1):
    """A sum of floats: an error of log2(n) + 4 units of the sum of magnitudes."""
    axes, keep = case.axes, case.keep
    if value is None:
        value = np.sum(terms, axes, keepdims=keep)
    scale = np.sum(np.abs(terms), axes, keepdims=keep) * factor
    return Within(value, dtype, np.log2(max(count(case), 1)) + 4, scale)


def count(case):
    shape = case.operands[0].shape
    n = 1
    for axis in range(len(shape)) if case.axes is None else case.axes:
        n *= shape[axis]
    return n


@op("sum")
def total(case):
    (x,) = case.operands
    if x.dtype.kind == "f":
        return summed(wide(x), case, x.dtype)
    return Exactly(np.sum(x, case.axes, dtype=np.int64, keepdims=case.keep))


@op("mean")
def mean(case):
    (x,), dtype = floats(case)
    n = x.dtype.type(count(case))
    return summed(x, case, dtype, np.sum(x, case.axes, keepdims=case.keep) / n, 1 / max(n, 1))


@op("prod")
def product(case):
    (x,) = case.operands
    if x.dtype.kind != "f":
        return Exactly(np.prod(x, case.axes, dtype=np.int64, keepdims=case.keep))
    value = np.prod(wide(x), case.axes, keepdims=case.keep)
    # Every factor adds an error of its own, however they are grouped.
    return Within(value, x.dtype, np.sqrt(count(case)) / 2 + 4, np.abs(value))


@op("max", "min")
def extremum(case):
    (x,) = case.operands
    f = np.max if case.op == "max" else np.min
    # Documented by the identities in ops/reduction.hpp: of no elements the least (greatest) there is; NumPy
    # refuses those.
    if x.dtype.kind == "f":
        start = -np.inf if case.op == "max" else np.inf
    else:
        start = np.iinfo(x.dtype).min if case.op == "max" else np.iinfo(x.dtype).max
    return Exactly(f(x, case.axes, keepdims=case.keep, initial=start), x.dtype)


@op("any", "all")
def truth(case):
    f = np.any if case.op == "any" else np.all
    return Exactly(f(case.operands[0], case.axes, keepdims=case.keep), np.bool_)


@op("count_nonzero")
def count_nonzero(case):
    return Exactly(np.count_nonzero(case.operands[0], case.axes, keepdims=case.keep), np.int64)


@op("variance", "stddev")
def variance(case):
    (x,), dtype = floats(case)
    n = x.dtype.type(count(case))
    if n == 0:
        middle = x
    else:
        middle = np.sum(x, case.axes, keepdims=True) / n
    spread = np.sum(np.square(x - middle), case.axes, keepdims=case.keep)
    divisor = n - case.one("ddof")
    value = spread / divisor
    limit = np.log2(max(n, 1)) + 4
    # The mean is off by some units of the mean magnitude; that, squared, adds to every element.
    eps = np.ldexp(x.dtype.type(1), -MANTISSA[dtype])
    off = eps * limit * np.sum(np.abs(x), case.axes, keepdims=case.keep) / max(n, 1)
    scale = value * 2 + np.square(off) / eps + off
    if case.op == "variance":
        return Within(value, dtype, limit, scale)
    root = np.sqrt(value)
    return Within(root, dtype, limit, np.minimum(scale / np.maximum(root, eps**8), np.sqrt(scale / eps)))


@op("norm")
def norm(case):
    (x,), dtype = floats(case)
    if case.one("p") == 1:
        return summed(x, case, dtype, np.sum(np.abs(x), case.axes, keepdims=case.keep))
    value = np.sqrt(np.sum(np.square(x), case.axes, keepdims=case.keep))
    # Squares below the least number are lost.
    lost = np.ldexp(x.dtype.type(1), (LEAST[dtype] - MANTISSA[dtype]) // 2) * np.sqrt(count(case) + 1.0)
    eps = np.ldexp(x.dtype.type(1), -MANTISSA[dtype])
    return Within(value, dtype, np.log2(max(count(case), 1)) + 4, value + lost / eps)


@op("nansum", "nanmean")
def nansum(case):
    (x,), dtype = floats(case)
    kept = np.where(np.isnan(x), 0, x)
    if case.op == "nansum":
        return summed(kept, case, dtype, np.nansum(x, case.axes, keepdims=case.keep))
    n = np.sum(~np.isnan(x), case.axes, keepdims=case.keep).astype(x.dtype)
    result = summed(kept, case, dtype, np.sum(kept, case.axes, keepdims=case.keep) / n)
    result.scale = result.scale / np.maximum(n, 1)
    return result


@op("argmax", "argmin")
def place(case):
    (x,) = case.operands
    axis = case.axes[0] if case.axes is not None else None
    if count(case) == 0:
        # Documented (ops/statistics.hpp): no elements, the greatest int64; NumPy refuses those.
        shape = np.sum(x, axis).shape
        return Exactly(np.full(shape, 2**63 - 1, np.int64))
    return Exactly((np.argmax if case.op == "argmax" else np.argmin)(x, axis), np.int64)


# ---- shapes ----------------------------------------------------------------------------------------------

OPS["permute"] = lambda c: Exactly(np.transpose(c.operands[0], c.values["order"]), signed=True)
OPS["flip"] = lambda c: Exactly(np.flip(c.operands[0], c.axes), signed=True)
OPS["expand_dims"] = lambda c: Exactly(np.expand_dims(c.operands[0], c.one("axis")), signed=True)
OPS["squeeze"] = lambda c: Exactly(np.squeeze(c.operands[0], (0, 2)), signed=True)
OPS["squeeze_back"] = lambda c: Exactly(c.operands[0], signed=True)
OPS["concat"] = lambda c: Exactly(np.concatenate(c.operands, c.one("axis")), signed=True)
OPS["stack"] = lambda c: Exactly(np.stack(c.operands, c.one("axis")), signed=True)
OPS["broadcast_like"] = lambda c: Exactly(np.broadcast_to(c.operands[0], c.operands[1].shape), signed=True)


OPS["flatten"] = lambda c: Exactly(np.ravel(c.operands[0]), signed=True)
OPS["moveaxis"] = lambda c: Exactly(np.moveaxis(c.operands[0], c.values["from"], c.values["to"]), signed=True)
OPS["rot90"] = lambda c: Exactly(np.rot90(c.operands[0], c.one("k"), c.axes), signed=True)
OPS["repeat"] = lambda c: Exactly(np.repeat(c.operands[0], c.one("n"), c.one("axis")), signed=True)
OPS["tile"] = lambda c: Exactly(np.tile(c.operands[0], c.values["n"]), signed=True)
OPS["roll"] = lambda c: Exactly(
    np.roll(c.operands[0], c.values["shift"] if c.axes else c.one("shift"), c.axes), signed=True
)
OPS["tril"] = lambda c: Exactly(np.tril(c.operands[0], c.one("k")))
OPS["triu"] = lambda c: Exactly(np.triu(c.operands[0], c.one("k")))
OPS["diag"] = lambda c: Exactly(np.diag(c.operands[0], c.one("k")))
OPS["diff"] = lambda c: Exactly(np.diff(c.operands[0], c.one("n"), c.one("axis")))
PAD_MODES = ("constant", "edge", "reflect", "symmetric", "wrap")


@op("pad")
def pad(case):
    widths = np.reshape(case.values["widths"], (-1, 2))
    return Exactly(np.pad(case.operands[0], widths, PAD_MODES[case.one("mode")]), signed=True)


@op("reshape")
def reshape(case):
    return Exactly(np.reshape(case.operands[0], case.values["shape"]), signed=True)


def products(case, f, terms):
    """Sums of `terms` products each, by f."""
    dtype = np.result_type(*(x.dtype for x in case.operands))
    if dtype.kind != "f":
        return Exactly(f(*(x.astype(dtype) for x in case.operands)))
    x = [wide(o.astype(dtype)) for o in case.operands]
    return Within(f(*x), dtype, np.log2(max(terms, 1)) + 4, f(*map(np.abs, x)))


@op("tensordot")
def tensordot(case):
    p, q, r, s = case.values["axes"]
    a = case.operands[0]
    return products(case, lambda x, y: np.tensordot(x, y, ((p, q), (r, s))), a.shape[p] * a.shape[q])


@op("einsum")
def einsum(case):
    spec = "".join(map(chr, case.values["spec"]))
    return products(case, lambda *x: np.einsum(spec, *x), 10 * max(x.size for x in case.operands))


OPS["dot"] = lambda c: products(c, np.dot, c.operands[0].shape[-1])
OPS["inner"] = lambda c: products(c, np.inner, c.operands[0].shape[-1])
OPS["outer"] = lambda c: products(c, np.outer, 1)
OPS["kron"] = lambda c: products(c, np.kron, 1)
OPS["diagonal"] = lambda c: Exactly(np.diagonal(c.operands[0], *c.values["which"]), signed=True)


def multiplied(a, b, factor=1):
    dtype = np.result_type(a.dtype, b.dtype)
    if dtype.kind != "f":
        return Exactly(np.matmul(a, b) * dtype.type(factor))
    a, b = wide(a.astype(dtype)), wide(b.astype(dtype))
    return Within(factor * np.matmul(a, b), dtype, np.log2(max(a.shape[-1], 1)) + 4,
                  factor * np.matmul(np.abs(a), np.abs(b)))  # fmt: skip


OPS["matmul"] = lambda c: multiplied(*c.operands)
OPS["matmul_transposed"] = lambda c: multiplied(c.operands[0].T, c.operands[1])
OPS["gram"] = lambda c: multiplied(c.operands[0].T, c.operands[0], 2)


# ---- linear algebra --------------------------------------------------------------------------------------


def conditioned(name, f, through=None):
    """Errors as large as rounding the matrix may cause: of `through`(conditions, sizes of the result)."""

    def expected(case):
        x, dtype = [a.astype(np.float64) for a in case.operands], case.operands[0].dtype
        value = np.asarray(f(*x))
        if value.size == 0 or x[0].size == 0:
            return Exactly(value.astype(dtype))
        s = np.linalg.svd(x[0], compute_uv=False)
        largest = s[..., 0]
        condition = largest / s[..., -1]
        scale = through(condition, largest, value)
        axes = value.ndim - scale.ndim
        return Within(value, dtype, 8 * max(x[0].shape[-2:]), scale.reshape(scale.shape + (1,) * axes))

    OPS[name] = expected


def of_result(condition, largest, value):
    axes = tuple(range(condition.ndim, value.ndim))
    return condition * np.max(np.abs(value), axis=axes, initial=0)


conditioned("inv", np.linalg.inv, of_result)
conditioned("solve", np.linalg.solve, of_result)
conditioned("pinv", lambda x: np.linalg.pinv(x, rcond=1e-15), lambda c, l, v: c * c / l)
conditioned("det", np.linalg.det, lambda c, l, v: c * np.abs(v))
conditioned("logabsdet", lambda x: np.linalg.slogdet(x)[1], lambda c, l, v: c + np.abs(v))
conditioned("qr_q", lambda x: np.linalg.qr(x)[0], lambda c, l, v: c * c)
conditioned("qr_r", lambda x: np.linalg.qr(x)[1], lambda c, l, v: c * c * l)
conditioned("svdvals", lambda x: np.linalg.svd(x, compute_uv=False), lambda c, l, v: l)
conditioned("eigvalsh", lambda x: np.linalg.eigvalsh((x + np.swapaxes(x, -1, -2)) / 2), lambda c, l, v: l)


# ---- slices ----------------------------------------------------------------------------------------------


def which(case):
    numbers = case.values["which"]
    chosen = []
    for i in range(0, len(numbers), 4):
        kind, begin, end, step = numbers[i : i + 4]
        chosen.append(begin if kind == 0 else slice(begin, end, step) if kind == 1 else slice(None))
    return tuple(chosen)


@op("slice")
def sliced(case):
    return Exactly(case.operands[0][which(case)], signed=True)


@op("slice_assign", "slice_fill", "slice_add", "slice_multiply", "slice_copy_kept")
def slice_written(case):
    x = case.operands[0].copy()
    if case.op in ("slice_assign", "slice_fill"):
        x[which(case)] = case.operands[1]
    elif case.op == "slice_add":
        x[which(case)] += case.operands[1]
    elif case.op == "slice_multiply":
        x[which(case)] *= case.operands[1]
    else:
        x = case.operands[1]
    return Exactly(x, signed=case.op in ("slice_assign", "slice_copy_kept"))


@op("shift_rows")
def shift_rows(case):
    x, by = case.operands[0].copy(), case.one("by")
    x[by:] = case.operands[0][: len(x) - by]
    return Exactly(x, signed=True)


exact("reverse_columns", lambda x: x[:, ::-1], signed=True)
exact("add_transpose", lambda x: x + x.T)
exact("subtract_flip", lambda x: np.flip(x) - x)
exact("subtract_first_row", lambda x: x - x[0] if len(x) > 0 else x)
exact("max_of_rows", lambda x: np.maximum(x, x.max(1, keepdims=True)) if len(x) > 0 else x)


# ---- places and order ------------------------------------------------------------------------------------


@op("take")
def take(case):
    x, places = case.operands
    if "reversed" in case.values:
        places = np.flip(places)
    return Exactly(np.take(x, places, case.one("axis")), signed=True)


@op("take_along_axis")
def take_along_axis(case):
    x, places = case.operands
    return Exactly(np.take_along_axis(x, places.astype(np.int64), case.one("axis")), signed=True)


@op("pick")
def pick(case):
    x, labels = case.operands
    n = x.shape[-1]
    # Documented (ops/composite.hpp): 0 where a label is no class.
    inside = (labels >= 0) & (labels < n)
    if n == 0:
        return Exactly(np.zeros(labels.shape, x.dtype))
    chosen = np.take_along_axis(x, np.where(inside, labels, 0).astype(np.int64)[..., None], -1)[..., 0]
    return Exactly(np.where(inside, chosen, x.dtype.type(0)), x.dtype)


@op("scatter_add")
def scatter_add(case):
    to, places, x = case.operands
    chosen = (slice(None),) * case.one("axis") + (places,)
    value, scale = wide(to).copy(), np.abs(wide(to))
    np.add.at(value, chosen, wide(x))
    if to.dtype.kind != "f":
        return Exactly(value)
    np.add.at(scale, chosen, np.abs(wide(x)))
    return Within(value, to.dtype, np.log2(max(places.size, 1)) + 4, scale)


@op("scatter_max", "scatter_min")
def scatter_extremum(case):
    to, places, x = case.operands
    chosen = (slice(None),) * case.one("axis") + (places,)
    value = to.copy()
    (np.maximum if case.op == "scatter_max" else np.minimum).at(value, chosen, x)
    return Exactly(value)


@op("argsort", "argsort_descending", "sort", "topk")
def order(case):
    (x,), axis = case.operands, case.one("axis")
    if case.op == "sort":
        return Exactly(np.sort(x, axis))
    if case.op in ("argsort_descending", "topk"):
        # NumPy sorts upwards only: the elements upside down, without overflow.
        x = -x if x.dtype.kind == "f" else ~x
    value = np.argsort(x, axis, kind="stable")
    if case.op == "topk":
        value = np.take(value, range(case.one("k")), axis)
    return Exactly(value, np.int64)


OPS["searchsorted_left"] = lambda c: Exactly(np.searchsorted(*c.operands), np.int64)
OPS["searchsorted_right"] = lambda c: Exactly(np.searchsorted(*c.operands, side="right"), np.int64)
OPS["isin"] = lambda c: Exactly(np.isin(c.operands[1], c.operands[0]))
OPS["cummax"] = lambda c: Exactly(np.maximum.accumulate(c.operands[0], c.one("axis")))
OPS["cummin"] = lambda c: Exactly(np.minimum.accumulate(c.operands[0], c.one("axis")))
OPS["unique_values"] = lambda c: Exactly(np.unique(c.operands[0], equal_nan=False))
OPS["unique_counts"] = lambda c: Exactly(
    np.unique(c.operands[0], return_counts=True, equal_nan=False)[1], np.int64
)
OPS["histogram"] = lambda c: Exactly(np.histogram(c.operands[0].astype(np.float64), c.one("bins"))[0], np.int64)
OPS["bincount"] = lambda c: Exactly(np.bincount(np.abs(c.operands[0]), minlength=3), np.int64)
OPS["cumprod"] = lambda c: Exactly(np.cumprod(c.operands[0], c.one("axis"), dtype=np.int64))
OPS["gcd"] = lambda c: Exactly(np.gcd(*c.operands))
OPS["bitwise_count"] = lambda c: Exactly(np.bitwise_count(c.operands[0]), c.operands[0].dtype)
OPS["fmax"] = lambda c: Exactly(np.fmax(*c.operands))
OPS["fmin"] = lambda c: Exactly(np.fmin(*c.operands))
OPS["heaviside"] = lambda c: Exactly(np.heaviside(*c.operands))
OPS["nextafter"] = lambda c: Exactly(np.nextafter(*c.operands), signed=True)
OPS["frexp_mantissa"] = lambda c: Exactly(np.frexp(c.operands[0])[0], signed=True)
OPS["modf_fraction"] = lambda c: Exactly(np.modf(c.operands[0])[0], signed=True)
METHODS = ("linear", "lower", "higher", "nearest", "midpoint")


@op("quantile", "median")
def quantile(case):
    x = case.operands[0]
    if case.op == "median":
        value = np.median(wide(x), case.axes)
    else:
        value = np.quantile(x.astype(np.float64), case.one("percent") / 100, case.axes, method=METHODS[case.one("method")])
    return Within(value, x.dtype, 4, np.max(np.abs(x), case.axes))


@op("nanquantile")
def nanquantile(case):
    x = case.operands[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of NaN alone
        return Exactly(np.nanquantile(x, case.one("percent") / 100, case.axes, method=METHODS[case.one("method")]))


@op("cumsum")
def cumsum(case):
    (x,), axis = case.operands, case.one("axis")
    if x.dtype.kind != "f":
        return Exactly(np.cumsum(x, axis, dtype=np.int64))
    terms = wide(x)
    return Within(np.cumsum(terms, axis), x.dtype, np.log2(max(x.shape[axis], 1)) + 4,
                  np.cumsum(np.abs(terms), axis))  # fmt: skip


# ---- several ops at once ---------------------------------------------------------------------------------


@op("sum_of_products", "sum_of_products_0", "flat_sum")
def chained_sum(case):
    a, b = case.operands
    axis = {"sum_of_products": 2, "sum_of_products_0": 0, "flat_sum": None}[case.op]
    if promoted(case).kind != "f":
        terms = a * b if axis is not None else (a + b) * a.dtype.type(2)
        return Exactly(np.sum(terms, axis, dtype=np.int64))
    terms = wide(a) * wide(b) if axis is not None else 2 * (wide(a) + wide(b))
    n = terms.size if axis is None else terms.shape[axis]
    return Within(np.sum(terms, axis), a.dtype, np.log2(max(n, 1)) + 4, np.sum(np.abs(terms), axis))


exact("turned_difference", lambda a, b: np.transpose(a, (2, 0, 1)) - np.transpose(b[:, ::-1], (2, 0, 1)))
exact("joined_halves", lambda a, b: np.concatenate([a + b, b - a], 1) * a.dtype.type(3))


@op("masked_count")
def masked_count(case):
    a, b = case.operands
    return Exactly(np.count_nonzero(np.where(a < b, a, b), 1), np.int64)


@op("max_less_sum")
def max_less_sum(case):
    a, b = case.operands
    kind = a.dtype.kind
    start = -np.inf if kind == "f" else np.iinfo(a.dtype).min
    return Exactly(np.max(a + b, 1, keepdims=True, initial=start) - a, a.dtype)


# ---- comparison ------------------------------------------------------------------------------------------


def compare(case):
    """The worst error, its limit, and what is wrong, if anything."""
    if case.threw:
        return np.inf, 0, f"threw: {case.threw}", None
    expected = OPS[case.op](case)
    value, got = expected.value, case.result
    if got.shape != value.shape:
        return np.inf, 0, f"has shape {got.shape}, expected {value.shape}", None
    if got.dtype != expected.dtype:
        return np.inf, 0, f"has dtype {got.dtype}, expected {expected.dtype}", None
    if got.size == 0:
        return 0.0, expected.limit, None, None
    error = expected.error(got)
    worst = error.max()
    if worst <= expected.limit:
        return worst, expected.limit, None, None
    at = np.unravel_index(np.argmax(error > expected.limit), error.shape)
    at = tuple(int(i) for i in at)
    wrong = int(np.sum(error > expected.limit))
    off = f"off by {error[at]:.3g}, allowed {expected.limit:.3g}"
    said = f"at {at} is {got[at]!r}, expected {value[at]!r}: {off} ({wrong} of {got.size} elements)"
    return worst, expected.limit, said, at


def described(case, at):
    lines = []
    for k, x in enumerate(case.operands):
        line = f"    operand {k}: {x.dtype}{list(x.shape)}, strides {list(case.strides[k])}"
        if at is not None and case.result is not None and x.ndim <= len(at):
            there = at[len(at) - x.ndim :]
            if all(n == 1 or i < n for i, n in zip(there, x.shape)):
                there = tuple(0 if n == 1 else i for i, n in zip(there, x.shape))
                if x.size > 0:
                    line += f", at {there}: {x[there]!r}"
        if x.size <= 24:
            line += f" = {x.tolist()}"
        lines.append(line)
    return "\n".join(lines)


def main():
    started = time.time()
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    rows, shown, at, wrong, total = {}, {}, 0, 0, 0
    np.seterr(all="ignore")
    while at < len(data):
        case = Case(data, at)
        at, total = case.end, total + 1
        worst, limit, problem, place = compare(case)
        dtype = case.operands[0].dtype.name
        row = rows.setdefault((case.op, dtype), [0, 0, 0.0, 0.0])
        row[0] += 1
        if problem:
            wrong += 1
            row[1] += 1
            shown[case.op] = shown.get(case.op, 0) + 1
            if shown[case.op] <= SHOWN:
                print(f"{case.op}({case.attributes}) case {total}: {problem}\n{described(case, place)}")
        elif limit > 0 and worst >= row[2]:
            row[2], row[3] = worst, limit
    print("worst and allowed errors: units in the last place, of sums relative to their terms")
    print(f"{'op':20} {'dtype':8} {'cases':>6} {'worst':>8} {'allowed':>8}")
    for (name, dtype), (cases, bad, worst, limit) in sorted(rows.items()):
        error = f"{worst:8.3f} {limit:8.1f}" if limit else f"{'exact':>8} {'':8}"
        print(f"{name:20} {dtype:8} {cases:6} {error}" + (f"  {bad} DISAGREE" if bad else ""))
    print(f"{total} cases, {len({name for name, _ in rows})} ops, {wrong} disagree; NumPy {np.__version__}, "
          f"{time.time() - started:.0f} s")  # fmt: skip
    return 1 if wrong or total == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
