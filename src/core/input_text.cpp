#include "clv/core/input_text.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

#include "clv/core/progress.hpp"

namespace clv {

namespace {

constexpr std::size_t largest_text = std::size_t{1} << 30;

[[noreturn]] void throw_errno(const std::filesystem::path& file) {
    throw UnreadableInput(file, fmt::format("cannot be opened ({}): check the path and its permissions",
                                            std::generic_category().message(errno)));
}

void require_regular(const std::filesystem::path& file, const struct stat& status) {
    if (S_ISREG(status.st_mode)) {
        return;
    }
    if (S_ISDIR(status.st_mode)) {
        throw UnreadableInput(file, "is a folder: name the file in it");
    }
    const char* what = S_ISFIFO(status.st_mode) ? "pipe" : S_ISSOCK(status.st_mode) ? "socket" : "device";
    throw UnreadableInput(file, fmt::format("is a {}: write what it gives into a file, and name that", what));
}

}  // namespace

OpenInput::OpenInput(const std::filesystem::path& file) : descriptor_(-1) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) {  // first, since opening alone can make a device do something
        throw_errno(file);
    }
    require_regular(file, status);
    descriptor_ = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor_ < 0) {
        throw_errno(file);
    }
    if (::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {  // another one has taken its place
        ::close(release());
        require_regular(file, status);
        throw_errno(file);
    }
}

OpenInput::~OpenInput() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

std::string text_of_input(const std::filesystem::path& file) {
    const OpenInput input(file);
    const auto refuse_size = [&] {
        throw UnreadableInput(
            file, fmt::format("is larger than {} GiB: name a configuration or document of clv", largest_text >> 30));
    };
    struct stat status {};
    if (::fstat(input.descriptor(), &status) == 0 && status.st_size > static_cast<off_t>(largest_text)) {
        refuse_size();
    }
    std::string text;
    std::array<char, 1 << 16> part;
    for (;;) {
        const ssize_t got = ::read(input.descriptor(), part.data(), part.size());
        if (got < 0 && errno != EINTR) {
            throw UnreadableInput(file, fmt::format("cannot be read ({}): check the file and its disk",
                                                    std::generic_category().message(errno)));
        }
        throw_if_interrupted();
        if (got == 0) {
            return text;
        }
        text.append(part.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        if (text.size() > largest_text) {
            refuse_size();
        }
    }
}

namespace {

/// Where the quoted text that begins at `at` ends: behind its last quote, or at the end.
std::size_t end_of_quotes(std::string_view text, std::size_t at) {
    const char quote = text[at];
    const std::string_view three = text.substr(at, 3);
    const bool is_long = three.size() == 3 && three[1] == quote && three[2] == quote;
    std::size_t end = at + (is_long ? 3 : 1);
    while (end < text.size()) {
        if (text[end] == '\\' && quote == '"') {
            end += 2;
        } else if (is_long && text.substr(end, 3) == three) {
            end += 3;  // up to two more belong to the text before them
            for (int more = 0; more < 2 && end < text.size() && text[end] == quote; ++more) {
                ++end;
            }
            return end;
        } else if (!is_long && text[end] == quote) {
            return end + 1;
        } else if (!is_long && text[end] == '\n') {
            return end;  // never closed: the parser says so
        } else {
            ++end;
        }
    }
    return text.size();
}

}  // namespace

bool nests_too_deep(std::string_view text) {
    std::vector<std::size_t> outer;  // dots of the keys before the brackets that are open
    std::size_t depth = 0;           // of brackets and dots
    std::size_t dots = 0;            // of the key that is being read
    bool in_key = true;
    const auto begin_key = [&] {
        depth -= dots;
        dots = 0;
        in_key = true;
    };
    for (std::size_t at = 0; at < text.size() && depth <= deepest_nesting;) {
        const char c = text[at];
        if (c == '"' || c == '\'') {
            at = end_of_quotes(text, at);
            continue;
        }
        if (c == '#') {
            at = std::min(text.find('\n', at), text.size());
            continue;
        }
        if (c == '{' || c == '[') {
            outer.push_back(dots);
            dots = 0;
            in_key = true;
            ++depth;
        } else if ((c == '}' || c == ']') && !outer.empty()) {
            depth -= dots + 1;
            dots = outer.back();
            outer.pop_back();
            in_key = false;
        } else if (c == ',' || c == '\n') {
            begin_key();
        } else if (c == '=' || c == ':') {
            in_key = false;
        } else if (c == '.' && in_key) {
            ++dots;
            ++depth;
        }
        ++at;
    }
    return depth > deepest_nesting;
}

std::string place_in_text(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, offset);
    const std::size_t line_end = before.rfind('\n');
    const std::size_t column = line_end == std::string_view::npos ? before.size() : before.size() - line_end - 1;
    return fmt::format("{}:{}", 1 + std::ranges::count(before, '\n'), column + 1);
}

}  // namespace clv
