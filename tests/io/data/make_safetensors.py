"""Prints the files of tests/io/safetensors_test.cpp as C++ hex strings.

Needs: pip install safetensors numpy ml_dtypes (made with safetensors 0.8.0, numpy 2.4.6, ml_dtypes 0.6.0)
"""

import ml_dtypes
import numpy as np
from safetensors import serialize
from safetensors.numpy import save


def show(name, data):
    text = data.hex()
    print(f"// {len(data)} bytes")
    print(f"const std::string {name} = unhex(")
    lines = [text[i : i + 100] for i in range(0, len(text), 100)]
    print("\n".join(f'    "{line}"' for line in lines) + ");")


dtypes = {
    "f64": (np.float64, [1.5, -2.0]),
    "f32": (np.float32, [1.5, -2.0]),
    "f16": (np.float16, [1.5, -2.0]),
    "i64": (np.int64, [1 << 40, -2]),
    "i32": (np.int32, [1 << 20, -2]),
    "i16": (np.int16, [1 << 10, -2]),
    "i8": (np.int8, [100, -2]),
    "u64": (np.uint64, [1 << 63, 2]),
    "u32": (np.uint32, [1 << 31, 2]),
    "u16": (np.uint16, [1 << 15, 2]),
    "u8": (np.uint8, [200, 2]),
    "bool": (np.bool_, [True, False]),
    "bf16": (ml_dtypes.bfloat16, [1.5, -2.0]),
}
show("python_dtypes", save({k: np.array(v, t) for k, (t, v) in dtypes.items()}))

ranks = {
    "scalar": np.array(7, np.int32),
    "vector": np.arange(3, dtype=np.float32),
    "matrix": np.arange(6, dtype=np.float32).reshape(2, 3),
    "cube": np.arange(24, dtype=np.int32).reshape(2, 3, 4),
    "four": np.arange(4, dtype=np.float64).reshape(1, 2, 1, 2),
    "empty": np.zeros((0, 5), np.float32),
}
show("python_ranks", save(ranks))

names = {
    'a "quoted" \\ name\n\t\x01': np.array([1], np.int32),
    "größe/模型/🙂": np.array([2], np.int32),
    "": np.array([3], np.int32),
}
show("python_names", save(names, metadata={"format": "np", "key \"ü\"": "line\nline", "empty": ""}))

show("python_nothing", bytes(serialize({})))
