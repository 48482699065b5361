// The bandwidth of a fused kernel against a device copy, at 2^28 floats: the dense layer's part, forward and backward,
// reads two arrays and writes two. Gate: at least 0.9 of the copy's. Exit status 77 without a GPU.
//
//   nvcc -std=c++20 -O3 -arch=native --expt-relaxed-constexpr -I include bench/cuda_probe.cu -o cuda_probe
//   ./cuda_probe
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "../tests/cuda/dense_part.hpp"

namespace {

using tenon::index;
constexpr int width = 1024;
constexpr index elements = index(1) << 28, batch = elements / width;
constexpr int pairs = 25;
using program = dense_part::program_of<width>;

void check(cudaError_t status, const char* what) {
  if (status == cudaSuccess) return;
  std::fprintf(stderr, "%s: %s\n", what, cudaGetErrorString(status));
  std::exit(1);
}

float* allocate(index n) {
  void* p = nullptr;
  check(cudaMalloc(&p, std::size_t(n) * sizeof(float)), "allocation");
  return static_cast<float*>(p);
}

__global__ void fill(float* p, index n, unsigned seed) {
  for (index i = index(blockIdx.x) * blockDim.x + threadIdx.x; i < n; i += index(gridDim.x) * blockDim.x) {
    const unsigned h = (static_cast<unsigned>(i) + seed) * 2654435761u;
    p[i] = 4 * (static_cast<float>(h ^ (h >> 15)) / 4294967296.f - 0.5f);
  }
}

template <class F>
float milliseconds(F work) {
  static cudaEvent_t begin = nullptr, end = nullptr;
  if (begin == nullptr) {
    check(cudaEventCreate(&begin), "event");
    check(cudaEventCreate(&end), "event");
  }
  float ms = 0;
  check(cudaEventRecord(begin), "event");
  work();
  check(cudaEventRecord(end), "event");
  check(cudaEventSynchronize(end), "kernel");
  check(cudaEventElapsedTime(&ms, begin, end), "time");
  return ms;
}

/// The first rows of the large arrays, computed again on the host.
float largest_difference(const float* z, const float* b, const float* dy, const float* y, const float* dz) {
  constexpr index rows = 64, n = rows * width;
  std::vector<float> a[5], hy(n), hdz(n);
  const float* const from[] = {z, dy, y, dz, b};
  for (int k = 0; k < 5; ++k) {
    a[k].resize(std::size_t(k == 4 ? width : n));
    check(cudaMemcpy(a[k].data(), from[k], a[k].size() * sizeof(float), cudaMemcpyDeviceToHost), "copy");
  }
  const auto l = dense_part::bind<width>(a[0].data(), a[4].data(), a[1].data(), hy.data(), hdz.data(), rows);
  for (index row = 0; row < rows; ++row)
    for (index c = 0; c < width; c += tenon::cuda::packet_size)
      tenon::cuda::fused_functor<program, index>::run(l, row, c, tenon::cuda::packet_size);
  float worst = 0;
  for (std::size_t i = 0; i < std::size_t(n); ++i)
    worst = std::fmax(worst, std::fmax(std::fabs(hy[i] - a[2][i]), std::fabs(hdz[i] - a[3][i])));
  return worst;
}

}  // namespace

int main() {
  int devices = 0;
  if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) {
    std::puts("skipped: there is no GPU here");
    return 77;
  }
  cudaDeviceProp device{};
  check(cudaGetDeviceProperties(&device, 0), "device");
  float *const z = allocate(elements), *const dy = allocate(elements), *const y = allocate(elements),
               *const dz = allocate(elements), *const b = allocate(width);
  fill<<<4096, 256>>>(z, elements, 1);
  fill<<<4096, 256>>>(dy, elements, 2);
  fill<<<1, 256>>>(b, width, 3);
  const auto l = dense_part::bind<width>(z, b, dy, y, dz, batch);

  const double bytes = 4.0 * double(elements) * sizeof(float);
  const auto kernel = [&] { check(tenon::cuda::start<program>(l), "launch"); };
  const auto copies = [&] {  // the same bytes: two arrays read, two written
    for (int k = 0; k < 2; ++k)
      check(cudaMemcpyAsync(k == 0 ? y : dz, k == 0 ? z : dy, std::size_t(elements) * sizeof(float),
                            cudaMemcpyDeviceToDevice),
            "copy");
  };
  kernel();
  copies();
  check(cudaDeviceSynchronize(), "warm-up");
  std::vector<double> ratio, own, peer;
  for (int k = 0; k < pairs; ++k) {
    const double a = milliseconds(kernel), c = milliseconds(copies);
    own.push_back(bytes / a / 1e6);
    peer.push_back(bytes / c / 1e6);
    ratio.push_back(c / a);
  }
  for (auto* v : {&ratio, &own, &peer}) std::sort(v->begin(), v->end());
  kernel();
  check(cudaDeviceSynchronize(), "kernel");
  const float difference = largest_difference(z, b, dy, y, dz);
  const bool passed = ratio[pairs / 2] >= 0.9 && difference <= 2e-6f;
  std::printf("%s, 2^28 floats, %d interleaved pairs (median, range)\n", device.name, pairs);
  std::printf("fused kernel  %7.0f GB/s\ndevice copy   %7.0f GB/s\n", own[pairs / 2], peer[pairs / 2]);
  std::printf("ratio         %7.3f  (%.3f to %.3f), gate >= 0.9\n", ratio[pairs / 2], ratio.front(),
              ratio.back());
  std::printf("largest difference to the host's result %g, gate <= 2e-6\n%s\n", double(difference),
              passed ? "passed" : "FAILED");
  return passed ? 0 : 1;
}
