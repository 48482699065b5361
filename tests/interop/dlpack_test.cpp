// DLPack both ways: what is shared, what is copied, and when deleters are called.
#include <tenon/interop/dlpack.hpp>

#include "../array/guarded.hpp"
#include "../support.hpp"

#include <memory>

using namespace tenon;
using test::contains;
using test::thrown;
using test::values;
using test::vec;

namespace {

/// An array of another library: counts how often it was given back.
template <class Managed = DLManagedTensor>
struct foreign {
  std::vector<std::int64_t> shape, strides;
  int deleted = 0;
  Managed managed{};

  foreign(void* data, DLDataType type, std::vector<std::int64_t> extents,
          std::vector<std::int64_t> steps = {})
      : shape(std::move(extents)), strides(std::move(steps)) {
    DLTensor& t = managed.dl_tensor;
    t.data = data;
    t.device = {kDLCPU, 0};
    t.ndim = static_cast<std::int32_t>(shape.size());
    t.dtype = type;
    t.shape = shape.data();
    t.strides = strides.empty() ? nullptr : strides.data();
    managed.manager_ctx = this;
    managed.deleter = [](Managed* m) { ++static_cast<foreign*>(m->manager_ctx)->deleted; };
    if constexpr (requires { managed.version; }) managed.version = {1, 3};
  }
};

constexpr DLDataType float32{kDLFloat, 32, 1};

}  // namespace

TEST_CASE("a managed tensor is taken over without a copy, and given back once") {
  float memory[6] = {1, 2, 3, 4, 5, 6};
  foreign<> f(memory, float32, {2, 3});
  {
    any_tensor a = from_dlpack(&f.managed);
    CHECK(a.data() == reinterpret_cast<std::byte*>(memory));
    auto t = a.as<float, dyn, 3>();
    a = any_tensor();
    CHECK(std::as_const(t).data() == memory);
    memory[0] = 10;
    CHECK(values(t * 2.f) == vec{20, 4, 6, 8, 10, 12});
    const auto e = t + 1.f;
    t(0, 1) = -1;  // a copy
    CHECK(memory[1] == 2);
    CHECK(std::as_const(t).data() != memory);
    CHECK(f.deleted == 0);  // the expression holds it
    CHECK(values(e)[1] == 3);
  }
  CHECK(f.deleted == 1);
}

TEST_CASE("no tensor writes into memory of others") {
  float memory[4] = {1, 2, 3, 4};
  const auto made = [&](foreign<>& f) { return from_dlpack(&f.managed).as<float, dyn>(); };
  const auto check = [&](auto write) {
    foreign<> f(memory, float32, {4});
    {
      auto t = made(f);
      write(t);
    }
    CHECK(f.deleted == 1);
    CHECK(vec(memory, memory + 4) == vec{1, 2, 3, 4});
  };
  check([](auto& t) { t += 1.f; });
  check([](auto& t) { t = t * 2.f; });
  check([](auto& t) { t(0) = 7; });
  check([](auto& t) { t.data()[0] = 7; });
  check([](auto& t) { t.slice(range(0, 2)) = 7.f; });
  check([](auto& t) { noalias(t) = zeros<float>(4); });
  check([](auto& t) { std::fill(t.begin(), t.end(), 0.f); });
  check([](auto& t) { t = flip(t); });
  check([](auto& t) { borrow(t.data(), 4) = 0.f; });
}

