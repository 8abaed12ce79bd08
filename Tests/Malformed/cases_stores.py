"""Stores of runs: SQLite files that are damaged, foreign, of another version, or changed by hand."""

import os
import sqlite3

from corpus import BAD_DATA, CANNOT_CREATE, FINE, MISSING, STORE, Case, Run, Turns, at


def cases(base):
    reads = Turns({name: STORE[name] for name in ("list", "show", "report", "compare", "merge")})
    writes = Turns({name: STORE[name] for name in ("merge-into", "train", "study")})
    words = {"ID": base.ids[0], "OTHER": base.ids[1]}
    whole = base.bytes("store.sqlite")

    def runs(commands, code, text, named="some.sqlite"):
        return [Run(at(command, "{in}/some.sqlite", **words), code, text, named) for command in commands]

    def case(mutation, content, text, code=BAD_DATA, read=None, write=1, named="some.sqlite"):
        """`read`: the ways in that see it; all in turn if it is None."""
        commands = (reads.next(2) if read is None else [STORE[name] for name in read]) + (writes.next(write) if write else [])
        return Case(f"stores/{mutation}", {"some.sqlite": content}, runs(commands, code, text, named))

    # Files that are no stores.
    yield case("empty", b"", "expected a store of trials, found an empty file", write=0)
    for name, data in [("text", b"hello\n" * 200), ("html", b"<html>no</html>" * 40), ("png", b"\x89PNG\r\n\x1a\n" + bytes(600)), ("checkpoint", base.body), ("almost", b"SQLite format 4\0" + whole[16:])]:
        yield case(f"is-{name}", data, "expected an SQLite database, found something else")
    yield case("header-alone", whole[:100], "expected an SQLite database, found something else|the database is damaged|expected a store of trials")
    for name, size in [("512", 512), ("one-page", 4096), ("half", len(whole) // 2)]:
        yield case(f"cut-{name}", whole[:size], "the database is damaged: |expected an SQLite database, found something else", write=1)

    yield case("cut-last-byte", whole[:-1], "the database is damaged|trial .*: column", read=("merge",), write=0)

    def page_size(value):
        return whole[:16] + value + whole[18:]

    yield case("page-size-0", page_size(b"\0\0"), "expected an SQLite database, found something else|the database is damaged")
    yield case("page-size-513", page_size(b"\2\1"), "expected an SQLite database, found something else|the database is damaged")
    yield case("page-size-of-another", page_size(b"\4\0"), "the database is damaged|expected an SQLite database", write=1)
    yield case("format-version-9", whole[:18] + b"\x09\x09" + whole[20:], "the database is damaged|expected an SQLite database|cannot write|another program|not the tables", read=("list",), write=0)
    yield case("schema-format-9", whole[:44] + b"\0\0\0\x09" + whole[48:], "the database is damaged|not the tables of a store|expected an SQLite database|unsupported file format")
    yield case("encoding-7", whole[:56] + b"\0\0\0\7" + whole[60:], "the database is damaged|expected an SQLite database|unsupported")
    yield case("first-page-of-zeros", whole[:100] + bytes(3996) + whole[4096:], "the database is damaged")
    noise = bytearray(whole)
    for place in range(4096, len(noise), 37):
        noise[place] ^= 0xFF
    yield case("noise", bytes(noise), "the database is damaged|trial .*: ")

    def foreign(*statements):
        path = base.folder / "foreign.sqlite"
        path.unlink(missing_ok=True)
        connection = sqlite3.connect(path)
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        connection.close()
        return path.read_bytes()

    yield case("of-another-program", foreign("CREATE TABLE bookmarks (url TEXT)"), "expected a store of trials, found an SQLite database of another program")
    yield case("with-another-id", base.store("PRAGMA application_id = 7"), "expected a store of trials, found an SQLite database of another program")
    for version in [4, 999]:
        yield case(f"version-{version}", base.store(f"PRAGMA user_version = {version}"), rf"written by a newer Graft \(store version {version}, this one reads 3\)")
    yield case("version-0", base.store("PRAGMA user_version = 0"), "expected a store of version 3, found version 0", write=0)
    yield case("version-negative", base.store("PRAGMA user_version = -1"), "expected a store of version 3, found version -1", write=0)
    yield case("migration-unknown", base.store("INSERT INTO grdb_migrations VALUES ('4: dreams')"), r"written by a newer Graft \(store version 4, this one reads 3\)")

    # Tables.
    yield case("no-tables", foreign("PRAGMA application_id = 1196574292", "PRAGMA user_version = 3", "CREATE TABLE x (y)"), "not the tables of a store of trials: no such table", write=0)
    yield case("trial-gone", base.store("DROP TABLE trial"), "not the tables of a store of trials: no such table: trial", write=0)
    yield case("trial-is-a-view", base.store("ALTER TABLE trial RENAME TO t", "CREATE VIEW trial AS SELECT id FROM t"), "not the tables of a store of trials: no such column", write=0)
    yield case("trial-without-a-column", base.store("ALTER TABLE trial DROP COLUMN machine"), "not the tables of a store of trials: no such column: machine", write=0)
    yield case("tests-gone", base.store("DROP TABLE test_set"), "not the tables of a store of trials: no such table: test_set", read=("report", "compare", "merge"), write=0)
    yield case("looks-gone", base.store("DROP TABLE look"), "not the tables of a store of trials: no such table: look", read=("merge",), write=0)

    # Rows. Only the ways in that read the row see it.
    identity = base.ids[0]

    def row(mutation, assignment, text, read=("show", "report", "compare", "merge")):
        content = base.store(f"UPDATE trial SET {assignment} WHERE id = '{identity}'")
        return case(f"row-{mutation}", content, text, read=read, write=0)

    summary = ("list", "show", "merge")
    trial = f"trial {identity}: "
    for column in ["correct", "images"]:
        yield row(f"{column}-is-text", f"{column} = 'many'", trial + f"column {column}: expected an integer", summary)
    yield row("correct-negative", "correct = -1", trial + r"-1 right answers of \d+", summary)
    yield row("correct-above-images", "correct = 99999", trial + r"99999 right answers of \d+", summary)
    yield row("images-huge", f"images = {1 << 62}", trial, ("show", "merge"))
    yield row("loss-is-text", "loss = 'low'", trial + "column loss: expected a floating-point number", summary)
    yield row("loss-is-an-integer", "loss = 1", trial + "column loss: expected a floating-point number", summary)
    yield row("seed-is-a-word", "seed = 'seven'", trial + "\"seven\" is no seed", summary)
    yield row("seed-negative", "seed = '-1'", trial + "\"-1\" is no seed", summary)
    yield row("seed-of-another", "seed = '7'", trial + "column seed is .*; the store was changed or damaged", summary)
    yield row("method-of-another", "method = 'magic'", trial + "column method is .*magic", summary)
    yield row("target-is-bytes", "target = x'ff'", trial + "column target: expected text", summary)
    yield row("kind-unknown", "kind = 'dream'", trial + "no kind is called \"dream\"", summary)
    yield row("kind-long", f"kind = '{'k' * 100_000}'", trial + "no kind is called \"kkk.*…\"", summary)
    yield row("two-shares", "labels_per_class = 2, fraction = 0.5", trial + "both labels per class and a fraction", summary)
    yield row("fraction-is-text", "fraction = 'half', labels_per_class = NULL", trial + "column fraction: expected a floating-point number", summary)
    yield row("identity-no-json", "identity = '{oops'", trial + "column identity: .*byte 1: expected a key in quotation marks", summary)
    yield row("identity-is-a-list", "identity = '[]'", trial + "column identity: expected a JSON object", summary)
    yield row("identity-of-another", "identity = '{}'", trial + "its settings belong to another id", summary)
    yield row("identity-deep", f"identity = '{'[' * 5000}'", trial + "column identity: .*more than 64 arrays or objects", summary)
    yield row("test-of-another", "test_sha256 = 'x'", trial + "column test_sha256: expected a SHA-256", summary)
    for column in ["history", "choices"]:
        yield row(f"{column}-no-json", f"{column} = '['", trial + f"column {column}: .*expected a JSON value", ("show", "merge"))
        yield row(f"{column}-is-an-object", f"{column} = '{{}}'", trial + f"column {column}: expected a JSON array", ("show", "merge"))
        yield row(f"{column}-element", f"{column} = '[1]'", trial + f"column {column}: element 0 lacks something", ("show", "merge"))
        yield row(f"{column}-is-bytes", f"{column} = x'00'", trial + f"column {column}: expected text", ("show", "merge"))
    yield row("answers-is-text", "answers = 'abc'", trial + "column answers: expected bytes", ("show", "compare", "merge"))
    yield row("answers-fewer", "answers = x'00'", trial + r"1 answers for \d+ images", ("show", "compare", "merge"))
    yield row("answers-none", "answers = x''", trial + r"0 answers for \d+ images", ("show", "merge"))
    yield row("answers-of-unknown-classes", "answers = x'ffffffffffffffffffff'", "class|answer", ("report", "compare"))
    yield row("diagnosis-no-json", "diagnosis = '{'", trial + "column diagnosis: ", ("show", "merge"))
    yield row("diagnosis-is-a-number", "diagnosis = '7'", trial + "column diagnosis: something is missing or of another type", ("show", "merge"))
    yield row("version-is-null", "version = x'00'", trial + "column version: expected text", summary)
    escaped = base.store(f"UPDATE trial SET id = '\x1b[2J' || char(10) WHERE id = '{identity}'")
    yield case("row-id-with-escapes", escaped, r"trial \\u\{1b\}\[2J\\u\{a\}: its settings belong to another id", read=("list", "merge"), write=0)
    yield case("row-id-is-bytes", base.store(f"UPDATE trial SET id = x'ff' WHERE id = '{identity}'"), "column id: expected text|trial .*: its settings belong to another id|not the tables", read=("list",), write=0)
    yield case("test-names-no-json", base.store("UPDATE test_set SET class_names = '['"), "test set [0-9a-f]+: column class_names: ", read=("report", "compare"), write=0)
    yield case("test-names-none", base.store("UPDATE test_set SET class_names = '[]'"), "test set [0-9a-f]+: column class_names: expected an array of names", read=("report", "compare"), write=0)
    yield case("test-labels-beyond", base.store("UPDATE test_set SET labels = x'ffffffffffffffffffff'"), "test set [0-9a-f]+: a label without a class name", read=("report", "compare"), write=0)
    yield case("test-labels-fewer", base.store("UPDATE test_set SET labels = x'02'"), "test images|labels|answer", read=("compare",), write=0, named="")
    yield case("tests-empty", base.store("DELETE FROM test_set"), "the labels of the test images .* are missing", read=("compare",), write=0)

    # Ids.
    for name, identity_text, code, text in [("unknown", "ffffffff", MISSING, "no trial has an id that starts with ffffffff"), ("short", "abc", 64, "expected at least 4 hexadecimal digits of a trial's id, found \"abc\""), ("word", "zebra", 64, "expected at least 4 hexadecimal digits of a trial's id, found \"zebra\""), ("long", "a" * 70, 64, "expected at least 4 hexadecimal digits")]:
        yield Case(f"stores/id-{name}", {}, [Run(["runs", "show", identity_text, "--store", "{base}/store.sqlite"], code, text)])
    doubled = base.store(f"INSERT INTO trial SELECT substr(id, 1, 10) || 'x' || substr(id, 12), kind, source, target, method, labels_per_class, fraction, seed, test_sha256, correct, images, loss, seconds, choosing_seconds, checkpoint_sha256, created, version, machine, identity, choices, history, answers, diagnosis FROM trial WHERE id = '{base.ids[0]}'")
    yield Case("stores/id-of-two", {"some.sqlite": doubled}, [Run(["runs", "show", base.ids[0][:8], "--store", "{in}/some.sqlite"], 64, "2 trials have an id that starts with")])

    # Merging.
    other = base.store(f"UPDATE trial SET correct = correct - 1, answers = x'03020302030203020302' WHERE id = '{base.ids[0]}'")
    merged = ["runs", "merge", "{base}/store.sqlite", "{in}/some.sqlite", "--store", "all.sqlite"]
    yield Case("stores/merge-ended-otherwise", {"some.sqlite": other}, [Run(merged, BAD_DATA, f"trial {base.ids[0][:12]} .* ended otherwise than in all.sqlite: one of them is not what its id says", "some.sqlite")])
    yield Case("stores/merge-second-is-damaged", {"some.sqlite": whole[: len(whole) // 2]}, [Run(merged, BAD_DATA, "the database is damaged", "some.sqlite")])
    yield Case("stores/merge-second-is-missing", {}, [Run(merged, MISSING, "cannot read: No such file or directory", "some.sqlite")])
    yield Case("stores/merge-older-version", {"some.sqlite": base.store("DROP TABLE look", "DELETE FROM grdb_migrations WHERE identifier LIKE '3%'", "PRAGMA user_version = 2")}, [Run(merged, BAD_DATA, "a store of version 2, and this one is of version 3", "some.sqlite")])
    yield Case("stores/merge-into-itself", {"some.sqlite": whole}, [Run(["runs", "merge", "{in}/some.sqlite", "--store", "{in}/some.sqlite"], 64, "is the store that the others go to", "some.sqlite")])
    yield Case("stores/merge-model-is-cut", {"some.sqlite": whole, **{f"some.sqlite.models/{path.name}": path.read_bytes()[:-9] for path in (base.folder / "store.sqlite.models").iterdir()}}, [Run(["runs", "merge", "{in}/some.sqlite", "--store", "all.sqlite"], BAD_DATA, "SHA-256|expected data up to", ".safetensors")])
    yield Case("stores/merge-out-is-a-folder", {"work/all.sqlite/x": b""}, [Run(["runs", "merge", "{base}/store.sqlite", "--store", "all.sqlite"], CANNOT_CREATE, "Is a directory", "all.sqlite")])

    # Odd but valid.
    yield Case("stores/valid-older-version", {"some.sqlite": base.store("DROP TABLE look", "DELETE FROM grdb_migrations WHERE identifier LIKE '3%'", "PRAGMA user_version = 2")}, [Run(["runs", "list", "--store", "{in}/some.sqlite"], FINE, "measurement")])
    yield Case("stores/valid-no-rows", {"some.sqlite": base.store("DELETE FROM trial")}, [Run(["runs", "list", "--store", "{in}/some.sqlite"], FINE)])
    yield Case("stores/valid-foreign-index", {"some.sqlite": base.store("CREATE INDEX mine ON trial (seed)")}, [Run(["runs", "show", base.ids[0], "--store", "{in}/some.sqlite"], FINE, "scratch|frozen")])
    yield Case("stores/valid-vacuumed", {"some.sqlite": base.store("VACUUM")}, [Run(["runs", "list", "--store", "{in}/some.sqlite"], FINE, "measurement")])
    yield Case("stores/valid-link", {"real.sqlite": whole, "some.sqlite": lambda path: os.symlink("real.sqlite", path)}, [Run(["runs", "list", "--store", "{in}/some.sqlite"], FINE, "measurement")])
