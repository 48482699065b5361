// Where arrays live and programs run. So far that is the CPU.
#pragma once

namespace tenon {

/// A device; `cpu(0)` is the only one so far.
class device {
 public:
  constexpr bool operator==(const device&) const = default;
  constexpr bool is_cpu() const { return true; }
  constexpr int number() const { return number_; }

 private:
  friend constexpr device cpu(int number);
  constexpr explicit device(int number) : number_(number) {}
  int number_;
};

/// The CPU.
constexpr device cpu(int number) { return device(number); }

}  // namespace tenon