TEST_CASE("strides, offsets and misaligned memory") {
  float memory[12];
  for (int i = 0; i < 12; ++i) memory[i] = float(i);
  foreign<> columns(memory, float32, {3, 4}, {1, 3});
  const any_tensor a = from_dlpack(&columns.managed);
  CHECK(columns.deleted == 1);  // copied
  CHECK(values(a.as<float, 3, 4>()) == vec{0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11});
  foreign<> back(memory + 11, float32, {4}, {-2});
  CHECK(values(from_dlpack(&back.managed).as<float, 4>()) == vec{11, 9, 7, 5});
  foreign<> offset(memory, float32, {2, 2});
  offset.managed.dl_tensor.byte_offset = 12;
  const any_tensor b = from_dlpack(&offset.managed);
  CHECK(b.data() == reinterpret_cast<std::byte*>(memory + 3));
  CHECK(values(b.as<float, 2, 2>()) == vec{3, 4, 5, 6});
  CHECK(offset.deleted == 0);
  alignas(8) unsigned char bytes[20] = {};
  bytes[1 + 3] = 0x40;  // little-endian 2.0f
  foreign<> odd(bytes, float32, {2});
  odd.managed.dl_tensor.byte_offset = 1;
  CHECK(values(from_dlpack(&odd.managed).as<float, 2>()) == vec{2, 0});
  CHECK(odd.deleted == 1);
  foreign<> one(memory, float32, {1, 4, 1}, {99, 1, 7});  // strides of extent 1 mean nothing
  CHECK(from_dlpack(&one.managed).data() == reinterpret_cast<std::byte*>(memory));
  foreign<> repeated(memory + 1, float32, {3}, {0});
  CHECK(values(from_dlpack(&repeated.managed).as<float, 3>()) == vec{1, 1, 1});
  foreign<> empty(nullptr, float32, {0, 3});
  CHECK(from_dlpack(&empty.managed).size() == 0);
  CHECK(empty.deleted == 1);
  foreign<> number(memory + 5, float32, {});
  CHECK(from_dlpack(&number.managed).item<int>() == 5);
}

TEST_CASE("what is refused is given back") {
  float memory[4]{};
  const auto refused = [&]<class E>(auto change, E) {
    foreign<> f(memory, float32, {2, 2});
    change(f);
    const std::string line = thrown<E>([&] { (void)from_dlpack(&f.managed); });
    CHECK(f.deleted == 1);
    return line;
  };
  const usage_error usage("");
  CHECK(contains(refused(
                     [](auto& f) {
                       f.managed.dl_tensor.device = {kDLCUDA, 0};
                     },
                     device_error("")),
                 "device type 2"));
  CHECK(contains(refused([](auto& f) { f.managed.dl_tensor.dtype.lanes = 4; }, dtype_error("")), "4 lanes"));
  CHECK(refused([](auto& f) { f.managed.dl_tensor.dtype = {kDLFloat, 8, 1}; }, dtype_error("")) != "");
  CHECK(refused(
            [](auto& f) {
              f.managed.dl_tensor.dtype = {kDLOpaqueHandle, 64, 1};
            },
            dtype_error("")) != "");
  CHECK(refused([](auto& f) { f.managed.dl_tensor.ndim = 9; }, shape_error("")) != "");
  CHECK(refused([](auto& f) { f.managed.dl_tensor.ndim = -1; }, shape_error("")) != "");
  CHECK(refused([](auto& f) { f.shape[0] = -1; }, shape_error("")) != "");
  CHECK(refused(
            [](auto& f) {
              f.shape = {std::int64_t(1) << 62, 4};
              f.managed.dl_tensor.shape = f.shape.data();
            },
            shape_error("")) != "");
  CHECK(refused([](auto& f) { f.managed.dl_tensor.data = nullptr; }, usage) != "");
  CHECK(refused([](auto& f) { f.managed.dl_tensor.shape = nullptr; }, usage) != "");
  CHECK(thrown<usage_error>([] { (void)from_dlpack(static_cast<DLManagedTensor*>(nullptr)); }) != "");
  foreign<DLManagedTensorVersioned> later(memory, float32, {4});
  later.managed.version = {2, 0};
  CHECK(contains(thrown<usage_error>([&] { (void)from_dlpack(&later.managed); }), "expected version 1"));
  CHECK(later.deleted == 1);
}

