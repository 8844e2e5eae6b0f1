#include "finished_workbook.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/core/progress.hpp"
#include "clv/output/checked_file.hpp"
#include "output/descriptor.hpp"

namespace clv {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t buffer_bytes = std::size_t{1} << 18;

[[noreturn]] void throw_damaged(const fs::path& workbook, std::string_view what) {
    throw OutputError(
        fmt::format("the workbook is not what was written to it ({}: {}): check the disk and run the "
                    "command again; earlier results are as they were",
                    workbook.string(), what));
}

/// So many bytes of an open file from there on, as far as it goes.
std::string_view read_some(int descriptor, std::uint64_t offset, std::string& buffer, std::uint64_t most,
                           const fs::path& workbook) {
    ssize_t count = 0;
    do {
        count = ::pread(descriptor, buffer.data(), std::min<std::uint64_t>(buffer.size(), most),
                        static_cast<off_t>(offset));
    } while (count < 0 && errno == EINTR);
    if (count < 0) {
        throw_write_error(workbook, errno, offset);
    }
    return {buffer.data(), static_cast<std::size_t>(count)};
}

/// A member of the zip, as its directory has it.
struct Member {
    std::string name;
    std::uint32_t method = 0;
    std::uint64_t packed_bytes = 0;
    ByteSum content;
    std::uint64_t header = 0;  ///< where it begins
};

/// Follows XML as it comes: every tag is closed in its turn.
class XmlCheck {
  public:
    /// `rows`: those below the tag sheetData; null where there are none. `twin` has all but them.
    XmlCheck(const ByteSum* rows, const ByteSum& twin) : rows_(rows), twin_(twin) {}
    void take(std::string_view bytes);
    [[nodiscard]] bool is_whole() const {
        const bool has_rows = rows_ == nullptr || rows_seen_ == *rows_;
        return is_declared_ && !is_broken_ && !in_tag_ && open_.empty() && roots_ == 1 && has_rows && rest_ == twin_;
    }

  private:
    [[nodiscard]] std::string_view turn(std::string_view bytes);
    void end_tag();

    const ByteSum* rows_;
    const ByteSum& twin_;
    ByteSum rows_seen_;
    ByteSum rest_;  ///< all but the rows
    std::uint64_t rows_ahead_ = 0;
    std::vector<std::string> open_;
    std::string tag_;
    int roots_ = 0;
    bool is_declared_ = false;
    bool in_tag_ = false;
    bool is_broken_ = false;
};

void XmlCheck::take(std::string_view bytes) {
    while (!bytes.empty() && !is_broken_) {
        if (rows_ahead_ > 0) {  // known by their sum: only that every tag ends before the next begins
            std::string_view rows = bytes.substr(0, rows_ahead_);
            rows_seen_.add(rows);
            rows_ahead_ -= rows.size();
            bytes.remove_prefix(rows.size());
            while (!rows.empty()) {
                rows = turn(rows);
            }
            continue;
        }
        const bool was_in_tag = in_tag_;
        const std::string_view inside = was_in_tag ? bytes.substr(0, bytes.find('>')) : std::string_view();
        is_broken_ = tag_.size() + inside.size() > buffer_bytes;
        tag_ += inside;
        const std::string_view left = turn(bytes);
        rest_.add(bytes.substr(0, bytes.size() - left.size()));
        bytes = left;
        if (was_in_tag && !in_tag_) {
            end_tag();
        }
    }
}

/// Goes to the end of a tag, or to where the next one begins. Returns what comes after that.
std::string_view XmlCheck::turn(std::string_view bytes) {
    const std::size_t end = bytes.find(in_tag_ ? '>' : '<');
    is_broken_ |= in_tag_ && bytes.substr(0, end).find('<') != std::string_view::npos;
    if (end == std::string_view::npos) {
        return {};
    }
    in_tag_ = !in_tag_;
    return bytes.substr(end + 1);
}

void XmlCheck::end_tag() {
    const std::string tag = std::exchange(tag_, {});
    if (tag.starts_with("?xml ") && roots_ == 0) {
        is_declared_ = true;
        return;
    }
    if (tag.starts_with('/')) {
        is_broken_ |= open_.empty() || open_.back() != tag.substr(1);
        if (!is_broken_) {
            open_.pop_back();
        }
        return;
    }
    std::string name = tag.substr(0, tag.find_first_of(" \n/"));
    is_broken_ |= name.empty() || (open_.empty() && roots_++ > 0);
    if (tag.ends_with('/')) {
        return;
    }
    if (rows_ != nullptr && name == "sheetData") {
        rows_ahead_ = rows_->bytes - rows_seen_.bytes;
    }
    open_.push_back(std::move(name));
}

class FinishedZip {
  public:
    explicit FinishedZip(const fs::path& path);
    [[nodiscard]] const std::vector<Member>& members() const noexcept { return members_; }
    /// Hands on what a member holds; refuses one that is not what the directory says.
    void check(const Member& member, XmlCheck& content);

  private:
    [[nodiscard]] std::string read(std::uint64_t offset, std::size_t count);
    [[nodiscard]] static std::uint32_t number(std::string_view record, std::size_t at, int bytes);

