"""Ways in which a file goes bad. Each takes the bytes and a generator of random numbers, and gives other bytes."""

import re

NUMBER = re.compile(rb"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
NUMBERS = (b"0", b"-1", b"1e308", b"-1e308", b"1e-320", b"1e5000", b"NaN", b"nan", b"Infinity", b"-inf", b"1e300", b"",
           b"null", b"true", b"0x10", b"00012", b"1,5", b"1_000", b"99999999999999999999", b"18446744073709551615",
           b"9223372036854775807", b"4294967296", b"2147483648", b"1e10", b"0.30000000000000004", b"+5", b"1e", b'"x"')
DATES = (b"0001-01-01", b"9999-12-31", b"2021-02-30", b"1023-05-06", b"2021-13-01", b"20210101", b"2021-1-1")

ODD_TEXTS = (b'"', b"'", b"\r", b"\xff\xfe\xfd", b"\xed\xa0\x80", b"=1+1", b"\x1b[31m", b"#", b",,,",
             "\u00fc\u202e\U0001d11e".encode(), b"../../", b"%s%n")


def _place(data, rng):
    return rng.randrange(len(data) + 1)


def flip_bytes(data, rng):
    changed = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        if changed:
            changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def truncate(data, rng):
    return data[:_place(data, rng)]


def cut_out(data, rng):
    begin = _place(data, rng)
    return data[:begin] + data[begin + rng.randint(1, 64):]


def repeat_part(data, rng):
    begin = _place(data, rng)
    return data[:begin] + data[begin:begin + rng.randint(1, 200)] * rng.randint(2, 5) + data[begin:]


def overwrite(data, rng):
    """Eight bytes, where a size or a place may stand."""
    begin = _place(data, rng)
    what = rng.choice([b"\x00" * 8, b"\xff" * 8, b"\xff" * 7 + b"\x7f", b"\x01" + b"\x00" * 7, rng.randbytes(8)])
    return data[:begin] + what + data[begin + 8:]


def grow(data, rng):
    return data + rng.randbytes(rng.choice([1, 100, 5_000]))


def empty(data, rng):
    return b""


def repeat_line(data, rng):
    lines = data.splitlines(keepends=True) or [b""]
    at = rng.randrange(len(lines))
    return b"".join(lines[:at] + [lines[at]] * rng.choice([2, 2, 3, 500]) + lines[at + 1:])


def delete_line(data, rng):
    lines = data.splitlines(keepends=True) or [b""]
    at = rng.randrange(len(lines))
    return b"".join(lines[:at] + lines[at + 1:])


def swap_lines(data, rng):
    lines = data.splitlines(keepends=True) or [b""]
    one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"".join(lines)


def swap_fields(data, rng):
    lines = data.splitlines(keepends=True) or [b""]
    at = rng.randrange(len(lines))
    fields = lines[at].rstrip(b"\n").split(b",")
    rng.shuffle(fields)
    lines[at] = b",".join(fields) + b"\n"
    return b"".join(lines)


def other_number(data, rng):
    found = list(NUMBER.finditer(data))
    if not found:
        return data
    number = rng.choice(found)
    return data[:number.start()] + rng.choice(NUMBERS) + data[number.end():]


def other_date(data, rng):
    found = list(re.finditer(rb"\d{4}-?\d{2}-?\d{2}|\d+/\d+/\d{4}", data))
    if not found:
        return other_number(data, rng)
    date = rng.choice(found)
    return data[:date.start()] + rng.choice(DATES) + data[date.end():]


def swap_words(data, rng):
    """Two quoted texts, such as the names of members."""
    found = list(re.finditer(rb'"[^"\n]{1,40}"', data))
    if len(found) < 2:
        return swap_lines(data, rng)
    one, other = sorted(rng.sample(found, 2), key=lambda word: word.start())
    return (data[:one.start()] + other.group() + data[one.end():other.start()] + one.group() + data[other.end():])


def nest(data, rng):
    depth = rng.choice([10, 1_000, 100_000])
    opening, closing = rng.choice([(b"[", b"]"), (b'{"a":', b"}"), (b"{a=", b"}"), (b"(", b")"), (b"not ", b"")])
    found = list(re.finditer(rb"[=:]\s*|,", data))
    at = rng.choice(found).end() if found else _place(data, rng)
    return data[:at] + opening * depth + (closing * depth if rng.random() < 0.5 else b"") + data[at:]


def dotted(data, rng):
    key = b".".join([b"a"] * rng.choice([10, 20_000]))
    line = rng.choice([key + b" = 1\n", b"[" + key + b"]\n"])
    lines = data.splitlines(keepends=True) or [b""]
    at = rng.randrange(len(lines))
    return b"".join(lines[:at] + [line] + lines[at:])


def null_bytes(data, rng):
    at = _place(data, rng)
    return data[:at] + b"\x00" * rng.choice([1, 1, 4_096]) + data[at:]


def byte_order_mark(data, rng):
    return rng.choice([b"\xef\xbb\xbf" + data, b"\xff\xfe" + data, b"\xfe\xff" + data,
                       b"\xff\xfe" + data.decode("latin-1").encode("utf-16-le")])


def long_line(data, rng):
    at = _place(data, rng)
    return data[:at] + rng.choice([b"x", b"9", b",", b'"', b"a b "]) * rng.choice([300, 70_000, 1_100_000]) + data[at:]


def odd_text(data, rng):
    at = _place(data, rng)
    return data[:at] + rng.choice(ODD_TEXTS) + data[at:]


BINARY = (flip_bytes, flip_bytes, truncate, cut_out, repeat_part, overwrite, overwrite, grow, empty)
TEXT = (flip_bytes, truncate, cut_out, repeat_part, empty, repeat_line, delete_line, swap_lines, swap_fields,
        other_number, other_number, other_number, other_date, swap_words, nest, dotted, null_bytes, byte_order_mark,
        long_line, odd_text)


def mutated(data, kinds, rng):
    """One to three of the kinds, one after the other; and their names."""
    chosen = [rng.choice(kinds) for _ in range(rng.choice([1, 1, 2, 3]))]
    for kind in chosen:
        data = kind(data, rng)
    return data, " ".join(kind.__name__ for kind in chosen)