TEST_CASE("tensors for others share their buffer") {
  const tensor<float, dyn, 3> t{{1, 2, 3}, {4, 5, 6}};
  DLManagedTensor* const m = to_dlpack(t);
  CHECK(m->dl_tensor.data == t.data());
  CHECK(m->dl_tensor.ndim == 2);
  CHECK(m->dl_tensor.shape[0] == 2);
  CHECK(m->dl_tensor.strides[0] == 3);
  CHECK(m->dl_tensor.strides[1] == 1);
  CHECK(m->dl_tensor.device.device_type == kDLCPU);
  CHECK(m->dl_tensor.dtype.code == kDLFloat);
  CHECK(m->dl_tensor.dtype.bits == 32);
  CHECK(t.buffer().references() == 2);
  m->deleter(m);
  CHECK(t.buffer().references() == 1);

  DLManagedTensorVersioned* const v = to_dlpack<DLManagedTensorVersioned>(t);
  CHECK(v->version.major == 1);
  CHECK((v->flags & DLPACK_FLAG_BITMASK_READ_ONLY) != 0);
  any_tensor back = from_dlpack(v);
  CHECK(back.as<float, dyn, 3>().buffer() != t.buffer());  // another handle on the same memory
  CHECK(back.data() == reinterpret_cast<const std::byte*>(t.data()));
  CHECK(t.buffer().references() == 2);
  back = any_tensor();
  CHECK(t.buffer().references() == 1);

  tensor<int, dyn> w{1, 2};
  const tensor<int, dyn> before = w;
  DLManagedTensor* const shared = to_dlpack(std::as_const(w));
  w(0) = 5;  // its holders keep what they had
  CHECK(static_cast<int*>(shared->dl_tensor.data)[0] == 1);
  shared->deleter(shared);

  DLManagedTensorVersioned* const own = to_dlpack<DLManagedTensorVersioned>(eval(w + 1));
  CHECK(own->flags == 0);
  static_cast<int*>(own->dl_tensor.data)[0] = 9;
  own->deleter(own);
}

TEST_CASE("a small tensor gives others a copy") {
  tensor<float, 2, 2> t{{1, 2}, {3, 4}};
  DLManagedTensor* const m = to_dlpack(t);
  CHECK(m->dl_tensor.data != std::as_const(t).data());
  t(1, 1) = 9;
  CHECK(static_cast<float*>(m->dl_tensor.data)[3] == 4);
  m->deleter(m);
}

TEST_CASE("a writable export") {
  tensor<double, dyn> t{1, 2, 3};
  const tensor<double, dyn> before = t;
  DLManagedTensor* const m = to_dlpack_writable(t);
  auto* const p = static_cast<double*>(m->dl_tensor.data);
  p[0] = 10;
  CHECK(t(0) == 10);
  CHECK(before(0) == 1);
  const auto copy = t;
  p[1] = 20;
  CHECK(copy(1) == 2);
  t = t * 2.0;
  CHECK(p[0] == 20);
  m->deleter(m);
  CHECK(t.buffer().pins() == 0);
  CHECK(values(t) == vec{20, 40, 6});
}

TEST_CASE_TEMPLATE("every dtype goes there and back", T, bool, std::int8_t, std::int16_t, std::int32_t,
                   std::int64_t, std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t, tenon::float16,
                   tenon::bfloat16, float, double, tenon::complex64, tenon::complex128) {
  const auto t = full<T>(static_cast<T>(1.f), 2, 3);
  const any_tensor a = from_dlpack(to_dlpack<DLManagedTensorVersioned>(t));
  CHECK(a.type() == dtype_of<T>);
  CHECK(a == any_tensor(t));
  CHECK(from_dlpack(to_dlpack(a)) == a);
}

TEST_CASE("memory that ends at a page is read to its end and not beyond") {
  for (const int n : {1, 3, 7, 16, 33}) {
    const test::guarded<float> memory(n);
    for (int i = 0; i < n; ++i) memory[i] = 1;
    foreign<> f(memory.data(), float32, {n});
    {
      const auto t = from_dlpack(&f.managed).as<float, dyn>();
      CHECK(eval(sum(t * 2.f)).item() == 2 * n);
      auto w = t;
      w += t;
      CHECK(values(w) == vec(std::size_t(n), 2));
    }
    CHECK(f.deleted == 1);
  }
}
