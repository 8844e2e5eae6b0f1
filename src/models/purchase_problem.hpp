#pragma once
// The likelihood of a purchase law over weighted histories with covariates, and its gradient. Internal to the models.

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "clv/math/maximise.hpp"
#include "clv/models/covariate_fit.hpp"
#include "models/laws/purchase_law_traits.hpp"

namespace clv {

/// Distinct rows with their weights, in ascending order. Throws as fit_purchases().
[[nodiscard]] std::vector<PurchaseRow> distinct_rows(const PurchaseSummary& customers, PurchaseLaw law);
[[nodiscard]] TypicalCustomer typical_customer(std::span<const PurchaseRow> rows, PurchaseLaw law);

/// As fit_purchases(), at the law's limit without dropout.
[[nodiscard]] PurchaseFit fit_without_dropout(const PurchaseSummary& customers, PurchaseLaw law);

/// The fit with the covariates of these names that begins at `start`, with dropout if that has it.
[[nodiscard]] PurchaseFit fit_covariates_from(PurchaseFit start, const PurchaseSummary& customers,
                                              const std::vector<std::string>& names, int threads);

struct CovariateRow {
    double x;
    double recency;
    double age;
    double weight;
    std::vector<double> z;  ///< standardised
};

/// Distinct rows in ascending order, with covariates of mean 0 and standard deviation 1 over customers.
struct CovariateData {
    std::vector<CovariateRow> rows;
    std::vector<double> mean;
    std::vector<double> sd;
    double customers = 0.0;
    std::vector<std::size_t> row_of;  ///< [customer]: its row; of no meaning for weight 0
};

/// Throws InputError for a covariate that is missing, no number, or the same for everybody.
[[nodiscard]] CovariateData covariate_data(const PurchaseSummary& customers, const std::vector<std::string>& names);

/// Coordinates: logarithms of the law's parameters at mean covariates, effects on the rate, effects on dropout.
class PurchaseProblem {
  public:
    /// `data` must outlive it. Without `drops_out` the law is taken at that limit: its first two parameters, and
    /// effects on the rate alone. Sums are taken by `threads` threads (0: all), in an order that does not depend on
    /// them.
    PurchaseProblem(const CovariateData& data, PurchaseLaw law, bool drops_out, int threads);

    [[nodiscard]] std::size_t parameters() const noexcept { return parameters_; }
    [[nodiscard]] bool moves_dropout() const noexcept { return dropout_.has_value(); }
    [[nodiscard]] double value(const Point& at) const { return sum_of_blocks(at, nullptr, nullptr); }
    /// The value, with the gradient by central differences of a row's own parameters and the chain rule. `weights`
    /// stand for those of the rows; then the calling thread takes all sums.
    double value(const Point& at, Point& gradient, const std::vector<double>* weights = nullptr) const {
        return sum_of_blocks(at, &gradient, weights);
    }
    /// Minus the curvature.
    [[nodiscard]] Eigen::MatrixXd information(const Point& at) const;

    /// From coordinates to parameters at z = 0 and effects per unit: the map is linear, and so is that of errors.
    /// `covariance` may be empty.
    void to_natural(Point& at, Eigen::MatrixXd& covariance) const;
    /// The inverse for the point of a fit, which may lack effects.
    [[nodiscard]] Point standardised(const PurchaseDraw& from) const;

  private:
    [[nodiscard]] std::array<double, 4> own(const Point& at, const CovariateRow& row) const;
    [[nodiscard]] double of_row(const std::array<double, 4>& logs, const CovariateRow& row) const;
    void add_gradient(const std::array<double, 4>& logs, const CovariateRow& row, double weight,
                      double* gradient) const;
    double sum_of_blocks(const Point& at, Point* gradient, const std::vector<double>* weights) const;

    const CovariateData& data_;
    PurchaseLaw law_;
    std::optional<DropoutCovariate> dropout_;  ///< what effects on dropout move; absent: there are none
    int threads_;
    std::size_t parameters_;
    std::size_t covariates_;
    std::size_t size_;
};

}  // namespace clv
