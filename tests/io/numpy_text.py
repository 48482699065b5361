"""Writes numpy_text.txt, the texts that NumPy makes of arrays, which format_test.cpp expects:

    python3 numpy_text.py > numpy_text.txt

With a seed and a number, `numpy_text.py 7 5000`, it writes that many random cases instead.

A case is a line `case FUNCTION DTYPE SHAPE OPTION=VALUE ...`, a line of its elements, and its text with a
'|' before each line. FUNCTION is `str` or `array2string`; a SHAPE is 2x3, or - without axes. Floating
elements are hexadecimal, `1*5` is an element five times, and `0:9` are the integers from 0 to 8.
"""

import re
import sys

import numpy as np

# The names that tenon and NumPy have for one option, with the value that is not written.
OPTIONS = {
    "precision": ("precision", 8),
    "threshold": ("threshold", 1000),
    "edge_items": ("edgeitems", 3),
    "line_width": ("linewidth", 75),
    "suppress": ("suppress", False),
    "sign": ("sign", "-"),
    "nan": ("nanstr", "nan"),
    "inf": ("infstr", "inf"),
}
DTYPES = ["bool", "int32", "int64", "float32", "float64"]
FLOATS = ["float32", "float64"]
SHAPES = [(), (0,), (1,), (2,), (7,), (0, 3), (3, 0), (1, 1), (1, 5), (5, 1), (2, 3), (4, 4), (2, 0, 2),
          (1, 1, 3), (3, 1, 2), (2, 2, 3), (1, 1, 1, 1), (2, 1, 2, 2), (1, 0, 2, 1), (2, 2, 1, 3)]


def element(x):
    if x.dtype.kind != "f":
        return str(int(x))
    return re.sub(r"\.?0*p", "p", float(x).hex())


def elements(a):
    words = list(map(element, a.ravel()))
    if len(words) > 20 and words == list(map(element, np.arange(len(words)).astype(a.dtype))):
        return f"0:{len(words)}"
    runs = []
    for word in words:
        if runs and runs[-1][0] == word:
            runs[-1][1] += 1
        else:
            runs.append([word, 1])
    return " ".join(word if n == 1 else f"{word}*{n}" for word, n in runs)


def case(a, function="array2string", **options):
    with np.printoptions(**{numpy: options.get(name, value) for name, (numpy, value) in OPTIONS.items()}):
        text = str(a) if function == "str" else np.array2string(a)
    shape = "x".join(map(str, a.shape)) or "-"
    chosen = [f" {name}={int(value) if name == 'suppress' else 'space' if value == ' ' else value}"
              for name, value in options.items() if value != OPTIONS[name][1]]
    print(f"case {function} {a.dtype} {shape}{''.join(chosen)}")
    print(elements(a))
    print("|" + text.replace("\n", "\n|"))


def special(dtype):
    info = np.finfo(dtype)
    return np.array([0.0, -0.0, 1, -1, 0.5, 0.1, 1 / 3, -2 / 3, 0.15, 2.5, 1e-4, 9.9999e-5, 1000, 1001,
                     123456.789, 999999, 999999.94, 1e6, 99999999, 1e8, 1e16, 1e-5, 1e-30, -1e30,
                     np.nan, np.inf, -np.inf, info.max, info.min, info.tiny, info.eps,
                     info.smallest_subnormal, -info.smallest_subnormal], dtype)


def random_values(random, dtype, size):
    if dtype == "bool":
        return random.integers(0, 2, size) == 1
    if dtype.startswith("int"):
        info = np.iinfo(dtype)
        bound = [2, 10, 1000, info.max][random.integers(4)]
        low = [0, -bound, info.min if bound == info.max else -bound * 10, -bound][random.integers(4)]
        return random.integers(low, bound, size, dtype=dtype)
    kind = random.integers(9)
    with np.errstate(all="ignore"):
        if kind == 0:
            values = random.integers(-20, 20, size)
        elif kind == 1:
            values = np.round(random.normal(size=size) * 10, random.integers(1, 4))
        elif kind == 2:
            values = random.normal(size=size)
        elif kind == 3:
            values = random.normal(size=size) * 10.0 ** random.uniform(-6, 9)
        elif kind == 4:
            values = random.normal(size=size) * 10.0 ** random.uniform(-3, 3, size)
        elif kind == 5:
            bits = np.uint32 if dtype == "float32" else np.uint64
            values = random.integers(0, np.iinfo(bits).max, size, dtype=bits).view(dtype)
        elif kind == 6:
            values = random.choice(special(dtype), size)
        elif kind == 7:
            values = random.choice(special(dtype), size)
            values = np.where(np.abs(values) < 1e-3, 2.0, np.where(np.abs(values) > 1e5, np.nan, values))
        else:  # ties of rounding
            values = random.integers(-4000, 4000, size) / 2.0 ** random.integers(0, 10)
        values = np.asarray(values).astype(dtype)
    if random.integers(6) == 0 and values.size > 0:
        values[random.integers(values.size)] = [np.nan, np.inf, -np.inf][random.integers(3)]
    return values


