"""Prints the files of tests/io/idx_test.cpp as C++ hex strings.

Needs: pip install idx2numpy numpy (made with idx2numpy 1.2.3, numpy 2.4.6)
"""

import gzip

import idx2numpy
import numpy as np


def show(name, data):
    text = data.hex()
    print(f"// {len(data)} bytes")
    print(f"const std::string {name} = unhex(")
    lines = [text[i : i + 100] for i in range(0, len(text), 100)]
    print("\n".join(f'    "{line}"' for line in lines) + ");")


dtypes = {
    "uint8": (np.uint8, [0, 1, 127, 128, 254, 255]),
    "int8": (np.int8, [0, 1, 127, -128, -2, -1]),
    "int16": (np.int16, [0, 1, 32767, -32768, 258, -1]),
    "int32": (np.int32, [0, 1, 2147483647, -2147483648, 16909060, -1]),
    "float32": (np.float32, [0, 1, 1.5, -2.25, np.inf, 2.0**-149]),
    "float64": (np.float64, [0, 1, 0.1, -2.25, -np.inf, 2.0**-1074]),
}
for name, (dtype, values) in dtypes.items():
    show(f"python_{name}", idx2numpy.convert_to_string(np.array(values, dtype).reshape(2, 3)))

digits = np.arange(2 * 3 * 2, dtype=np.uint8).reshape(2, 3, 2)
show("python_cube", idx2numpy.convert_to_string(digits))
show("python_cube_gz", gzip.compress(idx2numpy.convert_to_string(digits), mtime=0))
