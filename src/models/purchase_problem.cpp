#include "purchase_problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/core/parallel.hpp"
#include "clv/core/progress.hpp"

namespace clv {

CovariateData covariate_data(const PurchaseSummary& customers, const std::vector<std::string>& names) {
    const auto columns = covariates_of(customers, names);
    const auto weight = [&](std::size_t i) { return customers.weight.empty() ? 1.0 : customers.weight[i]; };
    const auto before = [&](std::size_t i, std::size_t j) {
        const auto key = [&](std::size_t k) {
            return std::array{customers.frequency[k], customers.recency[k], customers.age[k]};
        };
        if (key(i) != key(j)) {
            return key(i) < key(j);
        }
        for (const std::vector<double>* column : columns) {
            if ((*column)[i] != (*column)[j]) {
                return (*column)[i] < (*column)[j];
            }
        }
        return false;
    };
    std::vector<std::size_t> order(customers.frequency.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(
        order, [&](std::size_t i, std::size_t j) { return before(i, j) || (!before(j, i) && weight(i) < weight(j)); });
    CovariateData data;
    data.row_of.resize(order.size());
    std::size_t last = 0;
    for (const std::size_t i : order) {
        if (weight(i) == 0.0) {
            continue;
        }
        if (data.rows.empty() || before(last, i)) {
            CovariateRow row{customers.frequency[i], customers.recency[i], customers.age[i], 0.0, {}};
            for (const std::vector<double>* column : columns) {
                row.z.push_back((*column)[i]);
            }
            data.rows.push_back(std::move(row));
            last = i;
        }
        data.rows.back().weight += weight(i);
        data.row_of[i] = data.rows.size() - 1;
    }
    for (const CovariateRow& row : data.rows) {
        data.customers += row.weight;
    }
    for (std::size_t j = 0; j < names.size(); ++j) {
        double mean = 0.0;
        double square = 0.0;
        for (const CovariateRow& row : data.rows) {
            mean += row.weight * row.z[j] / data.customers;
        }
        for (const CovariateRow& row : data.rows) {
            square += row.weight * (row.z[j] - mean) * (row.z[j] - mean) / data.customers;
        }
        const double sd = std::sqrt(square);
        if (!(sd > 1.0e-9 * (1.0 + std::abs(mean)))) {
            throw InputError(
                fmt::format("covariate {} is {} for everybody: leave it out of fit.covariates", names[j], mean));
        }
        for (CovariateRow& row : data.rows) {
            row.z[j] = (row.z[j] - mean) / sd;
        }
        data.mean.push_back(mean);
        data.sd.push_back(sd);
    }
    return data;
}

PurchaseProblem::PurchaseProblem(const CovariateData& data, PurchaseLaw law, bool drops_out, int threads)
    : data_(data),
      law_(law),
      dropout_(drops_out ? traits_of(law).dropout_covariate : std::nullopt),
      threads_(threads),
      parameters_(drops_out ? 4 : 2),
      covariates_(data.mean.size()),
      size_(parameters_ + (drops_out ? 2 : 1) * covariates_) {}

Eigen::MatrixXd PurchaseProblem::information(const Point& at) const {
    return information_by_gradients([this](const Point& point, Point* gradient) { return value(point, *gradient); },
                                    at);
}

std::array<double, 4> PurchaseProblem::own(const Point& at, const CovariateRow& row) const {
    std::array<double, 4> logs{};
    std::copy_n(at.begin(), parameters_, logs.begin());
    for (std::size_t j = 0; j < covariates_; ++j) {
        logs[1] -= at[parameters_ + j] * row.z[j];
        if (dropout_) {
            logs[dropout_->parameter] += dropout_->sign * (at[parameters_ + covariates_ + j] * row.z[j]);
        }
    }
    return logs;
}

double PurchaseProblem::of_row(const std::array<double, 4>& logs, const CovariateRow& row) const {
    PurchaseModel model{law_, {}, TimeUnit::week};
    for (std::size_t i = 0; i < parameters_; ++i) {
        model.parameters[i] = std::exp(logs[i]);
    }
    return model.log_likelihood(row.x, row.recency, row.age);
}

void PurchaseProblem::add_gradient(const std::array<double, 4>& logs, const CovariateRow& row, double weight,
                                   double* gradient) const {
    constexpr double step = 1.0e-5;
    std::array<double, 4> slope{};
    for (std::size_t i = 0; i < parameters_; ++i) {
        std::array<double, 4> up = logs;
        std::array<double, 4> down = logs;
        up[i] += step;
        down[i] -= step;
        slope[i] = weight * (of_row(up, row) - of_row(down, row)) / (2.0 * step);
        gradient[i] += slope[i];
    }
    for (std::size_t j = 0; j < covariates_; ++j) {
        gradient[parameters_ + j] -= slope[1] * row.z[j];
        if (dropout_) {
            gradient[parameters_ + covariates_ + j] += dropout_->sign * slope[dropout_->parameter] * row.z[j];
        }
    }
}

/// Blocks are added up in their order, whoever took them.
double PurchaseProblem::sum_of_blocks(const Point& at, Point* gradient, const std::vector<double>* weights) const {
    constexpr std::size_t block_rows = 512;
    const std::size_t blocks = (data_.rows.size() + block_rows - 1) / block_rows;
    const std::size_t entries = gradient == nullptr ? 1 : 1 + size_;
    std::vector<double> sums(blocks * entries, 0.0);
    const auto take = [&](std::size_t /*slot*/, std::size_t block) {
        double* const sum = sums.data() + block * entries;
        const std::size_t end = std::min(data_.rows.size(), (block + 1) * block_rows);
        for (std::size_t i = block * block_rows; i < end; ++i) {
            throw_if_interrupted();  // a row takes as long as it has purchases
            const CovariateRow& row = data_.rows[i];
            const double weight = weights == nullptr ? row.weight : (*weights)[i];
            if (weight == 0.0) {
                continue;
            }
            const std::array<double, 4> logs = own(at, row);
            sum[0] += weight * of_row(logs, row);
            if (gradient != nullptr) {
                add_gradient(logs, row, weight, sum + 1);
            }
        }
    };
    if (weights == nullptr) {
        for_each_block(threads_, blocks, take);
    } else {
        for (std::size_t block = 0; block < blocks; ++block) {
            take(0, block);
        }
    }
    double total = 0.0;
    if (gradient != nullptr) {
        gradient->assign(size_, 0.0);
    }
    for (std::size_t block = 0; block < blocks; ++block) {
        total += sums[block * entries];
        for (std::size_t i = 1; i < entries; ++i) {
            (*gradient)[i - 1] += sums[block * entries + i];
        }
    }
    return std::isfinite(total) ? total : -1.0e300;
}

void PurchaseProblem::to_natural(Point& at, Eigen::MatrixXd& covariance) const {
    const auto size = static_cast<Eigen::Index>(size_);
    Eigen::MatrixXd map = Eigen::MatrixXd::Zero(size, size);
    map.diagonal().setOnes();
    for (std::size_t j = 0; j < covariates_; ++j) {
        const auto rate = static_cast<Eigen::Index>(parameters_ + j);
        map(rate, rate) = 1.0 / data_.sd[j];
        map(1, rate) = data_.mean[j] / data_.sd[j];
        if (dropout_) {
            const auto dropout = static_cast<Eigen::Index>(parameters_ + covariates_ + j);
            map(dropout, dropout) = 1.0 / data_.sd[j];
            map(static_cast<Eigen::Index>(dropout_->parameter), dropout) =
                -dropout_->sign * data_.mean[j] / data_.sd[j];
        }
    }
    // Term by term: Eigen's products add them up in another order, and fits keep their last bits.
    Point natural(size_, 0.0);
    Eigen::MatrixXd mapped = Eigen::MatrixXd::Zero(covariance.rows(), covariance.cols());
    for (Eigen::Index i = 0; i < size; ++i) {
        for (Eigen::Index k = 0; k < size; ++k) {
            natural[static_cast<std::size_t>(i)] += map(i, k) * at[static_cast<std::size_t>(k)];
            for (Eigen::Index j = 0; j < mapped.rows(); ++j) {
                for (Eigen::Index l = 0; l < size; ++l) {
                    mapped(i, j) += map(i, k) * covariance(k, l) * map(j, l);
                }
            }
        }
    }
    at = std::move(natural);
    covariance = std::move(mapped);
}

Point PurchaseProblem::standardised(const PurchaseDraw& from) const {
    Point at(size_, 0.0);
    for (std::size_t i = 0; i < parameters_; ++i) {
        at[i] = std::log(from.parameters[i]);
    }
    for (std::size_t j = 0; j < covariates_ && from.rate_effects.size() == covariates_; ++j) {
        at[parameters_ + j] = from.rate_effects[j] * data_.sd[j];
        at[1] -= from.rate_effects[j] * data_.mean[j];
        if (dropout_) {
            at[parameters_ + covariates_ + j] = from.dropout_effects[j] * data_.sd[j];
            at[dropout_->parameter] += dropout_->sign * from.dropout_effects[j] * data_.mean[j];
        }
    }
    return at;
}

}  // namespace clv
