#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "clv/core/progress.hpp"
#include "clv/learning/score_model.hpp"
#include "ensemble.hpp"

namespace clv {

namespace {

/// Where the coefficients of a column stand: a slope and an effect of what is missing, or an effect for every level
/// and one of what is missing.
struct Place {
    std::size_t begin;
    bool is_category;
    std::size_t levels;
    double centre = 0.0;
    double scale = 1.0;  ///< a standard deviation
};

double weight_of(const TrainingRows& rows, std::size_t i) {
    return rows.weight.empty() ? 1.0 : static_cast<double>(rows.weight[i]);
}

/// Mean and standard deviation of a number over the rows that have it.
void measure(const FeatureMatrix& matrix, const TrainingRows& rows, std::size_t column, Place& place) {
    double weights = 0.0;
    double sum = 0.0;
    double squares = 0.0;
    for (std::size_t pass = 0; pass < 2; ++pass) {
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const float x = matrix.row(rows.rows[i])[column];
            if (std::isnan(x)) {
                continue;
            }
            const double value = static_cast<double>(x);
            if (pass == 0) {
                weights += weight_of(rows, i);
                sum += weight_of(rows, i) * value;
            } else {
                squares += weight_of(rows, i) * (value - place.centre) * (value - place.centre);
            }
        }
        place.centre = weights > 0.0 ? sum / weights : 0.0;
    }
    const double sd = weights > 0.0 ? std::sqrt(squares / weights) : 0.0;
    place.scale = sd > 0.0 ? sd : 1.0;
}

/// Entries of a row in the design: at most one per column, since a category has one level. Entry 0 is the intercept.
struct Entry {
    std::size_t at;
    double value;
};

void entries_of(std::span<const float> row, std::span<const Place> places, std::vector<Entry>& entries) {
    entries.clear();
    entries.push_back({0, 1.0});
    for (std::size_t column = 0; column < places.size(); ++column) {
        const Place& place = places[column];
        const float x = row[column];
        if (std::isnan(x)) {
            entries.push_back({place.begin + place.levels, 1.0});
        } else if (place.is_category) {
            entries.push_back({place.begin + static_cast<std::size_t>(x), 1.0});
        } else {
            entries.push_back({place.begin, (static_cast<double>(x) - place.centre) / place.scale});
        }
    }
}

/// Mean and variance of the outcome at a score; the second is the curvature too, since both links are canonical.
struct Moments {
    double mean;
    double curvature;
};

Moments moments_at(Family family, double score) {
    if (family == Family::poisson) {
        const double mean = std::exp(std::clamp(score, -50.0, 30.0));
        return {mean, mean};
    }
    const double mean = 1.0 / (1.0 + std::exp(-score));
    return {mean, std::max(mean * (1.0 - mean), 1e-12)};
}

class Ridge {
  public:
    Ridge(const FeatureMatrix& matrix, std::span<const Place> places, std::size_t size, const TrainingRows& rows,
          Family family)
        : matrix_(matrix), places_(places), size_(size), rows_(rows), family_(family) {}

    Eigen::VectorXd fit() {
        Eigen::VectorXd at = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(size_));
        at[0] = start();
        double loss = loss_of(at);
        for (int step = 0; step < 50; ++step) {
            throw_if_interrupted();
            const Eigen::VectorXd direction = newton(at);
            double length = 1.0;
            double next = loss_of(at + direction);
            while (!(next <= loss) && length > 1e-6) {
                length *= 0.5;
                next = loss_of(at + length * direction);
            }
            if (!(next <= loss)) {
                break;
            }
            at += length * direction;
            const bool is_done = loss - next <= 1e-10 * (1.0 + std::abs(loss));
            loss = next;
            if (is_done) {
                break;
            }
        }
        return at;
    }

