#include "mixture_program.hpp"

#include <algorithm>
#include <cmath>

namespace clv::decisions {

namespace {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// Variables and slacks, each with its dual, or a step of all of them.
struct Point {
    ArrayXd v;       ///< variables
    ArrayXd low;     ///< duals of v >= 0
    ArrayXd high;    ///< duals of v <= upper
    ArrayXd slack;   ///< of the rows
    ArrayXd shares;  ///< duals of the rows
    VectorXd z;      ///< of the groups
    double sum_dual = 0.0;
};

/// The largest step, at most 1, that keeps x + step dx at or above 0.
double longest(const ArrayXd& x, const ArrayXd& dx) {
    double step = 1.0;
    for (Index i = 0; i < x.size(); ++i) {
        if (dx[i] < 0.0) {
            step = std::min(step, -x[i] / dx[i]);
        }
    }
    return step;
}

class InteriorPoint {
  public:
    explicit InteriorPoint(const MixtureProgram& program)
        : program_(program),
          in_group_(MatrixXd::Zero(program.rows.rows(), program.groups)),
          counted_(VectorXd::Zero(program.rows.cols())) {
        for (Index j = 0; j < program.rows.rows(); ++j) {
            in_group_(j, program.group[static_cast<std::size_t>(j)]) = 1.0;
        }
        counted_.head(program.weights).setOnes();
        start();
    }

    MixtureSolution solve(double tolerance);

  private:
    void start();
    void measure();
    void factorise();
    [[nodiscard]] Point direction(const ArrayXd& low_target, const ArrayXd& high_target,
                                  const ArrayXd& slack_target) const;
    [[nodiscard]] double primal_step(const Point& d) const {
        return std::min(
            {longest(at_.v, d.v), longest(program_.upper.array() - at_.v, -d.v), longest(at_.slack, d.slack)});
    }
    [[nodiscard]] double dual_step(const Point& d) const {
        return std::min({longest(at_.low, d.low), longest(at_.high, d.high), longest(at_.shares, d.shares)});
    }

