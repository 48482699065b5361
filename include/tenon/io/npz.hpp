// NumPy's archive of named arrays (.npz): a zip file of .npy entries, bytes in, bytes out.
// Source: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT (4.3, 4.4, 4.5.3)
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/core/error.hpp"
#include "tenon/io/file.hpp"
#include "tenon/io/npy.hpp"

namespace tenon {

/// One array of an archive; the name is without ".npy".
struct npz_entry {
  std::string name;
  npy_array array;
};

/// Uncompresses a deflated entry to exactly `size` bytes or throws io_error: inflate_raw of
/// tenon/io/gzip.hpp.
using inflate_fn = std::string (*)(std::string_view compressed, std::size_t size, const std::string& name);

namespace detail {

inline constexpr std::array<std::uint32_t, 256> crc32_table = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t c = i;
    for (int bit = 0; bit < 8; ++bit) c = (c >> 1) ^ ((c & 1) != 0 ? 0xEDB88320u : 0u);
    table[i] = c;
  }
  return table;
}();

/// The checksum of zip and gzip.
constexpr std::uint32_t crc32_of(std::string_view bytes) {
  std::uint32_t c = 0xFFFFFFFFu;
  for (const char b : bytes) c = crc32_table[(c ^ static_cast<unsigned char>(b)) & 0xFF] ^ (c >> 8);
  return ~c;
}

/// A 32-bit size or offset of this value, or a 16-bit count of its low half, stands for one in a zip64
/// record.
inline constexpr std::uint64_t zip_in_64 = 0xFFFFFFFF;

/// Writes a zip file, entries stored, into one string. Sizes and offsets from `limit` on go into zip64
/// records.
class zip_writer {
 public:
  explicit zip_writer(std::uint64_t limit = zip_in_64) : limit_(limit) {}

  void add(std::string_view name, std::string_view data) {
    const std::uint64_t offset = out_.size();
    const bool big = data.size() >= limit_;
    const bool far = offset >= limit_;
    std::string common;  // what local and central header share
    put(common, 2, big || far ? 45 : 20);
    put(common, 2, is_ascii(name) ? 0 : 1 << 11);  // bit 11: the name is UTF-8
    put(common, 2, 0);                             // stored
    put(common, 4, 0x00210000);                    // 1980-01-01, so equal arrays give equal bytes
    put(common, 4, crc32_of(data));
    put(common, 4, big ? zip_in_64 : data.size());
    put(common, 4, big ? zip_in_64 : data.size());
    put(common, 2, name.size());

    out_ += std::string_view("PK\3\4", 4);
    out_ += common;
    put(out_, 2, big ? 20 : 0);
    out_ += name;
    if (big) {
      put(out_, 2, 1);
      put(out_, 2, 16);
      put(out_, 8, data.size());
      put(out_, 8, data.size());
    }
    out_ += data;

    directory_ += std::string_view("PK\1\2", 4);
    put(directory_, 2, 3 << 8 | 45);  // made by: Unix, so that the file mode below holds
    directory_ += common;
    put(directory_, 2, (big || far ? 4u : 0u) + (big ? 16u : 0u) + (far ? 8u : 0u));
    put(directory_, 2, 0);               // comment
    put(directory_, 2, 0);               // disk
    put(directory_, 2, 0);               // internal attributes
    put(directory_, 4, 0100644u << 16);  // file mode
    put(directory_, 4, far ? zip_in_64 : offset);
    directory_ += name;
    if (big || far) {
      put(directory_, 2, 1);
      put(directory_, 2, (big ? 16u : 0u) + (far ? 8u : 0u));
      if (big) put(directory_, 8, data.size());
      if (big) put(directory_, 8, data.size());
      if (far) put(directory_, 8, offset);
    }
    ++count_;
  }

