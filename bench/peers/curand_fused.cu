// The subscription law in one hand-written kernel on cuRAND's own Philox and curand_normal4: draws, months, actions and
// moments in registers, nothing in memory unless quantiles are asked for. Fast intrinsics, single precision.
// Usage: clv_curand_fused WORK REPEATS OUT, both files JSON as in run_peer.py; seconds are of the device.

#include <cuda_runtime.h>
#include <curand_kernel.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cub/device/device_segmented_sort.cuh>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace {

constexpr int max_months = 120;
constexpr int max_alternatives = 9;
constexpr int threads = 256;

void check(cudaError_t status, const char* what) {
    if (status != cudaSuccess) {
        std::fprintf(stderr, "%s: %s\n", what, cudaGetErrorString(status));
        std::exit(1);
    }
}

struct Customer {
    float revenue, margin, cost, hazard;
};

struct Law {
    int customers, paths, months, duration;  ///< every action lasts as long
    float step_sd, step_drift;
    float factor[max_months];       ///< discount of each month
    float annuity[max_months + 1];  ///< sums of it
    float hazard_multiplier[max_alternatives];
    float price_multiplier[max_alternatives];
};

__constant__ Law law;

/// Month in which the cumulative hazard, a line that bends when the action ends, reaches the threshold.
__device__ int last_paid(float threshold, float hazard, float multiplier) {
    const auto duration = static_cast<float>(law.duration);
    const float active = __fdividef(threshold, hazard * multiplier);
    const float crossing = active <= duration ? active : __fdividef(threshold, hazard) + (1.0F - multiplier) * duration;
    return hazard > 0.0F ? static_cast<int>(fminf(fmaxf(ceilf(crossing), 1.0F), static_cast<float>(law.months)))
                         : law.months;
}

/// One block takes paths of one customer. moments: [alternative][customer][sum, sum of squares] about `centre`;
/// values: [alternative][customer][path].
template <int Alternatives, bool KeepValues>
__global__ void __launch_bounds__(threads)
    simulate(const Customer* customers, const float* centre, unsigned long long seed, double* moments, float* values) {
    const int i = static_cast<int>(blockIdx.x);
    const Customer customer = customers[i];
    double sum[Alternatives] = {};
    double squares[Alternatives] = {};
    for (int path = blockIdx.y * threads + threadIdx.x; path < law.paths; path += gridDim.y * threads) {
        curandStatePhilox4_32_10_t state;
        curand_init(seed, static_cast<unsigned long long>(i) * law.paths + path, 0, &state);
        const float threshold = -__logf(curand_uniform(&state));
        int end[Alternatives];
        int longest = 1;
#pragma unroll
        for (int a = 0; a < Alternatives; ++a) {
            end[a] = last_paid(threshold, customer.hazard, law.hazard_multiplier[a]);
            longest = max(longest, end[a]);
        }
        float total[Alternatives];  // discounted revenue, times the margin less that without action while one is active
        const float first = law.factor[0];
#pragma unroll
        for (int a = 0; a < Alternatives; ++a) {
            total[a] = first * (customer.margin + law.price_multiplier[a] - 1.0F);
        }
        float log_growth = 0.0F;
        for (int month = 1; month < longest; month += 4) {
            const float4 normal = curand_normal4(&state);
            const float step[4] = {normal.x, normal.y, normal.z, normal.w};
#pragma unroll
            for (int k = 0; k < 4; ++k) {
                const int now = month + k;
                if (now < law.months) {
                    log_growth += law.step_sd * step[k] + law.step_drift;
                    const float revenue = law.factor[now] * __expf(log_growth);
                    const bool active = now < law.duration;
#pragma unroll
                    for (int a = 0; a < Alternatives; ++a) {
                        const float share = customer.margin + (active ? law.price_multiplier[a] - 1.0F : 0.0F);
                        total[a] += now < end[a] ? revenue * share : 0.0F;
                    }
                }
            }
        }
#pragma unroll
        for (int a = 0; a < Alternatives; ++a) {
            const float value = customer.revenue * total[a] - customer.cost * law.annuity[end[a]];
            if constexpr (KeepValues) {
                values[(static_cast<std::size_t>(a) * law.customers + i) * law.paths + path] = value;
            }
            const double apart = static_cast<double>(value) - static_cast<double>(centre[i]);
            sum[a] += apart;
            squares[a] += apart * apart;
        }
    }
#pragma unroll
    for (int a = 0; a < Alternatives; ++a) {
        for (int offset = 16; offset > 0; offset /= 2) {
            sum[a] += __shfl_down_sync(0xffffffffU, sum[a], offset);
            squares[a] += __shfl_down_sync(0xffffffffU, squares[a], offset);
        }
        if (threadIdx.x % 32 == 0) {
            double* to = moments + 2 * (static_cast<std::size_t>(a) * law.customers + i);
            atomicAdd(to, sum[a]);
            atomicAdd(to + 1, squares[a]);
        }
    }
}

