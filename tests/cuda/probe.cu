// The dense layer's part as a kernel: that nvcc compiles it, and, where there is a GPU, that it computes what the
// functor computes on the host. Exit status 77 without a GPU.
#include <cmath>
#include <cstdio>
#include <vector>

#include "dense_part.hpp"

namespace {

using tenon::index;

bool good(cudaError_t status, const char* what) {
  if (status == cudaSuccess) return true;
  std::fprintf(stderr, "%s: %s\n", what, cudaGetErrorString(status));
  return false;
}

template <int W>
void run_on_host(const tenon::cuda::launch_of<dense_part::program_of<W>>& l) {
  constexpr int packet = tenon::cuda::packet_size;
  for (index row = 0; row < l.rows; ++row)
    for (index c = 0; c < l.columns; c += packet)
      tenon::cuda::fused_functor<dense_part::program_of<W>, index>::run(
          l, row, c, l.columns - c < packet ? int(l.columns - c) : packet);
}

/// offset: elements before the first row, so that packets are aligned or not.
template <int W>
bool check(index batch, index offset) {
  const index n = batch * W + offset;
  float *z = nullptr, *b = nullptr, *dy = nullptr, *y = nullptr, *dz = nullptr;
  for (float** p : {&z, &b, &dy, &y, &dz})
    if (!good(cudaMallocManaged(p, std::size_t(n + W) * sizeof(float)), "allocation")) return false;
  unsigned state = 7;
  const auto next = [&] { return 4 * (float(state = state * 1664525u + 1013904223u) / 4294967296.f - 0.5f); };
  for (index i = 0; i < n; ++i) z[i] = next(), dy[i] = next();
  for (index j = 0; j < W; ++j) b[j] = next();
  std::vector<float> host_y(std::size_t(n), 0.f), host_dz(std::size_t(n), 0.f);
  run_on_host<W>(dense_part::bind<W>(z + offset, b, dy + offset, host_y.data(), host_dz.data(), batch));
  const auto l = dense_part::bind<W>(z + offset, b, dy + offset, y + offset, dz + offset, batch);
  bool ok = good(tenon::cuda::start<dense_part::program_of<W>>(l), "launch") &&
            good(cudaDeviceSynchronize(), "kernel");
  float worst = 0;
  for (index i = 0; ok && i < batch * W; ++i)
    worst = std::fmax(worst, std::fmax(std::fabs(y[offset + i] - host_y[std::size_t(i)]),
                                       std::fabs(dz[offset + i] - host_dz[std::size_t(i)])));
  ok = ok && worst <= 2e-6f;
  std::printf("%s: [%lld, %d] from element %lld, largest difference %g\n", ok ? "equal" : "NOT EQUAL",
              static_cast<long long>(batch), W, static_cast<long long>(offset), double(worst));
  for (float* p : {z, b, dy, y, dz}) cudaFree(p);
  return ok;
}

}  // namespace

int main() {
  int devices = 0;
  if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) {
    std::puts("skipped: there is no GPU here");
    return 77;
  }
  bool ok = true;
  for (const int batch : {1, 3, 1000, 70000})
    for (const int offset : {0, 1}) ok = check<7>(batch, offset) && check<64>(batch, offset) && ok;
  ok = check<1024>(4096, 0) && ok;
  return ok ? 0 : 1;
}