  std::string finish() {
    const std::uint64_t offset = out_.size();
    const std::uint64_t size = directory_.size();
    const bool far = offset >= limit_ || size >= limit_ || count_ >= std::min<std::uint64_t>(limit_, 0xFFFF);
    out_ += directory_;
    if (far) {
      const std::uint64_t end = out_.size();
      out_ += std::string_view("PK\6\6", 4);
      put(out_, 8, 44);  // bytes that follow in this record
      put(out_, 2, 3 << 8 | 45);
      put(out_, 2, 45);
      put(out_, 8, 0);  // disks
      put(out_, 8, count_);
      put(out_, 8, count_);
      put(out_, 8, size);
      put(out_, 8, offset);
      out_ += std::string_view("PK\6\7", 4);
      put(out_, 4, 0);
      put(out_, 8, end);
      put(out_, 4, 1);
    }
    out_ += std::string_view("PK\5\6", 4);
    put(out_, 4, 0);  // disks
    put(out_, 2, far ? 0xFFFF : count_);
    put(out_, 2, far ? 0xFFFF : count_);
    put(out_, 4, far ? zip_in_64 : size);
    put(out_, 4, far ? zip_in_64 : offset);
    put(out_, 2, 0);  // comment
    return std::move(out_);
  }

 private:
  static void put(std::string& out, int bytes, std::uint64_t value) {
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
  }
  static bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  }

  std::uint64_t limit_;
  std::uint64_t count_ = 0;
  std::string out_;
  std::string directory_;
};

/// One file inside a zip file; `data` is as stored.
struct zip_entry {
  std::string_view name;
  std::string_view data;
  std::uint64_t size = 0;
  std::uint32_t crc = 0;
  bool deflated = false;
};

