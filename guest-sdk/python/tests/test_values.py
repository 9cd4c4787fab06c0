"""Python values to nodes and back."""

import enum
import unittest
from collections import OrderedDict
from datetime import date, datetime, timezone

from katydid import DateTime
from katydid.nodes import (
    Array,
    Binary,
    Boolean,
    DateTimeText,
    Double,
    Int,
    Long,
    Member,
    Members,
    Nil,
    Text,
    received,
    sent,
)
from katydid.values import Unfit, decode, decode_one, encode


class Kind(enum.IntEnum):
    TEA = 7


class Named(str):
    pass


DATE = datetime(1998, 7, 17, 14, 8, 55)


class Both(unittest.TestCase):
    """What goes out as these nodes and comes back as it was."""

    ROWS = [
        (None, [sent(Nil)]),
        (True, [sent(Boolean, True)]),
        (0, [sent(Int, 0)]),
        (2**31 - 1, [sent(Int, 2**31 - 1)]),
        (-(2**31), [sent(Int, -(2**31))]),
        (2**31, [sent(Long, 2**31)]),
        (-(2**31) - 1, [sent(Long, -(2**31) - 1)]),
        (2**63 - 1, [sent(Long, 2**63 - 1)]),
        (-(2**63), [sent(Long, -(2**63))]),
        (1.0, [sent(Double, 1.0)]),
        ("", [sent(Text, "")]),
        ("žluť 🦗", [sent(Text, "žluť 🦗")]),
        (b"\0\xff", [sent(Binary, b"\0\xff")]),
        (DATE, [DateTimeText("19980717T14:08:55")]),
        (datetime(1, 2, 3), [DateTimeText("00010203T00:00:00")]),
        (DateTime("19980717T14:08:55Z"), [DateTimeText("19980717T14:08:55Z")]),
        (DateTime("yesterday"), [DateTimeText("yesterday")]),
        ([], [Array(0)]),
        ([1, ["a", []]], [Array(2), sent(Int, 1), Array(2), sent(Text, "a"), Array(0)]),
        ({}, [Members(0)]),
        (
            {"a": [None], "": {}},
            [Members(2), sent(Member, "a"), Array(1), sent(Nil), sent(Member, ""), Members(0)],
        ),
        ({"a": 1, "b": "x"}, [Members(2), sent(Member, "a"), sent(Int, 1), sent(Member, "b"), sent(Text, "x")]),
        ([999, 1000, -1], [Array(3), sent(Int, 999), sent(Int, 1000), sent(Int, -1)]),
        ({"a": DATE}, [Members(1), sent(Member, "a"), DateTimeText("19980717T14:08:55")]),
    ]

    def test_both_ways(self):
        for value, nodes in self.ROWS:
            with self.subTest(value=value):
                # Nodes are no values: they are compared by what they show.
                self.assertEqual(repr(encode((value,))), repr(nodes))
                self.assertEqual(repr([node.value for node in encode((value,))]), repr([n.value for n in nodes]))
                for back in (*decode(received(nodes)), decode_one(received(nodes))):
                    self.assertEqual((back, type(back)), (value, type(value)))

    def test_a_document_has_any_number_of_values(self):
        self.assertEqual(encode(()), [])
        self.assertEqual(decode(received(encode((1, [2], "x")))), [1, [2], "x"])


class Out(unittest.TestCase):
    def test_what_goes_out_as_something_simpler(self):
        rows = [
            ((1, 2), [1, 2]),
            (bytearray(b"ab"), b"ab"),
            (memoryview(b"ab"), b"ab"),
            (Kind.TEA, 7),
            (Named("x"), "x"),
            (OrderedDict(a=1), {"a": 1}),
            ({Named("a"): 1}, {"a": 1}),
            (DATE.replace(microsecond=9), DATE),
        ]
        for value, simple in rows:
            with self.subTest(value=value):
                (back,) = decode(received(encode((value,))))
                self.assertEqual((back, type(back)), (simple, type(simple)))
        self.assertIs(type(decode(received(encode((Named("x"),))))[0]), str)

    def test_what_cannot_be_written_says_why_and_where(self):
        itself = []
        itself.append(itself)
        rows = [
            (2**63, "an integer of 64 bits does not fit the 64 that XML-RPC has"),
            (1j, "a complex cannot be written as XML-RPC"),
            (date(2026, 1, 1), "a date cannot be written as XML-RPC"),
            (object, "a type cannot be written as XML-RPC"),
            ({1: 2}, "the names of a struct are texts, an int is none"),
            ("a\ud800", "a text with half a character (U+D800)"),
            ({"\udfff": 1}, "a text with half a character (U+DFFF)"),
            (datetime(2026, 1, 1, tzinfo=timezone.utc), "a date of XML-RPC has no time zone; say which"),
        ]
        for value, why in rows:
            for wrapped, path in [
                ((value,), "argument 1"),
                ((0, [1, value]), "argument 2[1]"),
                (({"a": ({}, {"b": value})},), "argument 1['a'][1]['b']"),
            ]:
                with self.subTest(value=value, path=path), self.assertRaises(Unfit) as caught:
                    encode(wrapped)
                self.assertTrue(str(caught.exception).startswith(f"{path}: {why}"), str(caught.exception))
        with self.assertRaises(Unfit) as caught:
            encode((itself,))
        self.assertEqual(str(caught.exception), "argument 1 is nested too deeply, perhaps within itself")


class In(unittest.TestCase):
    def test_dates_that_are_kept_as_text(self):
        rows = [
            ("1998-07-17T14:08:55", DATE),
            ("19980717T14:08:55", DATE),
            ("19980717T14:08", DateTime("19980717T14:08")),
            ("19980717T140855Z", DateTime("19980717T140855Z")),
            ("19980717T14:08:55+0200", DateTime("19980717T14:08:55+0200")),
            ("19981317T14:08:55", DateTime("19981317T14:08:55")),
            ("1998-13-17T14:08:55", DateTime("1998-13-17T14:08:55")),
            ("1998-W29T14:08:55.", DateTime("1998-W29T14:08:55.")),
            ("", DateTime("")),
        ]
        for text, value in rows:
            with self.subTest(text=text):
                back = decode_one([DateTimeText(text)])
                self.assertEqual((back, type(back)), (value, type(value)))
        self.assertEqual(repr(DateTime("x")), "DateTime('x')")

    def test_of_members_with_one_name_the_last_wins(self):
        nodes = [Members(2), "a", 1, "a", 2]
        self.assertEqual((decode(nodes), decode_one(nodes)), ([{"a": 2}], {"a": 2}))

    def test_documents_that_are_none(self):
        for nodes in ([Array(1)], [Array(2), 1], [Members(1)], [Members(1), "a"], [Array(1), Members(1), "a"]):
            for read in (decode, decode_one):
                with self.subTest(nodes=nodes), self.assertRaises(ValueError):
                    read(nodes)
        for nodes in ([], [1, 2], [Members(1), "a", 1, 2], [Array(1), 1, 2]):
            with self.subTest(nodes=nodes), self.assertRaises(ValueError):
                decode_one(nodes)

    def test_what_arrives_is_what_it_means(self):
        for kind, value in ((Boolean, True), (Int, -1), (Long, 2**40), (Double, 0.5), (Text, "ž"), (Binary, b"\0")):
            with self.subTest(kind=kind):
                self.assertIs(kind(value), value)
        self.assertIs(Nil(), None)
        self.assertEqual([type(node) for node in (Array(1), Members(1))], [Array, Members])


if __name__ == "__main__":
    unittest.main()