/// One thread per customer and alternative: quantiles at `ranks` and the mean of the `worst` lowest values.
__global__ void order_figures(const float* sorted, int rows, int paths, const int* ranks, int levels, double worst,
                              float* quantiles, float* cvar) {
    const int row = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    if (row >= rows) {
        return;
    }
    const float* values = sorted + static_cast<std::size_t>(row) * paths;
    for (int q = 0; q < levels; ++q) {
        quantiles[static_cast<std::size_t>(q) * rows + row] = values[ranks[q] - 1];
    }
    const int whole = static_cast<int>(worst);
    double tail = 0.0;
    for (int k = 0; k < whole; ++k) {
        tail += static_cast<double>(values[k]);
    }
    tail += (worst - whole) * static_cast<double>(values[min(whole, paths - 1)]);
    cvar[row] = static_cast<float>(tail / worst);
}

template <class T>
struct Device {
    T* data = nullptr;
    explicit Device(std::size_t count) {
        check(cudaMalloc(&data, std::max<std::size_t>(count, 1) * sizeof(T)), "memory");
    }
    explicit Device(const std::vector<T>& from) : Device(from.size()) {
        check(cudaMemcpy(data, from.data(), from.size() * sizeof(T), cudaMemcpyHostToDevice), "copy");
    }
    ~Device() { cudaFree(data); }
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;
    [[nodiscard]] std::vector<T> host(std::size_t count) const {
        std::vector<T> to(count);
        check(cudaMemcpy(to.data(), data, count * sizeof(T), cudaMemcpyDeviceToHost), "copy");
        return to;
    }
};

template <bool KeepValues>
void launch(int alternatives, dim3 grid, const Customer* customers, const float* centre, unsigned long long seed,
            double* moments, float* values) {
    switch (alternatives) {
        case 1:
            return simulate<1, KeepValues><<<grid, threads>>>(customers, centre, seed, moments, values);
        case 2:
            return simulate<2, KeepValues><<<grid, threads>>>(customers, centre, seed, moments, values);
        case 9:
            return simulate<9, KeepValues><<<grid, threads>>>(customers, centre, seed, moments, values);
        default:
            std::printf("it takes 0, 1 or 8 actions\n");
            std::exit(3);
    }
}

Law read_law(const nlohmann::json& work) {
    Law out{};
    out.customers = work.at("customers");
    out.paths = work.at("paths");
    out.months = work.at("horizon_months");
    const double volatility = work.at("revenue_volatility");
    out.step_sd = static_cast<float>(volatility / std::sqrt(12.0));
    out.step_drift = static_cast<float>(-volatility * volatility / 24.0);
    double annuity = 0.0;
    for (int month = 0; month < out.months; ++month) {
        const double discount = work.at("discount_factor").at(static_cast<std::size_t>(month));
        out.factor[month] = static_cast<float>(discount);
        annuity += discount;
        out.annuity[month + 1] = static_cast<float>(annuity);
    }
    out.hazard_multiplier[0] = 1.0F;
    out.price_multiplier[0] = 1.0F;
    int a = 1;
    for (const auto& action : work.at("actions")) {
        out.hazard_multiplier[a] = action.at("hazard_multiplier");
        out.price_multiplier[a] = action.at("price_multiplier");
        out.duration = action.at("duration_months");
        ++a;
    }
    return out;
}