/// Finds the entries of a zip file through its central directory. Every offset and size is checked against
/// what is there, and no byte may belong to two entries.
class zip_reader {
 public:
  zip_reader(std::string_view bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  std::vector<zip_entry> read() {
    find_directory();
    std::vector<zip_entry> entries;
    entries.reserve(static_cast<std::size_t>(count_));
    std::uint64_t at = directory_;
    for (std::uint64_t i = 0; i < count_; ++i) at = read_entry(at, entries);
    if (at != directory_end_)
      fail("the central directory to hold " + std::to_string(count_) + " entries", "more");
    reject_overlaps();
    reject_duplicates(entries);
    return entries;
  }

 private:
  static constexpr std::uint64_t local_size = 30;
  static constexpr std::uint64_t central_size = 46;
  static constexpr std::uint64_t end_size = 22;
  static constexpr std::uint64_t end64_size = 56;
  static constexpr std::uint64_t locator_size = 20;

  [[noreturn]] void fail(const std::string& expected, const std::string& got) const {
    throw_io(name_ + ": expected " + expected + ", got " + got);
  }
  [[noreturn]] void fail_entry(std::string_view entry, const std::string& expected,
                               const std::string& got) const {
    throw_io(name_ + ": entry " + in_quotes(entry) + ": expected " + expected + ", got " + got);
  }

  std::uint64_t get(std::uint64_t at, int bytes) const {
    std::uint64_t value = 0;
    for (int i = bytes - 1; i >= 0; --i) {
      value = value << 8 |
              static_cast<unsigned char>(bytes_[static_cast<std::size_t>(at) + static_cast<std::size_t>(i)]);
    }
    return value;
  }
  std::string_view slice(std::uint64_t at, std::uint64_t size) const {
    return bytes_.substr(static_cast<std::size_t>(at), static_cast<std::size_t>(size));
  }
  bool starts(std::uint64_t at, std::string_view signature) const { return slice(at, 4) == signature; }
  /// Whether [at, at + size) lies before `end`; no sum that could overflow.
  static bool fits(std::uint64_t at, std::uint64_t size, std::uint64_t end) {
    return at <= end && size <= end - at;
  }

  void find_directory() {
    const std::uint64_t total = bytes_.size();
    if (total < end_size) fail("a zip file", std::to_string(total) + " bytes");
    std::uint64_t end = total - end_size;
    const std::uint64_t lowest = end > 0xFFFF ? end - 0xFFFF : 0;
    while (!starts(end, "PK\5\6") || get(end + 20, 2) != total - end - end_size) {
      if (end == lowest) fail("a zip file", "no end of a central directory (truncated?)");
      --end;
    }
    count_ = get(end + 10, 2);
    std::uint64_t size = get(end + 12, 4);
    directory_ = get(end + 16, 4);
    directory_end_ = end;
    std::uint64_t disks = get(end + 4, 2) + get(end + 6, 2);
    if (end >= locator_size && starts(end - locator_size, "PK\6\7")) {
      const std::uint64_t end64 = get(end - locator_size + 8, 8);
      if (!fits(end64, end64_size, end - locator_size) || !starts(end64, "PK\6\6")) {
        fail("a zip64 end of the central directory at byte " + std::to_string(end64), "something else");
      }
      disks = get(end64 + 16, 4) + get(end64 + 20, 4);
      count_ = get(end64 + 32, 8);
      size = get(end64 + 40, 8);
      directory_ = get(end64 + 48, 8);
      directory_end_ = end64;
    }
    if (disks != 0) fail("a zip file in one part", "one of several");
    if (!fits(directory_, size, directory_end_)) {
      fail("a central directory within the file",
           std::to_string(size) + " bytes at byte " + std::to_string(directory_));
    }
    directory_end_ = directory_ + size;
    if (count_ > size / central_size) {
      fail("at most " + std::to_string(size / central_size) + " entries in the central directory",
           std::to_string(count_));
    }
  }

  /// Reads the directory's entry at `at`; where the next one is.
  std::uint64_t read_entry(std::uint64_t at, std::vector<zip_entry>& entries) {
    if (!fits(at, central_size, directory_end_) || !starts(at, "PK\1\2")) {
      fail("an entry of the central directory at byte " + std::to_string(at), "something else");
    }
    const std::uint64_t name_size = get(at + 28, 2);
    const std::uint64_t extra_size = get(at + 30, 2);
    const std::uint64_t next = at + central_size + name_size + extra_size + get(at + 32, 2);
    if (next > directory_end_)
      fail("an entry within the central directory at byte " + std::to_string(at), "its end");
    zip_entry entry;
    entry.name = slice(at + central_size, name_size);
    entry.crc = static_cast<std::uint32_t>(get(at + 16, 4));
    entry.size = get(at + 24, 4);
    std::uint64_t stored = get(at + 20, 4);
    std::uint64_t offset = get(at + 42, 4);
    read_zip64(entry.name, at + central_size + name_size, extra_size, {&entry.size, &stored, &offset});
    if ((get(at + 8, 2) & 1) != 0) fail_entry(entry.name, "no encryption", "an encrypted entry");
    const std::uint64_t method = get(at + 10, 2);
    if (method != 0 && method != 8) {
      fail_entry(entry.name, "compression method 0 or 8", std::to_string(method));
    }
    entry.deflated = method == 8;
    if (!entry.deflated && entry.size != stored) {
      fail_entry(entry.name, std::to_string(entry.size) + " bytes stored", std::to_string(stored));
    }
    if (!fits(offset, local_size, directory_) || !starts(offset, "PK\3\4")) {
      fail_entry(entry.name, "a local header at byte " + std::to_string(offset), "something else");
    }
    const std::uint64_t data = offset + local_size + get(offset + 26, 2) + get(offset + 28, 2);
    if (slice(offset + local_size, get(offset + 26, 2)) != entry.name) {
      fail_entry(entry.name, "the same name in the local header", "another");
    }
    if (!fits(data, stored, directory_)) {
      fail_entry(entry.name, std::to_string(stored) + " bytes before the central directory", "fewer");
    }
    entry.data = slice(data, stored);
    extents_.emplace_back(offset, data + stored);
    entries.push_back(entry);
    return next;
  }

  /// Takes from the extra field 1 the values whose 32 bits say that they are there, in the order of the
  /// format.
  void read_zip64(std::string_view entry, std::uint64_t at, std::uint64_t size,
                  const std::array<std::uint64_t*, 3>& values) const {
    const std::uint64_t end = at + size;
    while (fits(at, 4, end)) {
      const std::uint64_t id = get(at, 2);
      const std::uint64_t field_end = at + 4 + get(at + 2, 2);
      if (field_end > end) fail_entry(entry, "an extra field within its entry", "a longer one");
      at += 4;
      for (std::uint64_t* value : values) {
        if (id != 1 || *value != zip_in_64) continue;
        if (!fits(at, 8, field_end)) fail_entry(entry, "a whole zip64 extra field", "a shorter one");
        *value = get(at, 8);
        at += 8;
      }
      if (id == 1) return;
      at = field_end;
    }
    for (const std::uint64_t* value : values) {
      if (*value == zip_in_64) fail_entry(entry, "a zip64 extra field", "none");
    }
  }

  void reject_overlaps() {
    std::sort(extents_.begin(), extents_.end());
    for (std::size_t i = 1; i < extents_.size(); ++i) {
      if (extents_[i].first < extents_[i - 1].second) {
        fail("entries that do not overlap", "an overlap at byte " + std::to_string(extents_[i].first));
      }
    }
  }

  void reject_duplicates(const std::vector<zip_entry>& entries) const {
    std::vector<std::string_view> names;
    for (const zip_entry& entry : entries) names.push_back(entry.name);
    if (const std::string_view* twice = given_twice(names)) fail_entry(*twice, "a name once", "two entries");
  }

  std::string_view bytes_;
  const std::string& name_;
  std::uint64_t count_ = 0;
  std::uint64_t directory_ = 0;
  std::uint64_t directory_end_ = 0;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> extents_;
};

/// The bytes of an entry, uncompressed and checked. `name` stands for the entry in an io_error.
inline std::string zip_content(const zip_entry& entry, const std::string& name, inflate_fn inflate) {
  std::string content;
  if (!entry.deflated) {
    content = entry.data;
  } else if (inflate == nullptr) {
    throw_io(
        name +
        ": expected a stored entry, got a compressed one (include tenon/io/gzip.hpp and pass inflate_raw)");
  } else if (entry.size / 1100 > entry.data.size()) {  // deflate shrinks by 1032 at most
    throw_io(name + ": expected a size that deflate can reach, got " + std::to_string(entry.size) +
             " bytes from " + std::to_string(entry.data.size()));
  } else {
    content = inflate(entry.data, static_cast<std::size_t>(entry.size), name);
  }
  if (content.size() != entry.size) {
    throw_io(name + ": expected " + std::to_string(entry.size) + " bytes, got " +
             std::to_string(content.size()));
  }
  const std::uint32_t crc = crc32_of(content);
  if (crc != entry.crc) {
    throw_io(name + ": expected the CRC-32 " + std::to_string(entry.crc) + ", got " + std::to_string(crc));
  }
  return content;
}

/// format_npz with sizes and offsets from `zip64_from` on in zip64 records.
inline std::string format_npz_entries(const std::vector<npz_entry>& entries, std::uint64_t zip64_from) {
  zip_writer zip(zip64_from);
  std::vector<std::string_view> names;
  for (const npz_entry& entry : entries) names.push_back(entry.name);
  if (const std::string_view* twice = given_twice(names))
    throw usage_error("format_npz: expected a name once, got " + in_quotes(*twice) + " twice");
  for (const npz_entry& entry : entries) {
    if (entry.name.empty() || entry.name.size() > 60000 || entry.name.find('\0') != std::string::npos) {
      throw usage_error("format_npz: expected a name of 1 to 60000 bytes other than 0, got " +
                        in_quotes(entry.name));
    }
    zip.add(entry.name + ".npy", format_npy(entry.array));
  }
  return zip.finish();
}

}  // namespace detail

