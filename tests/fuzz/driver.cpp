// Replays the kept corpus and random changes of it through every parser, where there is no libFuzzer:
//
//   clv_fuzz CORPUS [--runs N] [--from N] [--only PARSER] [--seed N]
//
// CORPUS has a folder for every parser. An input depends on seed, parser and number alone, so what fails is made again
// by --only PARSER --from NUMBER --runs 1; it is also left behind as failed-PARSER-NUMBER.

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

// Every parser's LLVMFuzzerTestOneInput has its name here.
#define X(parser) extern "C" int fuzz_##parser(const std::uint8_t*, std::size_t);
CLV_FUZZ_PARSERS
#undef X

extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));

namespace {

namespace fs = std::filesystem;
using Random = std::mt19937_64;

struct Parser {
    std::string_view name;
    int (*run)(const std::uint8_t*, std::size_t);
};

constexpr Parser parsers[] = {
#define X(parser) {#parser, fuzz_##parser},
    CLV_FUZZ_PARSERS
#undef X
};

constexpr unsigned seconds_for_one = 20;
constexpr std::size_t largest = 64 << 10;

/// What is being read, for the message should it fail.
std::string current;
std::string_view current_parser;
long current_number = 0;

/// The last words. Something may be broken, so they are written without more ado.
void tell() {
    const std::string name = "failed-" + std::string(current_parser) + "-" + std::to_string(current_number);
    if (std::FILE* file = std::fopen(name.c_str(), "wb")) {
        std::fwrite(current.data(), 1, current.size(), file);
        std::fclose(file);
    }
    std::fprintf(stderr, "clv_fuzz: failed at --only %.*s --from %ld --runs 1 (%s)\n",
                 static_cast<int>(current_parser.size()), current_parser.data(), current_number, name.c_str());
}

void tell_and_end(int signal) {
    std::fprintf(stderr, "clv_fuzz: %s\n", signal == SIGALRM ? "does not end" : "a signal");
    tell();
    _exit(1);
}

std::string read_file(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

std::vector<std::string> corpus_of(const fs::path& folder) {
    std::vector<fs::path> files;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
        files.push_back(entry.path());
    }
    std::ranges::sort(files);
    std::vector<std::string> texts;
    for (const fs::path& file : files) {
        texts.push_back(read_file(file));
    }
    return texts;
}

std::size_t below(std::size_t size, Random& random) {
    return size == 0 ? 0 : random() % size;
}

constexpr std::string_view pieces[] = {"0",
                                       "-1",
                                       "1e308",
                                       "1e-320",
                                       "NaN",
                                       "inf",
                                       "1e5000",
                                       "18446744073709551615",
                                       "2147483648",
                                       "\"",
                                       "'",
                                       ",",
                                       "\n",
                                       "\r\n",
                                       "\xEF\xBB\xBF",
                                       "\xFF\xFE",
                                       "null",
                                       "true",
                                       "[[",
                                       "]]",
                                       "{",
                                       "}",
                                       "[",
                                       "]",
                                       "(",
                                       ")",
                                       "not ",
                                       " and ",
                                       " = ",
                                       ".",
                                       ":",
                                       "9999-12-31",
                                       "0001-01-01",
                                       "#",
                                       "\\u0000",
                                       "customer_id",
                                       "survival_1",
                                       "1e",
                                       "-",
                                       "\t",
                                       "a.",
                                       "{\"a\":",
                                       "{a="};

void change(std::string& text, const std::vector<std::string>& corpus, Random& random) {
    const std::size_t at = below(text.size() + 1, random);
    const std::size_t length = std::min(text.size() - at, 1 + below(32, random));
    switch (random() % 8) {
        case 0:
            if (at < text.size()) {
                text[at] = static_cast<char>(text[at] ^ static_cast<char>(1U << (random() % 8)));
            }
            break;
        case 1:
            text.erase(at, length);
            break;
        case 2:
            text.insert(at, text.substr(at, length));
            break;
        case 3:
            text.insert(at, pieces[below(std::size(pieces), random)]);
            break;
        case 4:
            text.replace(at, length, pieces[below(std::size(pieces), random)]);
            break;
        case 5:
            text.insert(at, 1, static_cast<char>(random() % 256));
            break;
        case 6: {
            const std::string& other = corpus[below(corpus.size(), random)];
            const std::size_t from = below(other.size() + 1, random);
            text.replace(at, std::string::npos, other.substr(from));
            break;
        }
        default: {
            // deep, now and then deeper than a stack
            const std::string piece(pieces[below(std::size(pieces), random)]);
            std::string many;
            for (std::size_t k = below(random() % 8 == 0 ? largest / piece.size() : 64, random); k > 0; --k) {
                many += piece;
            }
            text.insert(at, many);
        }
    }
}

void run(const Parser& parser, const std::string& text, long number) {
    current = text.substr(0, largest);
    current_number = number;
    alarm(seconds_for_one);
    // as long as it says and not a byte longer, so that reading on is noticed
    const std::vector<std::uint8_t> bytes(current.begin(), current.end());
    try {
        parser.run(bytes.data(), bytes.size());
    } catch (const std::exception& error) {
        std::fprintf(stderr, "clv_fuzz: what is no refusal of ours: %s\n", error.what());
        tell();
        _exit(1);
    }
    alarm(0);
}

struct Request {
    fs::path corpus;
    long runs = 1000;
    long from = 1;
    std::uint64_t seed = 1;
    std::string_view only;
};

/// Runs one parser: first the corpus, numbered downwards from 0, then changes of it. Returns how often.
long replay(const Parser& parser, const Request& request) {
    current_parser = parser.name;
    const std::vector<std::string> corpus = corpus_of(request.corpus / parser.name);
    if (corpus.empty()) {
        std::fprintf(stderr, "clv_fuzz: no corpus for %s\n", std::string(parser.name).c_str());
        std::exit(2);
    }
    for (std::size_t k = 0; k < corpus.size(); ++k) {
        run(parser, corpus[k], -static_cast<long>(k));
    }
    std::uint64_t name = request.seed;
    for (const char letter : parser.name) {
        name = name * 131 + static_cast<unsigned char>(letter);
    }
    for (long number = request.from; number < request.from + request.runs; ++number) {
        Random random(name ^ (static_cast<std::uint64_t>(number) << 32));
        std::string text = corpus[below(corpus.size(), random)];
        for (std::size_t k = 1 + below(4, random); k > 0; --k) {
            change(text, corpus, random);
        }
        run(parser, text, number);
    }
    return request.runs + static_cast<long>(corpus.size());
}

}  // namespace

int main(int argc, char** argv) {
    Request request;
    for (int k = 1; k < argc; ++k) {
        const std::string_view option = argv[k];
        const char* value = k + 1 < argc ? argv[k + 1] : "";
        if (!option.starts_with("--")) {
            request.corpus = option;
            continue;
        }
        ++k;
        if (option == "--runs") {
            request.runs = std::atol(value);
        } else if (option == "--from") {
            request.from = std::atol(value);
        } else if (option == "--seed") {
            request.seed = std::strtoull(value, nullptr, 10);
        } else if (option == "--only") {
            request.only = value;
        }
    }
    if (__sanitizer_set_death_callback != nullptr) {
        __sanitizer_set_death_callback(tell);
    } else {
        std::signal(SIGSEGV, tell_and_end);
        std::signal(SIGFPE, tell_and_end);
    }
    std::signal(SIGABRT, tell_and_end);  // which the sanitizers leave alone
    std::signal(SIGALRM, tell_and_end);
    long executions = 0;
    for (const Parser& parser : parsers) {
        if (request.only.empty() || request.only == parser.name) {
            executions += replay(parser, request);
        }
    }
    std::printf("%ld executions\n", executions);
    return executions > 0 ? 0 : 2;
}
