// gzip and deflate, by zlib: the only header that needs it (CMake target tenon::gzip).
#pragma once

#include <zlib.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "tenon/core/error.hpp"
#include "tenon/io/csv.hpp"
#include "tenon/io/file.hpp"

namespace tenon {

namespace detail {

inline bool is_gzip(std::string_view bytes) { return bytes.starts_with("\x1f\x8b"); }

/// zlib counts in unsigned int, so input and output go through it in pieces of at most this many bytes.
inline constexpr std::size_t zlib_piece = std::size_t{1} << 30;

/// One pass of zlib over a stretch of bytes into a string that grows with what comes out.
class inflater {
 public:
  /// `window` as in inflateInit2: 31 for gzip, -15 for raw deflate.
  inflater(const std::string& name, int window) : name_(name) {
    if (inflateInit2(&stream_, window) != Z_OK) throw_io(name + ": zlib cannot start");
  }
  inflater(const inflater&) = delete;
  inflater& operator=(const inflater&) = delete;
  ~inflater() { inflateEnd(&stream_); }

  /// Appends one member to `out`, up to `limit` bytes in all; the number of bytes it took from the front.
  std::size_t member(std::string_view bytes, std::size_t before, std::string& out, std::size_t limit) {
    inflateReset(&stream_);
    // One byte more than the limit, so that a member that ends right at the limit is seen to end.
    const std::size_t most = limit < out.max_size() ? limit + 1 : out.max_size();
    std::size_t used = 0;
    std::size_t size = out.size();
    for (;;) {
      if (size == out.size()) out.resize(std::min(std::max<std::size_t>(4096, size * 2), most));
      const std::size_t room = std::min(out.size() - size, zlib_piece);
      const std::size_t piece = std::min(bytes.size() - used, zlib_piece);
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data() + used));
      stream_.avail_in = static_cast<uInt>(piece);
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + size);
      stream_.avail_out = static_cast<uInt>(room);
      const int status = inflate(&stream_, Z_NO_FLUSH);
      used += piece - stream_.avail_in;
      size += room - stream_.avail_out;
      if (size > limit) {
        throw_io(name_ + ": expected at most " + std::to_string(limit) + " bytes uncompressed, got more");
      }
      if (status == Z_STREAM_END) break;
      if (status == Z_MEM_ERROR) throw_io(name_ + ": zlib has no memory");
      if (status != Z_OK && status != Z_BUF_ERROR) {
        throw_io(name_ + ": the compressed data is corrupt near byte " + std::to_string(before + used) +
                 (stream_.msg != nullptr ? std::string(": ") + stream_.msg : std::string()));
      }
      if (used == bytes.size() && stream_.avail_out != 0) {
        throw_io(name_ + ": the compressed data is truncated: expected more after byte " +
                 std::to_string(before + used) + ", got the end");
      }
    }
    out.resize(size);
    return used;
  }

 private:
  z_stream stream_{};
  const std::string& name_;
};

}  // namespace detail

/// Uncompresses gzip data of one or more members (zero bytes may follow); io_error that opens with `name`
/// where it is truncated, corrupt or larger than `limit` bytes uncompressed.
inline std::string gunzip(std::string_view bytes, const std::string& name,
                          std::size_t limit = std::size_t{1} << 30) {
  detail::inflater zlib(name, 31);
  std::string out;
  std::size_t used = 0;
  do {
    if (!detail::is_gzip(bytes.substr(used))) {
      detail::throw_io(name + ": expected gzip data at byte " + std::to_string(used) +
                       (used == bytes.size() ? ", got the end" : ", got other bytes"));
    }
    used += zlib.member(bytes.substr(used), used, out, limit);
  } while (bytes.find_first_not_of('\0', used) != std::string_view::npos);
  return out;
}

/// Compresses to one gzip member without a time stamp, so equal input gives equal output.
inline std::string gzip(std::string_view bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw io_error("gzip: zlib cannot start");
  }
  struct closer {
    z_stream& stream;
    ~closer() { deflateEnd(&stream); }
  } const close{stream};
  std::string out;
  std::size_t used = 0;
  std::size_t size = 0;
  for (int status = Z_OK; status != Z_STREAM_END;) {
    if (size == out.size()) out.resize(std::max<std::size_t>(4096, size * 2));
    const std::size_t room = std::min(out.size() - size, detail::zlib_piece);
    const std::size_t piece = std::min(bytes.size() - used, detail::zlib_piece);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data() + used));
    stream.avail_in = static_cast<uInt>(piece);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + size);
    stream.avail_out = static_cast<uInt>(room);
    status = deflate(&stream, used + piece == bytes.size() ? Z_FINISH : Z_NO_FLUSH);
    if (status == Z_STREAM_ERROR) throw io_error("gzip: zlib failed");
    used += piece - stream.avail_in;
    size += room - stream.avail_out;
  }
  out.resize(size);
  return out;
}

/// Uncompresses raw deflate data that must give exactly `size` bytes and have nothing after it, else
/// io_error. It is what parse_npz (tenon/io/npz.hpp) takes to read compressed entries.
inline std::string inflate_raw(std::string_view compressed, std::size_t size, const std::string& name) {
  std::string out;
  const std::size_t used = detail::inflater(name, -15).member(compressed, 0, out, size);
  if (out.size() != size) {
    detail::throw_io(name + ": expected " + std::to_string(size) + " bytes uncompressed, got " +
                     std::to_string(out.size()));
  }
  if (used != compressed.size()) {
    detail::throw_io(name + ": expected the compressed data to end at byte " +
                     std::to_string(compressed.size()) + ", got its end at byte " + std::to_string(used));
  }
  return out;
}

/// Reads and uncompresses a gzip file; errors as those of read_file and gunzip.
inline std::string read_gzip_file(const std::string& path) { return gunzip(read_file(path), path); }

/// Reads a CSV file that may be compressed: its first two bytes say so, not its name.
inline csv_table read_csv_gz(const std::string& path, const csv_options& options = {}) {
  const std::string bytes = read_file(path);
  return parse_csv(detail::is_gzip(bytes) ? gunzip(bytes, path) : bytes, path, options);
}

}  // namespace tenon