  private:
    /// The intercept alone.
    [[nodiscard]] double start() const {
        double outcomes = 0.0;
        double exposure = 0.0;
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            outcomes += weight_of(rows_, i) * static_cast<double>(rows_.outcome[i]);
            exposure += weight_of(rows_, i) * (family_ == Family::poisson ? std::exp(offset(i)) : 1.0);
        }
        const double mean = outcomes / exposure;
        return family_ == Family::poisson
                   ? std::log(std::max(mean, 1e-9))
                   : std::log(std::clamp(mean, 1e-6, 1.0 - 1e-6)) - std::log1p(-std::clamp(mean, 1e-6, 1.0 - 1e-6));
    }
    [[nodiscard]] double offset(std::size_t i) const {
        return rows_.offset.empty() ? 0.0 : static_cast<double>(rows_.offset[i]);
    }
    [[nodiscard]] double score(const Eigen::VectorXd& at, std::size_t i, std::vector<Entry>& entries) const {
        entries_of(matrix_.row(rows_.rows[i]), places_, entries);
        double sum = offset(i);
        for (const Entry& entry : entries) {
            sum += at[static_cast<Eigen::Index>(entry.at)] * entry.value;
        }
        return sum;
    }
    [[nodiscard]] double loss_of(const Eigen::VectorXd& at) const {
        std::vector<Entry> entries;
        double loss = 0.5 * at.tail(at.size() - 1).squaredNorm();
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            loss +=
                weight_of(rows_, i) * loss_at(family_, score(at, i, entries), static_cast<double>(rows_.outcome[i]));
        }
        return loss;
    }
    [[nodiscard]] Eigen::VectorXd newton(const Eigen::VectorXd& at) const {
        const auto size = static_cast<Eigen::Index>(size_);
        Eigen::MatrixXd curvature = Eigen::MatrixXd::Identity(size, size);
        curvature(0, 0) = 1e-9;
        Eigen::VectorXd slope = -at;
        slope[0] = 0.0;
        std::vector<Entry> entries;
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            const Moments moments = moments_at(family_, score(at, i, entries));
            const double weight = weight_of(rows_, i);
            const double residual = weight * (static_cast<double>(rows_.outcome[i]) - moments.mean);
            for (std::size_t a = 0; a < entries.size(); ++a) {
                const auto row = static_cast<Eigen::Index>(entries[a].at);
                slope[row] += residual * entries[a].value;
                const double scaled = weight * moments.curvature * entries[a].value;
                for (std::size_t b = 0; b <= a; ++b) {  // entries ascend
                    curvature(row, static_cast<Eigen::Index>(entries[b].at)) += scaled * entries[b].value;
                }
            }
        }
        return curvature.selfadjointView<Eigen::Lower>().ldlt().solve(slope);
    }

    const FeatureMatrix& matrix_;
    std::span<const Place> places_;
    std::size_t size_;
    const TrainingRows& rows_;
    Family family_;
};

}  // namespace

double AdditiveModel::Term::value(float x) const noexcept {
    if (std::isnan(x)) {
        return missing;
    }
    return levels.empty() ? slope * (static_cast<double>(x) - centre) : levels[static_cast<std::size_t>(x)];
}

std::vector<double> AdditiveModel::scores(const FeatureMatrix& matrix) const {
    std::vector<double> sums(matrix.rows, intercept);
    for (std::size_t row = 0; row < matrix.rows; ++row) {
        for (std::size_t column = 0; column < terms.size(); ++column) {
            sums[row] += terms[column].value(matrix.row(row)[column]);
        }
    }
    return sums;
}

std::vector<double> AdditiveModel::contributions(const FeatureMatrix& matrix) const {
    std::vector<double> all;
    all.reserve(matrix.rows * (terms.size() + 1));
    double everybody = intercept;
    for (const Term& term : terms) {
        everybody += term.mean;
    }
    for (std::size_t row = 0; row < matrix.rows; ++row) {
        for (std::size_t column = 0; column < terms.size(); ++column) {
            all.push_back(terms[column].value(matrix.row(row)[column]) - terms[column].mean);
        }
        all.push_back(everybody);
    }
    return all;
}

AdditiveModel fit_ridge(const FeatureMatrix& matrix, std::span<const LearnedColumn> columns, const TrainingRows& rows,
                        Family family) {
    std::vector<Place> places;
    std::size_t size = 1;
    for (std::size_t column = 0; column < columns.size(); ++column) {
        const bool is_category = columns[column].kind == FeatureKind::category;
        Place place{size, is_category, is_category ? columns[column].levels.size() : 1};
        if (!is_category) {
            measure(matrix, rows, column, place);
        }
        size += place.levels + 1;
        places.push_back(place);
    }
    const Eigen::VectorXd fitted = Ridge(matrix, places, size, rows, family).fit();
    AdditiveModel model{fitted[0], {}};
    for (std::size_t column = 0; column < columns.size(); ++column) {
        const Place& place = places[column];
        const auto coefficient = [&](std::size_t k) { return fitted[static_cast<Eigen::Index>(place.begin + k)]; };
        AdditiveModel::Term term{
            place.centre, place.is_category ? 0.0 : coefficient(0) / place.scale, coefficient(place.levels), {}, 0.0};
        for (std::size_t level = 0; place.is_category && level < place.levels; ++level) {
            term.levels.push_back(coefficient(level));
        }
        double weights = 0.0;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            weights += weight_of(rows, i);
            term.mean += weight_of(rows, i) * term.value(matrix.row(rows.rows[i])[column]);
        }
        term.mean /= weights;
        model.terms.push_back(std::move(term));
    }
    return model;
}

std::vector<double> scores(const ScoreModel& model, const FeatureMatrix& matrix) {
    return std::visit([&](const auto& of) { return of.scores(matrix); }, model);
}

std::vector<double> contributions(const ScoreModel& model, const FeatureMatrix& matrix) {
    return std::visit([&](const auto& of) { return of.contributions(matrix); }, model);
}

}  // namespace clv