/// The bytes of an .npz file, entries uncompressed, as numpy.savez writes it; equal entries give equal bytes.
/// usage_error for a name twice or one that a zip file cannot hold.
inline std::string format_npz(const std::vector<npz_entry>& entries) {
  return detail::format_npz_entries(entries, detail::zip_in_64);
}

/// Reads the bytes of an .npz file in the order of its directory; errors as those of parse_npy, and `name`
/// stands for the file. Compressed entries need `inflate` (inflate_raw of tenon/io/gzip.hpp), stored ones do
/// not.
inline std::vector<npz_entry> parse_npz(std::string_view bytes, const std::string& name,
                                        inflate_fn inflate = nullptr) {
  std::vector<npz_entry> out;
  for (const detail::zip_entry& entry : detail::zip_reader(bytes, name).read()) {
    const std::string entry_name = name + ":" + std::string(entry.name);
    if (!entry.name.ends_with(".npy") || entry.name.size() == 4) {
      detail::throw_io(name + ": expected entries with names in .npy, got " + detail::in_quotes(entry.name));
    }
    out.push_back({std::string(entry.name.substr(0, entry.name.size() - 4)),
                   parse_npy(detail::zip_content(entry, entry_name, inflate), entry_name)});
  }
  return out;
}

}  // namespace tenon