    const MixtureProgram& program_;
    MatrixXd in_group_;  ///< [row][group]
    VectorXd counted_;   ///< 1 for the weights
    Point at_;
    ArrayXd room_;  ///< upper - v
    double gap_ = 0.0;
    VectorXd dual_fault_;
    VectorXd row_fault_;
    double sum_fault_ = 0.0;
    VectorXd share_fault_;
    ArrayXd inverse_;
    MatrixXd scaled_rows_;
    Eigen::PartialPivLU<MatrixXd> system_;
};

void InteriorPoint::start() {
    const Index rows = program_.rows.rows();
    const Index variables = program_.rows.cols();
    at_.v = (0.5 * program_.upper.array()).min(1.0);
    at_.v.head(program_.weights).setConstant(1.0 / static_cast<double>(program_.weights));
    at_.low = ArrayXd::Constant(variables, 0.1);
    at_.high = at_.low;
    const VectorXd level = program_.constant + program_.rows * at_.v.matrix();
    at_.z = VectorXd::Constant(program_.groups, -std::numeric_limits<double>::infinity());
    for (Index j = 0; j < rows; ++j) {
        double& z = at_.z[program_.group[static_cast<std::size_t>(j)]];
        z = std::max(z, level[j] + 1.0);
    }
    at_.slack = in_group_ * at_.z - level;
    at_.shares = (in_group_ * in_group_.colwise().sum().transpose()).array().inverse();
}

/// How far the point is from feasible and from optimal.
void InteriorPoint::measure() {
    room_ = program_.upper.array() - at_.v;
    dual_fault_ = program_.cost + program_.rows.transpose() * at_.shares.matrix() + at_.sum_dual * counted_ -
                  at_.low.matrix() + at_.high.matrix();
    row_fault_ = program_.constant + program_.rows * at_.v.matrix() + at_.slack.matrix() - in_group_ * at_.z;
    sum_fault_ = at_.v.head(program_.weights).sum() - 1.0;
    share_fault_ = VectorXd::Ones(program_.groups) - in_group_.transpose() * at_.shares.matrix();
    gap_ = (at_.v * at_.low).sum() + (room_ * at_.high).sum() + (at_.slack * at_.shares).sum();
}

/// Newton's equations with all but the rows' duals, the sum's and the groups' levels eliminated.
void InteriorPoint::factorise() {
    const Index rows = program_.rows.rows();
    const Index size = rows + 1 + program_.groups;
    inverse_ = (at_.low / at_.v + at_.high / room_).inverse();
    scaled_rows_ = program_.rows * inverse_.matrix().asDiagonal();
    const MatrixXd half = program_.rows * inverse_.sqrt().matrix().asDiagonal();
    MatrixXd equations = MatrixXd::Zero(size, size);
    auto block = equations.topLeftCorner(rows, rows);
    MatrixXd product = MatrixXd::Zero(rows, rows);
    product.selfadjointView<Eigen::Lower>().rankUpdate(half);
    block = product.selfadjointView<Eigen::Lower>();
    block.diagonal().array() += at_.slack / at_.shares + 1.0e-15 * product.diagonal().array();
    equations.block(0, rows, rows, 1) = scaled_rows_ * counted_;
    equations.block(rows, 0, 1, rows) = equations.block(0, rows, rows, 1).transpose();
    equations(rows, rows) = inverse_.matrix().dot(counted_);
    equations.topRightCorner(rows, program_.groups) = in_group_;
    equations.bottomLeftCorner(program_.groups, rows) = in_group_.transpose();
    system_.compute(equations);
}

/// Newton's step to where the products of variables and duals change by the targets.
Point InteriorPoint::direction(const ArrayXd& low_target, const ArrayXd& high_target,
                               const ArrayXd& slack_target) const {
    const Index rows = program_.rows.rows();
    const ArrayXd pull = dual_fault_.array() - low_target / at_.v + high_target / room_;
    VectorXd right(rows + 1 + program_.groups);
    right.head(rows) = row_fault_ + (slack_target / at_.shares).matrix() - scaled_rows_ * pull.matrix();
    right[rows] = sum_fault_ - (inverse_ * pull).matrix().dot(counted_);
    right.tail(program_.groups) = share_fault_;
    const VectorXd found = system_.solve(right);
    Point d;
    d.shares = found.head(rows);
    d.sum_dual = found[rows];
    d.z = found.tail(program_.groups);
    d.v = -inverse_ * (pull + (program_.rows.transpose() * d.shares.matrix() + d.sum_dual * counted_).array());
    d.low = (low_target - at_.low * d.v) / at_.v;
    d.high = (high_target + at_.high * d.v) / room_;
    d.slack = (slack_target - at_.slack * d.shares) / at_.shares;
    return d;
}

MixtureSolution InteriorPoint::solve(double tolerance) {
    constexpr int most_steps = 60;
    constexpr double short_of_edge = 0.995;
    const auto pairs = static_cast<double>(2 * program_.rows.cols() + program_.rows.rows());
    measure();
    for (int k = 0; k < most_steps && gap_ > tolerance; ++k) {
        const Point before = at_;
        const double gap_before = gap_;
        factorise();
        const Point predicted = direction(-at_.v * at_.low, -room_ * at_.high, -at_.slack * at_.shares);
        const double p = primal_step(predicted);
        const double d = dual_step(predicted);
        const double gap_predicted = ((at_.v + p * predicted.v) * (at_.low + d * predicted.low)).sum() +
                                     ((room_ - p * predicted.v) * (at_.high + d * predicted.high)).sum() +
                                     ((at_.slack + p * predicted.slack) * (at_.shares + d * predicted.shares)).sum();
        const double centre = std::pow(gap_predicted / gap_, 3) * gap_ / pairs;
        const Point step = direction(centre - at_.v * at_.low - predicted.v * predicted.low,
                                     centre - room_ * at_.high + predicted.v * predicted.high,
                                     centre - at_.slack * at_.shares - predicted.slack * predicted.shares);
        const double primal = short_of_edge * primal_step(step);
        const double dual = short_of_edge * dual_step(step);
        at_.v += primal * step.v;
        at_.slack += primal * step.slack;
        at_.z += primal * step.z;
        at_.low += dual * step.low;
        at_.high += dual * step.high;
        at_.shares += dual * step.shares;
        at_.sum_dual += dual * step.sum_dual;
        measure();
        if (!std::isfinite(gap_) || std::max(primal, dual) < 1.0e-8 || (k > 10 && gap_ > 10.0 * gap_before)) {
            at_ = before;  // as near as the numbers allow
            break;
        }
    }
    VectorXd shares = at_.shares.max(0.0).matrix();
    const VectorXd total = in_group_ * (in_group_.transpose() * shares);
    return {at_.v.matrix(), (shares.array() / total.array()).matrix()};
}

}  // namespace

MixtureSolution solve(const MixtureProgram& program, double tolerance) {
    return InteriorPoint(program).solve(tolerance);
}

}  // namespace clv::decisions
