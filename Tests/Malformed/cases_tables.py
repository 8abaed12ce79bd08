"""Tables in text: a line for each image."""

import gzip

from corpus import BAD_DATA, DATA, MISSING, MODEL, Case, Turns, accepted, refused
from formats import csv_table, member, zeros_packed


def cases(base):
    turns = Turns(DATA)
    whole = csv_table()
    head = whole.split(b"\n")[0].decode()

    def case(mutation, data, text, count=1, predict=True, file="set.csv"):
        runs = refused(BAD_DATA, text, "{in}/" + file, *turns.next(count))
        if predict:
            runs += refused(BAD_DATA, text, "{in}/" + file, ["predict", MODEL, "PATH", "--quiet", "--csv", "out.csv"])
        return Case(f"csv/{mutation}", {file: data}, runs)

    def line(mutation, change, text, header=True, **more):
        """A change of the fifth image."""
        return case(mutation, csv_table({4: change}, header), text, **more)

    def field(place, value):
        def change(line):
            fields = line.split(",")
            fields[place] = value
            return ",".join(fields)

        return change

    # The beginning.
    yield case("empty", b"", "the table is empty|an empty file")
    yield case("only-blanks", b"\n \r\n\t\n", "the table is empty")
    yield case("only-a-mark", b"\xef\xbb\xbf", "the table is empty")
    yield case("only-names", head.encode() + b"\n", "the table has no images, only the names of columns")
    yield case("utf-16", whole.decode().encode("utf-16"), "byte 0: expected a table in UTF-8, found text in UTF-16")
    for name, data, phrase in [("html", b"<!DOCTYPE html><html>", "an HTML page"), ("json", b'{"label": 1}', "JSON text"), ("zip", b"PK\3\4" + bytes(60), "a zip archive"), ("sqlite", b"SQLite format 3\0" + bytes(60), "an SQLite database"), ("lfs", b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 3\n", "a Git LFS pointer"), ("numpy", b"\x93NUMPY\1\0" + bytes(60), "a NumPy array"), ("xlsx", b"PK\3\4\x14\0\6\0\x08\0" + bytes(60) + b"xl/workbook.xml", "a zip archive")]:
        yield case(f"is-{name}", data, f"byte 0: this is {phrase}.*, not a table")

    # Lines.
    yield line("column-missing", lambda line: line.rsplit(",", 1)[0], "line 6: expected 65 columns as in line 1, found 64")
    yield line("column-too-many", lambda line: line + ",7", "line 6: expected 65 columns as in line 1, found 66")
    yield line("line-empty", "", "line 6: expected 65 columns as in line 1, found an empty line")
    yield line("line-of-one", "3", "line 6: expected 65 columns as in line 1, found 1")
    yield line("line-cut", lambda line: line[:40], "line 6: expected 65 columns|line 6, column")
    yield case("cut", whole[:-30], r"line 17(: expected 65 columns as in line 1|, column 57 \(\"pixel55\"\): expected a number), found")
    yield line("semicolons-in-one-line", lambda line: line.replace(",", ";"), "line 6: expected 65 columns as in line 1, found 1|line 6, column 1")
    yield line("nul", lambda line: line[:9] + "\0" + line[9:], "line 6: expected text, found a NUL byte")
    yield line("nul-without-header", lambda line: line[:9] + "\0" + line[9:], "line 5: expected text, found a NUL byte", header=False)

    # Quotation marks.
    yield line("quote-not-closed", field(3, '"12'), "line 6, column 4: the quotation mark is not closed on its line")
    yield line("quote-around-a-line-feed", field(3, '"1\n2"'), "line 6, column 4: the quotation mark is not closed on its line")
    yield line("quote-with-more-behind", field(3, '"12"3'), "line 6, column 4: expected the end of the field after its quotation mark")
    yield line("quote-in-the-field", field(3, '1"2"'), r"line 6, column 4 \(\"pixel2\"\): expected a number, found")
    yield line("field-of-2-mib", field(3, "1" * (2 << 20)), "line 6, column 4: a field of 2097152 bytes is longer than the limit")

    # Pixels.
    for name, value in [("word", "abc"), ("nan", "nan"), ("infinity", "inf"), ("hexadecimal", "0x10"), ("arabic-digit", "٣"), ("two-points", "1.2.3"), ("exponent-cut", "1e"), ("sign-alone", "-"), ("1e400", "1e400"), ("formula", "=1+1"), ("thousands", "1 000"), ("underscore", "1_0"), ("percent", "5%")]:
        yield line(f"pixel-{name}", field(3, value), r"line 6, column 4 \(\"pixel2\"\): expected a number, found \"")
    yield line("pixel-empty", field(3, ""), r"line 6, column 4 \(\"pixel2\"\): expected a number, found nothing")
    yield line("pixel-blank", field(3, "  "), r"line 6, column 4 \(\"pixel2\"\): expected a number, found nothing")
    yield line("pixel-decimal-comma", field(3, '"1,5"'), r"line 6, column 4 \(\"pixel2\"\): expected a number with a decimal point, found \"1,5\"")
    for value in ["256", "-1", "99999999999999999999"]:
        yield line(f"pixel-{value}", field(3, value), "line 6, column 4: expected a pixel from 0 to 255, found")
    yield line("pixel-1e30", field(3, "1e30"), "line 6, column 4: expected a pixel from 0 to 255, from 0 to 1 or from -1 to 1")
    yield line("pixel-escape", field(3, "\x1b[31m"), r"line 6, column 4 \(\"pixel2\"\): expected a number, found \"\\u\{1b\}\[31m\"")
    yield case("pixel-not-utf-8", whole.replace(b",24,", b",\xff\xfe,", 1), r"line \d+, column \d+")

    # Labels.
    yield line("label-empty", field(0, ""), "line 6, column 1: the label is missing", predict=False)
    yield line("label-nan", field(0, "nan"), "line 6, column 1: the label is missing: \"nan\"", predict=False)
    yield line("label-negative", field(0, "-1"), "line 6, column 1: expected a label from 0 to 65535 or a word, found \"-1\"", predict=False)
    yield line("label-too-large", field(0, "65536"), "line 6, column 1: expected a label from 0 to 65535 or a word, found \"65536\"", predict=False)
    yield line("label-fraction", field(0, "1.5"), "line 6, column 1: expected a label from 0 to 65535 or a word, found \"1.5\"", predict=False)
    yield line("label-word-among-numbers", field(0, "O"), "line 6, column 1: expected a whole number as label like 15 of 16, found \"O\"", predict=False)
    yield case("label-not-utf-8", whole.replace(b"\n0,", b"\n\xff\xfe,", 1), "line 2, column 1: expected text in UTF-8", predict=False)

    # Names of columns.
    yield case("two-labels", whole.replace(b"pixel0,", b"class,", 1), "line 1: two columns may be the labels: \"label\" and \"class\"")
    yield case("name-twice", whole.replace(b"pixel1,", b"pixel0,", 1), "line 1: columns 2 and 3 have the same name \"pixel0\"")
    yield case("only-labels", b"label\n1\n2\n", "line 1: expected a column for each pixel, found none")
    yield case("no-labels", b"\n".join(row.split(b",", 1)[1] for row in whole.splitlines()) + b"\n", "the table has no labels: expected a column label, class, target or y", predict=False)
    yield case("name-not-utf-8", whole.replace(b"pixel3,", b"\xff\xfe,", 1), "line 1, column 5: expected text in UTF-8")
    yield case("too-many-columns", b"1," * 800_000 + b"1\n", "line 1: more than 786434 columns")
    yield Case("csv/predict-another-size", {"some.csv": b"a,b,c,d\n1,2,3,4\n"}, refused(BAD_DATA, "expected 64 pixels in a line, 8 x 8 .*as the model reads, found 4", "{in}/some.csv", ["predict", MODEL, "PATH", "--quiet"]))

    # Packed.
    packed = gzip.compress(whole, mtime=0)
    yield case("gz-cut", packed[:-30], r"byte \d+: the compressed data breaks off before its end", file="set.csv.gz")
    yield case("gz-checksum", member(whole, checksum=7), r"byte \d+: expected unpacked data with CRC-32 0x00000007", file="set.csv.gz")
    yield case("gz-bomb-of-zeros", member(b"", packed=zeros_packed(1 << 30)), "line 1: expected text, found a NUL byte", file="set.csv.gz")
    yield case("gz-holds-html", gzip.compress(b"<html>no</html>", mtime=0), "this is an HTML page, not a table", file="set.csv.gz")
    yield case("gz-holds-nothing", gzip.compress(b"", mtime=0), "the table is empty|an empty file", file="set.csv.gz")

    # Folders of tables.
    yield Case("csv/folder-test-of-another-size", {"set/train.csv": whole, "set/test.csv": b"label,a,b,c,d\n1,2,3,4,5\n"}, refused(BAD_DATA, "expected 64 pixels in a line as for training, found 4", "{in}/set", *turns.next(2), named="test.csv"))
    yield Case("csv/folder-two-trains", {"set/a-train.csv": whole, "set/b-train.csv": whole}, refused(MISSING, "several tables for training: a-train.csv, b-train.csv", "{in}/set", *turns.next(2)))
    yield Case("csv/folder-test-damaged", {"set/train.csv": whole, "set/test.csv": csv_table({4: ""})}, refused(BAD_DATA, "line 6: expected 65 columns as in line 1, found an empty line", "{in}/set", *turns.next(2), named="test.csv"))

    # Odd but valid.
    def valid(mutation, data, file="set.csv"):
        return Case(f"csv/valid-{mutation}", {file: data}, accepted("{in}/" + file, DATA["check"]))

    yield valid("carriage-returns", csv_table(end="\r"))
    yield valid("both-line-ends", csv_table(end="\r\n"))
    yield valid("no-line-end-last", whole[:-1])
    yield valid("mark-in-front", b"\xef\xbb\xbf" + whole)
    yield valid("semicolons", whole.replace(b",", b";"))
    yield valid("tabs", whole.replace(b",", b"\t"))
    yield valid("quoted", whole.replace(b"label", b'"label"').replace(b"\n0,", b'\n"0",'))
    yield valid("without-names", csv_table(header=False))
    yield valid("blank-lines-last", whole + b"\n\n")
    yield valid("minus-zero", csv_table({4: field(3, "-0")}))
    yield valid("decimal-labels", whole.replace(b"\n1,", b"\n1.0,"))
    yield valid("packed-twice-as-members", gzip.compress(whole[:500], mtime=0) + gzip.compress(whole[500:], mtime=0), "set.csv.gz")