def random_case(random):
    dtype = DTYPES[random.integers(5)] if random.integers(3) == 0 else FLOATS[random.integers(2)]
    rank = int(random.integers(5))
    shape = tuple(map(int, random.integers(1, [1, 30, 7, 4, 3][rank], rank, endpoint=True)))
    if random.integers(3) == 0:
        shape = SHAPES[random.integers(len(SHAPES))]
    options = {}
    if random.integers(2):
        options["precision"] = int([0, 1, 2, 4, 8, 17, 30][random.integers(7)])
    if random.integers(3) == 0:
        options["suppress"] = True
    if random.integers(4) == 0:
        options["sign"] = "+ "[random.integers(2)]
    if random.integers(3) == 0:
        options["threshold"] = int(random.integers(0, 12))
        options["edge_items"] = int(random.integers(1, 4))
    if random.integers(3) == 0:
        options["line_width"] = int([0, 1, 12, 30, 40, 100][random.integers(6)])
    if random.integers(10) == 0:
        texts = [("NaN", "Infinity"), ("-", "oo"), ("\u2205", "\u221e")]
        options["nan"], options["inf"] = texts[random.integers(3)]
    function = "str" if random.integers(5) == 0 else "array2string"
    a = random_values(random, dtype, int(np.prod(shape))).reshape(shape)
    case(a, function, **options)


def chosen_cases():
    for dtype in DTYPES:
        for shape in SHAPES:
            a = np.arange(np.prod(shape)).reshape(shape)
            case((a % 2 if dtype == "bool" else a).astype(dtype))
        case(np.array(1, dtype), "str")
    for dtype in ["int32", "int64"]:
        info = np.iinfo(dtype)
        for values in ([info.min], [info.max], [info.min, 0, info.max], [-1], [0], [-5, 10], [-10, 5],
                       [3, 44]):
            for sign in "-+ ":
                case(np.array(values, dtype), sign=sign)
        case(np.arange(2000, dtype=dtype))
        case(np.arange(1001, dtype=dtype).reshape(7, 143), "str")
        case(np.arange(1000, dtype=dtype))
        case(np.arange(1200, dtype=dtype).reshape(10, 3, 40), edge_items=1)
        case(np.arange(4096, dtype=dtype).reshape(8, 8, 8, 8), edge_items=2)
    case(np.arange(1500) % 2 == 0, edge_items=40)
    for dtype in FLOATS:
        for value in special(dtype):
            case(np.array([value]))
            case(np.array(value), "str")
        for value in [9999999, 1e7, 999999.9, 0.0001, 0.00011, 0.123456789, 2 ** 24, 2 ** 53, 1e15,
                      9.999999e15]:
            case(np.array(value, dtype), "str")
            case(np.array(value, dtype), precision=2)
        for values in ([1, 1000], [1, 1000.1], [1e-4, 1e-3], [1e-5, 1], [np.nan], [np.inf], [-np.inf],
                       [np.nan, 1], [np.inf, 1], [-np.inf, 1], [np.nan, -np.inf, 1e10], [1e100, 1e-100],
                       [np.inf, np.nan], [0, -0.0], [1.5, 22.25, -333.125], [0.25, 0.35, 0.45],
                       [99.995, 0.995, 9.5], [1e9, 2.5e10]):
            with np.errstate(over="ignore", under="ignore"):
                a = np.array(values).astype(dtype)
            case(a)
            for precision in [2, 4]:
                case(a, precision=precision, suppress=True)
            for sign in "+ ":
                case(a, sign=sign)
        case(np.arange(2000, dtype=dtype))
        case(np.arange(1100, dtype=dtype).reshape(4, 5, 55), "str")
        middle = np.zeros(1002, dtype)
        middle[500] = 1e20  # not shown, so it decides nothing
        case(middle)
        case(np.ones((30, 40), dtype), precision=2, line_width=20)


if len(sys.argv) == 3:
    chosen, count = False, int(sys.argv[2])
    generator = np.random.default_rng(int(sys.argv[1]))
else:
    chosen, count = True, 160
    generator = np.random.default_rng(1)
sys.stdout.reconfigure(encoding="utf-8")
print(f"# Made by numpy_text.py with NumPy {np.__version__}.")
if chosen:
    chosen_cases()
for _ in range(count):
    random_case(generator)
