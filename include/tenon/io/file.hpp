// Whole files in and out of memory, with errors that name the file and say why.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "tenon/core/error.hpp"

#if defined(_WIN32)
extern "C" __declspec(dllimport) int __stdcall MoveFileExA(const char*, const char*, unsigned long);
#endif

namespace tenon {

namespace detail {

/// Throws io_error; bytes below 0x20 in the line, which may come from a file, become '?'.
[[noreturn]] inline void throw_io(std::string line) {
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  throw io_error(std::move(line));
}

/// A name that is among these twice, or null; sorts them.
inline const std::string_view* given_twice(std::vector<std::string_view>& names) {
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  return twice == names.end() ? nullptr : &*twice;
}

/// What a file holds, in quotes for an error: the first 40 bytes at most, "..." where it is cut.
inline std::string in_quotes(std::string_view text) {
  std::size_t length = text.size() < 40 ? text.size() : 40;
  const bool cut = length < text.size();
  while (cut && length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) --length;
  std::string out = "\"";
  out += text.substr(0, length);
  out += cut ? "...\"" : "\"";
  return out;
}

/// A FILE that closes itself.
class file_handle {
 public:
  file_handle(const std::string& path, const char* mode) {
#if defined(_MSC_VER)
    if (fopen_s(&file_, path.c_str(), mode) != 0) file_ = nullptr;
#else
    file_ = std::fopen(path.c_str(), mode);
#endif
  }
  file_handle(const file_handle&) = delete;
  file_handle& operator=(const file_handle&) = delete;
  ~file_handle() { close(); }

  std::FILE* get() const { return file_; }

  /// False, with errno set, where the last buffered bytes could not be written.
  bool close() { return file_ == nullptr || std::fclose(std::exchange(file_, nullptr)) == 0; }

 private:
  std::FILE* file_ = nullptr;
};

inline bool replace_file(const std::string& from, const std::string& to) {
#if defined(_WIN32)
  if (MoveFileExA(from.c_str(), to.c_str(), 1 /* MOVEFILE_REPLACE_EXISTING */) != 0) return true;
  errno = EACCES;
  return false;
#else
  return std::rename(from.c_str(), to.c_str()) == 0;
#endif
}

[[noreturn]] inline void throw_errno(const std::string& path, const char* what, int code) {
  throw_io(path + ": " + what + ": " + std::generic_category().message(code));
}

}  // namespace detail

/// All bytes of a file; io_error with the path and the system's reason where it cannot be opened or read.
inline std::string read_file(const std::string& path) {
  errno = 0;
  const detail::file_handle file(path, "rb");
  if (file.get() == nullptr) detail::throw_errno(path, "cannot open the file", errno);
  std::string bytes;
  std::size_t size = 0;
  do {
    bytes.resize(size < 65536 ? 65536 : size * 2);
    errno = 0;
    size += std::fread(bytes.data() + size, 1, bytes.size() - size, file.get());
  } while (size == bytes.size());
  if (std::ferror(file.get()) != 0) detail::throw_errno(path, "cannot read the file", errno);
  bytes.resize(size);
  return bytes;
}

/// Writes a regular file in one step: to `path.tmp~` first, which then takes the place of `path`. On failure
/// io_error says why, the temporary is gone and `path` is as it was. Not for two writers of one path at once.
inline void write_file(const std::string& path, std::string_view bytes) {
  const std::string temporary = path + ".tmp~";
  errno = 0;
  detail::file_handle file(temporary, "wb");
  if (file.get() == nullptr) detail::throw_errno(path, "cannot create the file", errno);
  bool written = std::fwrite(bytes.data(), 1, bytes.size(), file.get()) == bytes.size();
  int code = errno;
  if (!file.close() && written) {
    written = false;
    code = errno;
  }
  if (written && detail::replace_file(temporary, path)) return;
  if (written) code = errno;
  std::remove(temporary.c_str());
  detail::throw_errno(path, "cannot write the file", code);
}

}  // namespace tenon
