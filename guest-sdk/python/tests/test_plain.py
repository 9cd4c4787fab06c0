import enum
import json
import math
import unittest
from datetime import datetime

from katydid import plain
from katydid.values import DateTime, Unfit, decode, encode
from katydid.nodes import received


class Number(enum.IntEnum):
    ONE = 1


def nested(levels):
    return [nested(levels - 1)] if levels else 1


SAID = [
    ((), ""),
    ((0, 999, 1000, -1), "0,999,1000,-1"),
    ((2**31, -(2**31)), "2147483648,-2147483648"),
    ((True, False, None), "true,false,null"),
    ((1.0, -0.5, 1e300), "1.0,-0.5,1e+300"),
    (('a"\n', "", "žluť 🦗"), '"a\\"\\n","","žluť 🦗"'),
    (({"a": [1, (2, {"b": None})], "": []},), '{"a":[1,[2,{"b":null}]],"":[]}'),
    ((nested(17),), "[" * 17 + "1" + "]" * 17),
]

NOT_SAID = [
    (2**63,),
    (2**31, [10**18]),
    (math.nan,),
    ({"a": [math.inf]},),
    ("half \ud800",),
    (b"",),
    ({1: "one"},),
    ({None: 1},),
    (datetime(1998, 7, 17),),
    (DateTime("19980717T14:08:55Z"),),
    (Number.ONE,),
    ({"a": {1, 2}},),
    ("1", 1j),
    (nested(18),),
]


class Plain(unittest.TestCase):
    def test_json_says_what_nodes_would(self):
        for arguments, text in SAID:
            with self.subTest(text=text):
                self.assertEqual(plain.encode(arguments), text)
                again = decode(received(encode(json.loads(f"[{text}]"))))
                self.assertEqual(repr(again), repr(decode(received(encode(arguments)))))

    def test_or_nothing(self):
        for arguments in NOT_SAID:
            with self.subTest(arguments=arguments):
                self.assertIsNone(plain.encode(arguments))

    def test_what_contains_itself_is_told_by_nodes(self):
        own = []
        own.append(own)
        self.assertIsNone(plain.encode((own,)))
        with self.assertRaises(Unfit):
            encode((own,))

    def test_replies(self):
        for text, value in (
            ("0", 0),
            ("-7", -7),
            ("4711", 4711),
            ("1.0", 1.0),
            ("null", None),
            ('"7"', "7"),
            ('{"a":[1,2.5,true],"a":[]}', {"a": []}),
        ):
            with self.subTest(text=text):
                self.assertEqual(repr(plain.decode(text)), repr(value))
