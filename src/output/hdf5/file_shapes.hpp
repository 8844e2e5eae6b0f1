#pragma once

#include "clv/output/files.hpp"
#include "clv/output/hdf5/hdf5_file.hpp"

namespace clv {

/// Throws InputError unless every dataset in `file` has the sizes of the scales that the table names for it.
void require_shapes(const Hdf5File& file, const FileSpec& spec);

}  // namespace clv
