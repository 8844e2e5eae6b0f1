// Files that clv did not write as they are: sizes that do not agree, and values that lie elsewhere.

#include <gtest/gtest.h>
#include <hdf5.h>

#include <nlohmann/json.hpp>

#include "clv/core/errors.hpp"
#include "clv/output/documents/run_record.hpp"
#include "clv/output/hdf5/results_file.hpp"
#include "clv/output/hdf5/results_reader.hpp"
#include "clv/output/hdf5/totals_file.hpp"
#include "clv/output/output_set.hpp"
#include "output/folders.hpp"
#include "output/sample_results.hpp"

namespace clv {
namespace {

namespace fs = std::filesystem;

/// A results.h5 whose dataset customer_segment is another one.
class ForeignResults : public testing::Test {
  protected:
    void SetUp() override {
        write_results(path_, sample_results());
        file_ = H5Fopen(path_.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
        ASSERT_GE(file_, 0);
        ASSERT_GE(H5Ldelete(file_, "customer_segment", H5P_DEFAULT), 0);
    }
    /// `values` values in the way that `properties` say.
    void replace(hsize_t values, hid_t properties = H5P_DEFAULT) {
        const hid_t space = H5Screate_simple(1, &values, nullptr);
        const hid_t dataset =
            H5Dcreate2(file_, "customer_segment", H5T_STD_U32LE, space, H5P_DEFAULT, properties, H5P_DEFAULT);
        ASSERT_GE(dataset, 0);
        const std::vector<std::uint32_t> ones(values, 1);
        if (properties == H5P_DEFAULT) {
            H5Dwrite(dataset, H5T_NATIVE_UINT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, ones.data());
        }
        H5Dclose(dataset);
        H5Sclose(space);
    }
    std::string refusal() {
        H5Fclose(file_);
        try {
            static_cast<void>(read_uplift_table(open_results_h5(path_)));
        } catch (const InputError& error) {
            return error.what();
        }
        return {};
    }

    const TemporaryFolder folder_;
    const fs::path path_ = folder_.path() / "results.h5";
    hid_t file_ = -1;
};

TEST_F(ForeignResults, TheSameAgainIsRead) {
    replace(4);
    EXPECT_EQ(refusal(), "");
}

TEST_F(ForeignResults, FewerSegmentsThanCustomersAreRefused) {
    replace(2);
    EXPECT_NE(refusal().find("customer_segment does not fit the rest of the file"), std::string::npos);
}

TEST_F(ForeignResults, MoreSegmentsThanCustomersAreRefused) {
    replace(5);
    EXPECT_NE(refusal().find("5 values where customer_id say 4"), std::string::npos);
}

TEST_F(ForeignResults, AnExternalLinkIsRefused) {
    ASSERT_GE(H5Lcreate_external("other.h5", "/x", file_, "customer_segment", H5P_DEFAULT, H5P_DEFAULT), 0);
    EXPECT_NE(refusal().find("customer_segment is a link to something else"), std::string::npos);
}

TEST_F(ForeignResults, ASoftLinkIsRefused) {
    ASSERT_GE(H5Lcreate_soft("/paths_used", file_, "customer_segment", H5P_DEFAULT, H5P_DEFAULT), 0);
    EXPECT_NE(refusal().find("customer_segment is a link to something else"), std::string::npos);
}

TEST_F(ForeignResults, ExternalStorageIsRefused) {
    write_text(folder_.path() / "raw", std::string(16, '\1'));
    const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_external(properties, (folder_.path() / "raw").c_str(), 0, 16);
    replace(4, properties);
    EXPECT_NE(refusal().find("customer_segment is stored in another way or place"), std::string::npos);
}

TEST_F(ForeignResults, AVirtualDatasetIsRefused) {
    const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    const hsize_t four = 4;
    const hid_t space = H5Screate_simple(1, &four, nullptr);
    ASSERT_GE(H5Pset_virtual(properties, space, "other.h5", "/x", space), 0);
    replace(4, properties);
    EXPECT_NE(refusal().find("customer_segment is stored in another way or place"), std::string::npos);
}

TEST_F(ForeignResults, FiltersAreRefused) {
    const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    const hsize_t four = 4;
    H5Pset_chunk(properties, 1, &four);
    H5Pset_fletcher32(properties);
    replace(4, properties);
    EXPECT_NE(refusal().find("customer_segment is stored in another way or place"), std::string::npos);
}

TEST_F(ForeignResults, MoreValuesThanTheFileHoldsAreRefused) {
    replace(4);
    const hsize_t many = hsize_t{1} << 40;
    const hid_t space = H5Screate_simple(1, &many, nullptr);
    const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_alloc_time(properties, H5D_ALLOC_TIME_LATE);
    H5Ldelete(file_, "paths_used", H5P_DEFAULT);
    H5Dclose(H5Dcreate2(file_, "paths_used", H5T_STD_U32LE, space, H5P_DEFAULT, properties, H5P_DEFAULT));
    EXPECT_NE(refusal().find("paths_used is of another size than the file has room for"), std::string::npos);
}

TEST(TotalsFile, BelongsToTheResultsBesideIt) {
    const TemporaryFolder folder;
    const SampleResults sample = sample_results();
    const fs::path totals = folder.path() / "totals.h5";
    write_results(folder.path() / "results.h5", sample);
    const Hdf5File results = open_results_h5(folder.path() / "results.h5");
    const std::vector<std::string> segments{"Basic", "Plus"};
    write_totals_h5(totals, sample.totals[0].totals, segments);
    EXPECT_EQ(read_totals_h5(totals, results).values, sample.totals[0].totals.values);
    write_totals_h5(totals, sample.totals[0].totals, std::vector<std::string>{"Basic", "Minus"});
    EXPECT_THROW(static_cast<void>(read_totals_h5(totals, results)), InputError);
    write_totals_h5(totals, {2, 2, 0.5, {1, 2, 10, 20}}, segments);
    EXPECT_THROW(static_cast<void>(read_totals_h5(totals, results)), InputError);
}

std::string published_refusal(const fs::path& path) {
    try {
        static_cast<void>(open_published_results_h5(path));
    } catch (const InputError& error) {
        return error.what();
    }
    return {};
}

TEST(PublishedResults, AreHeldAgainstRunJsonFirst) {
    const TemporaryFolder folder;
    const fs::path path = folder.path() / "results.h5";
    write_results(path, sample_results());
    EXPECT_NE(published_refusal(path).find("no run.json beside it lists it"), std::string::npos);
    {
        OutputSet set(folder.path());
        write_results(set.path("results.h5"), sample_results());
        set.commit({});
    }
    EXPECT_EQ(published_refusal(path), "");
    std::string bytes = read_text(path);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    write_text(path, bytes);
    EXPECT_NE(published_refusal(path).find("missing or was changed"), std::string::npos);
}

}  // namespace
}  // namespace clv
