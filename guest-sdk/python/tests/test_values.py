"""Python values as they are sent, and as they arrive."""

import enum
import unittest
from collections import OrderedDict
from datetime import date, datetime, timezone

from katydid import DateTime
from katydid.values import Unfit, arrived, plain
from katydid.values import date as read


class Kind(enum.IntEnum):
    TEA = 7


class Named(str):
    pass


DATE = datetime(1998, 7, 17, 14, 8, 55)


class Both(unittest.TestCase):
    """What is sent as it is, and arrives as it was."""

    ROWS = [
        None,
        True,
        0,
        2**31,
        2**63 - 1,
        -(2**63),
        1.0,
        "",
        "žluť 🦗",
        b"\0\xff",
        DATE,
        datetime(1, 2, 3),
        DateTime("19980717T14:08:55Z"),
        DateTime("yesterday"),
        [],
        [1, ["a", []]],
        {},
        {"a": [None], "": {}},
        {"a": DATE},
    ]

    def test_both_ways(self):
        for value in self.ROWS:
            with self.subTest(value=value):
                (back,) = arrived(plain((value,)))
                self.assertEqual((back, type(back)), (value, type(value)))

    def test_there_may_be_any_number_of_values(self):
        self.assertEqual(plain(()), [])
        self.assertEqual(plain((1, [2], "x")), [1, [2], "x"])

    def test_dates_are_sent_as_text(self):
        for value, text in [(DATE, "19980717T14:08:55"), (datetime(1, 2, 3), "00010203T00:00:00")]:
            (sent,) = plain((value,))
            self.assertEqual((sent, type(sent)), (DateTime(text), DateTime))

    def test_what_was_sent_is_not_changed_afterwards(self):
        value = [[1]]
        (sent,) = plain((value,))
        value[0].append(2)
        self.assertEqual(sent, [[1]])


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
                (back,) = arrived(plain((value,)))
                self.assertEqual((back, type(back)), (simple, type(simple)))
        ((name,),) = plain(({Named("a"): 1},))
        self.assertIs(type(name), str)

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
                    plain(wrapped)
                self.assertTrue(str(caught.exception).startswith(f"{path}: {why}"), str(caught.exception))
        with self.assertRaises(Unfit) as caught:
            plain((itself,))
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
                back = read(text)
                self.assertEqual((back, type(back)), (value, type(value)))
        self.assertEqual(repr(DateTime("x")), "DateTime('x')")


if __name__ == "__main__":
    unittest.main()
