// Readers of files of others, as libFuzzer calls them: any bytes are read, or refused with io_error. What was
// read is written again, read again, and must be the same.
#pragma once

#include <tenon/symbol/json.hpp>
#include <tenon/tenon.hpp>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#if defined(TENON_TEST_GZIP)
#include <tenon/io/gzip.hpp>
#endif

namespace fuzz {

using namespace tenon;

/// Ends the process: libFuzzer and the test of the corpus take notice.
inline void require(bool holds) {
  if (!holds) std::abort();
}

/// Whether two arrays are the same, bit by bit.
inline bool same(const npy_array& a, const npy_array& b) {
  return a.descr == b.descr && a.fortran == b.fortran && a.shape == b.shape && a.data == b.data;
}

inline void npy(std::string_view bytes) {
  try {
    const npy_array a = parse_npy(bytes, "fuzz");
    require(same(parse_npy(format_npy(a), "again"), a));
  } catch (const io_error&) {
  }
}

inline void npz(std::string_view bytes) {
  try {
#if defined(TENON_TEST_GZIP)
    const auto entries = parse_npz(bytes, "fuzz", inflate_raw);
#else
    const auto entries = parse_npz(bytes, "fuzz");
#endif
    for (const npz_entry& e : entries) {
      try {
        (void)read_entry<float, dyn, dyn>(entries, e.name, "fuzz");
      } catch (const error&) {
      }
    }
    try {
      const auto again = parse_npz(format_npz(entries), "again");
      require(again.size() == entries.size());
      for (std::size_t i = 0; i < again.size(); ++i)
        require(again[i].name == entries[i].name && same(again[i].array, entries[i].array));
    } catch (const usage_error&) {  // names that occur twice, or that no archive should hold
    }
  } catch (const io_error&) {
  }
}

inline void safetensors(std::string_view bytes) {
  try {
    const safetensors_file f = parse_safetensors(bytes, "fuzz");
    for (const safetensors_entry& e : f.entries) {
      try {
        (void)read_entry<float, dyn>(f, e.name, "fuzz");
      } catch (const error&) {
      }
    }
    const safetensors_file again = parse_safetensors(format_safetensors(f.entries, f.metadata), "again");
    require(again.entries.size() == f.entries.size() && again.metadata == f.metadata);
  } catch (const io_error&) {
  } catch (const usage_error&) {
  }
}

inline void idx(std::string_view bytes) {
  try {
    const auto x = parse_idx<double, dyn>(bytes, "fuzz");
    require(x.size() * 1 <= tenon::index(bytes.size()));
  } catch (const error&) {
  }
  try {
    const auto x = parse_idx<std::int32_t, dyn, dyn, dyn>(bytes, "fuzz");
    require(x.size() <= tenon::index(bytes.size()));
  } catch (const error&) {
  }
}

inline void csv(std::string_view bytes) {
  for (const bool lenient : {false, true}) {
    csv_options options;
    options.allow_missing = options.allow_nan = lenient;
    if (lenient) options.words = {"no", "yes"};
    try {
      const csv_table t = parse_csv(bytes, "fuzz", options);
      require(t.values.size() == static_cast<std::size_t>(t.rows * t.columns));
      try {
        (void)to_tensor<float>(t);
      } catch (const usage_error&) {
      }
    } catch (const io_error&) {
    }
  }
}

/// Any JSON, and graphs in it; what was read is written and read again.
inline void json(std::string_view bytes) {
  try {
    (void)parse_json(bytes, "fuzz");
    const graph_record g = parse_graph(bytes, "fuzz");
    const std::string again = to_json(g);
    require(to_json(parse_graph(again, "fuzz")) == again);
    require(detail::first_difference(g, parse_graph(again, "fuzz")).empty());
  } catch (const io_error&) {
  }
}

struct target {
  const char* name;
  void (*run)(std::string_view);
};
inline constexpr target targets[] = {{"npy", &npy}, {"npz", &npz}, {"safetensors", &safetensors},
                                     {"idx", &idx}, {"csv", &csv}, {"json", &json}};

}  // namespace fuzz