nlohmann::json rows(const std::vector<double>& all, std::size_t alternatives, std::size_t customers) {
    nlohmann::json json = nlohmann::json::array();
    for (std::size_t a = 0; a < alternatives; ++a) {
        const auto begin = all.begin() + static_cast<std::ptrdiff_t>(a * customers);
        json.push_back(std::vector<double>(begin, begin + static_cast<std::ptrdiff_t>(customers)));
    }
    return json;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fprintf(stderr, "usage: clv_curand_fused WORK REPEATS OUT\n");
        return 2;
    }
    int devices = 0;
    if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) {
        std::printf("no GPU here\n");
        return 3;
    }
    const nlohmann::json work = nlohmann::json::parse(std::ifstream(argv[1]));
    const Law host_law = read_law(work);
    check(cudaMemcpyToSymbol(law, &host_law, sizeof host_law), "constants");
    const auto customers = static_cast<std::size_t>(host_law.customers);
    const auto paths = static_cast<std::size_t>(host_law.paths);
    const std::size_t alternatives = 1 + work.at("actions").size();
    const std::size_t rows_count = alternatives * customers;

    std::vector<Customer> table;
    std::vector<float> centre;  // value without churn or action: moments about it lose no digits
    for (std::size_t i = 0; i < customers; ++i) {
        table.push_back({work.at("monthly_revenue").at(i), work.at("margin").at(i), work.at("retention_cost").at(i),
                         work.at("hazard").at(i)});
        centre.push_back((table[i].revenue * table[i].margin - table[i].cost) * host_law.annuity[host_law.months]);
    }
    const Device<Customer> device_table(table);
    const Device<float> device_centre(centre);
    const Device<double> moments(2 * rows_count);

    std::vector<int> ranks;
    for (const double level : work.at("quantiles")) {
        const double position = std::round(static_cast<double>(paths) * level * 1e6) / 1e6;
        ranks.push_back(std::max(1, static_cast<int>(std::ceil(position))));
    }
    const bool keep = !ranks.empty();
    const double worst =
        keep ? std::round(static_cast<double>(paths) * work.at("cvar_level").get<double>() * 1e6) / 1e6 : 0.0;
    const std::size_t kept = keep ? rows_count * paths : 0;
    const Device<float> values(kept);
    const Device<float> sorted(kept);
    const Device<int> device_ranks(ranks);
    const Device<float> quantiles(ranks.size() * rows_count);
    const Device<float> cvar(keep ? rows_count : 0);
    std::vector<std::int64_t> bounds;
    for (std::size_t row = 0; keep && row <= rows_count; ++row) {
        bounds.push_back(static_cast<std::int64_t>(row * paths));
    }
    const Device<std::int64_t> device_bounds(bounds);
    std::size_t scratch_bytes = 0;
    const auto sort = [&](void* scratch) {
        check(cub::DeviceSegmentedSort::SortKeys(scratch, scratch_bytes, values.data, sorted.data,
                                                 static_cast<std::int64_t>(kept), static_cast<std::int64_t>(rows_count),
                                                 device_bounds.data, device_bounds.data + 1),
              "sort");
    };
    if (keep) {
        sort(nullptr);
    }
    const Device<unsigned char> scratch(scratch_bytes);

    // enough blocks to fill the device, each with enough paths to be worth its start
    const dim3 grid(static_cast<unsigned>(customers),
                    static_cast<unsigned>(std::clamp<std::size_t>(paths / (8 * threads), 1, 64)));
    const auto run = [&](unsigned long long seed) {
        check(cudaMemset(moments.data, 0, 2 * rows_count * sizeof(double)), "memory");
        if (keep) {
            launch<true>(static_cast<int>(alternatives), grid, device_table.data, device_centre.data, seed,
                         moments.data, values.data);
            sort(scratch.data);
            order_figures<<<static_cast<unsigned>((rows_count + 127) / 128), 128>>>(
                sorted.data, static_cast<int>(rows_count), host_law.paths, device_ranks.data,
                static_cast<int>(ranks.size()), worst, quantiles.data, cvar.data);
        } else {
            launch<false>(static_cast<int>(alternatives), grid, device_table.data, device_centre.data, seed,
                          moments.data, nullptr);
        }
        check(cudaGetLastError(), "kernel");
    };
    cudaEvent_t start;
    cudaEvent_t stop;
    check(cudaEventCreate(&start), "event");
    check(cudaEventCreate(&stop), "event");
    std::vector<double> seconds;
    for (int repeat = -1; repeat < std::atoi(argv[2]); ++repeat) {
        check(cudaEventRecord(start), "event");
        run(1001ULL + static_cast<unsigned long long>(repeat));
        check(cudaEventRecord(stop), "event");
        check(cudaEventSynchronize(stop), "kernel");
        float milliseconds = 0.0F;
        check(cudaEventElapsedTime(&milliseconds, start, stop), "event");
        if (repeat >= 0) {
            seconds.push_back(1e-3 * static_cast<double>(milliseconds));
        }
    }

    const std::vector<double> sums = moments.host(2 * rows_count);
    std::vector<double> mean(rows_count);
    std::vector<double> sd(rows_count);
    for (std::size_t row = 0; row < rows_count; ++row) {
        const auto n = static_cast<double>(paths);
        const double apart = sums[2 * row] / n;
        mean[row] = static_cast<double>(centre[row % customers]) + apart;
        sd[row] = std::sqrt((sums[2 * row + 1] - n * apart * apart) / (n - 1.0));
    }
    nlohmann::json figures{{"mean", rows(mean, alternatives, customers)}, {"sd", rows(sd, alternatives, customers)}};
    if (keep) {
        const std::vector<float> tail = cvar.host(rows_count);
        figures["cvar"] = rows({tail.begin(), tail.end()}, alternatives, customers);
        const std::vector<float> all = quantiles.host(ranks.size() * rows_count);
        for (std::size_t q = 0; q < ranks.size(); ++q) {
            const auto begin = all.begin() + static_cast<std::ptrdiff_t>(q * rows_count);
            figures["quantiles"].push_back(
                rows({begin, begin + static_cast<std::ptrdiff_t>(rows_count)}, alternatives, customers));
        }
    }
    std::ofstream(argv[3]) << nlohmann::json{{"seconds", seconds},
                                             {"figures", figures},
                                             {"paths", paths},
                                             {"versions", {{"cuRAND", std::to_string(CURAND_VERSION)}}}};
    return 0;
}