    const fs::path& path_;
    Descriptor file_;
    std::string packed_ = std::string(buffer_bytes, '\0');
    std::string content_ = std::string(buffer_bytes, '\0');
    std::vector<Member> members_;
};

std::string FinishedZip::read(std::uint64_t offset, std::size_t count) {
    std::string record(count, '\0');
    if (read_some(file_.get(), offset, record, count, path_).size() != count) {
        throw_damaged(path_, "too short");
    }
    return record;
}

std::uint32_t FinishedZip::number(std::string_view record, std::size_t at, int bytes) {
    std::uint32_t value = 0;
    for (int k = bytes; k-- > 0;) {
        value = value << 8 | static_cast<unsigned char>(record[at + static_cast<std::size_t>(k)]);
    }
    return value;
}

FinishedZip::FinishedZip(const fs::path& path) : path_(path), file_(path) {
    constexpr std::size_t end_bytes = 22;
    constexpr std::size_t entry_bytes = 46;
    std::error_code error;
    const std::uintmax_t size = fs::file_size(path, error);
    if (file_.get() < 0 || error || size < end_bytes) {
        throw_damaged(path, "no file of a workbook");
    }
    const std::string end = read(size - end_bytes, end_bytes);
    if (!end.starts_with("PK\x05\x06")) {
        throw_damaged(path, "no directory");
    }
    const std::string directory = read(number(end, 16, 4), number(end, 12, 4));
    std::size_t at = 0;
    for (std::uint32_t count = number(end, 10, 2); count > 0; --count) {
        if (directory.size() < at + entry_bytes) {
            throw_damaged(path, "its directory is cut off");
        }
        const std::string_view entry = std::string_view(directory).substr(at);
        const std::size_t name_bytes = number(entry, 28, 2);
        members_.push_back({std::string(entry.substr(entry_bytes, name_bytes)),
                            number(entry, 10, 2),
                            number(entry, 20, 4),
                            {number(entry, 24, 4), number(entry, 16, 4)},
                            number(entry, 42, 4)});
        at += entry_bytes + name_bytes + number(entry, 30, 2) + number(entry, 32, 2);
    }
}

void FinishedZip::check(const Member& member, XmlCheck& content) {
    constexpr std::size_t header_bytes = 30;
    const std::string header = read(member.header, header_bytes);
    std::uint64_t offset = member.header + header_bytes + number(header, 26, 2) + number(header, 28, 2);
    const std::uint64_t end = offset + member.packed_bytes;
    z_stream stream{};
    if (member.method != Z_DEFLATED || ::inflateInit2(&stream, -MAX_WBITS) != Z_OK) {
        throw_damaged(path_, member.name);
    }
    const std::unique_ptr<z_stream, int (*)(z_stream*)> open(&stream, ::inflateEnd);
    ByteSum sum;
    int status = Z_OK;
    while (status == Z_OK && offset < end) {
        throw_if_interrupted();
        const std::string_view packed = read_some(file_.get(), offset, packed_, end - offset, path_);
        if (packed.empty()) {
            break;
        }
        offset += packed.size();
        stream.next_in = reinterpret_cast<unsigned char*>(packed_.data());
        stream.avail_in = static_cast<uInt>(packed.size());
        do {
            stream.next_out = reinterpret_cast<unsigned char*>(content_.data());
            stream.avail_out = static_cast<uInt>(content_.size());
            status = ::inflate(&stream, Z_NO_FLUSH);
            const std::string_view part = std::string_view(content_).substr(0, content_.size() - stream.avail_out);
            sum.add(part);
            content.take(part);
        } while (status == Z_OK && stream.avail_out == 0);
        status = status == Z_BUF_ERROR ? Z_OK : status;  // it only wants more
    }
    if (status != Z_STREAM_END || sum != member.content || !content.is_whole()) {
        throw_damaged(path_, member.name);
    }
}

}  // namespace

void ByteSum::add(std::string_view more) {
    bytes += more.size();
    crc = static_cast<std::uint32_t>(::crc32_z(crc, reinterpret_cast<const unsigned char*>(more.data()), more.size()));
}

ByteSum rows_in(std::FILE* stream, const fs::path& workbook) {
    if (std::ferror(stream) != 0 || std::fflush(stream) != 0) {
        throw_write_error(workbook, errno != 0 ? errno : EIO, 0);
    }
    ByteSum rows;
    std::string buffer(buffer_bytes, '\0');
    while (true) {
        const std::string_view part = read_some(::fileno(stream), rows.bytes, buffer, buffer.size(), workbook);
        if (part.empty()) {
            return rows;
        }
        rows.add(part);
    }
}

void require_whole(const fs::path& workbook, const fs::path& twin, std::span<const ByteSum> sheets) {
    FinishedZip zip(workbook);
    const FinishedZip twin_zip(twin);
    if (!std::ranges::equal(zip.members(), twin_zip.members(), {}, &Member::name, &Member::name)) {
        throw_damaged(workbook, "its parts");
    }
    std::size_t found = 0;
    for (std::size_t m = 0; m < zip.members().size(); ++m) {
        const Member& member = zip.members()[m];
        const ByteSum* rows = nullptr;
        for (std::size_t k = 0; k < sheets.size(); ++k) {
            if (member.name == fmt::format("xl/worksheets/sheet{}.xml", k + 1)) {
                rows = &sheets[k];
                ++found;
            }
        }
        XmlCheck content(rows, twin_zip.members()[m].content);
        zip.check(member, content);
    }
    if (found != sheets.size()) {
        throw_damaged(workbook, "a sheet is missing");
    }
}

}  // namespace clv
