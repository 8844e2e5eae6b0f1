// Keys of [segment].

#include "clv/config/config.hpp"
#include "config/key_kinds.hpp"
#include "sections.hpp"

namespace clv {

Section<RunConfig> segment_section() {
    using namespace kinds;
    using C = RunConfig;
    return {
        "segment",
        "Groups of similar customers, ranked by the median of their value.",
        {
            choice({.name = "segment.method",
                    .meaning = "k-means on standardised columns, or exact stretches of value; absent: clv run makes no "
                               "segments, clv segment those of k-means"},
                   at<&C::segment, &SegmentSettings::method>,
                   {{"kmeans", SegmentMethod::kmeans}, {"value", SegmentMethod::value}}),
            texts(
                {.name = "segment.columns",
                 .meaning = "numbers that customers are grouped by: columns of the input, features of transactions, "
                            "and in clv run those of clv.csv and churn_probability (without a contract, the "
                            "probability of having left); absent: value and, where it is known, churn; of transactions "
                            "recency, frequency and money"},
                at<&C::segment, &SegmentSettings::columns>),
            text({.name = "segment.value",
                  .meaning = "clv segment: column of input.customers that segments are ranked by; absent: the first of "
                             "clv_mean, value, monthly_revenue that is there"},
                 at<&C::segment, &SegmentSettings::value_column>),
            text({.name = "segment.churn",
                  .meaning = "clv segment: column with the probability of churn; absent: the first of "
                             "churn_probability, probability that is there"},
                 at<&C::segment, &SegmentSettings::churn_column>),
            integer({.name = "segment.clusters",
                     .meaning = "how many segments; absent: as many as have the highest silhouette, of value 4"},
                    at<&C::segment, &SegmentSettings::clusters>, 1, 50),
            integer({.name = "segment.most_clusters", .meaning = "that the silhouette is tried for"},
                    at<&C::segment, &SegmentSettings::most_clusters>, 2, 50),
            boolean({.name = "segment.logarithms",
                     .meaning = "whether columns, or value, count as sign(x) log(1 + |x|), so that a few very large "
                                "customers do not make a segment each"},
                    at<&C::segment, &SegmentSettings::logarithms>),
            integer({.name = "segment.seed", .meaning = "seed of where clusters begin"},
                    at<&C::segment, &SegmentSettings::seed>, 0, largest_seed),
        }};
}

}  // namespace clv
