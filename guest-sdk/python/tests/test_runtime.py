"""What behaves like the host."""

import contextlib
import logging
import random
import sys
import time
import unittest

from katydid import runtime
from katydid.running import BETWEEN, between
from katydid.testing import World


class Chance(unittest.TestCase):
    def draws(self, **world):
        with World(**world):
            return [
                random.random(),
                random.randint(1, 6),
                random.choice("abc"),
                random.gauss(0, 1),
                random.getrandbits(70),
            ]

    def test_the_world_determines_it(self):
        first = self.draws(seed=1)
        self.assertEqual(first, self.draws(seed=1))
        self.assertNotEqual(first, self.draws(seed=2))
        self.assertNotEqual(first, self.draws(seed=1, user_id=1))

    def test_every_number_is_equally_likely(self):
        with World():
            counts = [0] * 6
            for _ in range(6_000):
                counts[random.randrange(6)] += 1
            for count in counts:
                self.assertLess(abs(count - 1_000), 150, counts)
            self.assertTrue(all(0 <= random.random() < 1 for _ in range(1_000)))
            self.assertEqual(random.getrandbits(0), 0)
            self.assertLess(random.getrandbits(1_000), 2**1_000)
            self.assertEqual(sorted(random.sample(range(9), 9)), list(range(9)))
            self.assertEqual(len(random.randbytes(13)), 13)
            self.assertRaises(ValueError, random.getrandbits, -1)

    def test_who_seeds_one_has_pythons_own(self):
        own = random.Random(5)
        expected = [own.random(), own.randint(1, 100), own.gauss(0, 1)]
        with World():
            mine = random.Random(5)
            self.assertIsInstance(mine, runtime.HostRandom)
            self.assertEqual([mine.random(), mine.randint(1, 100), mine.gauss(0, 1)], expected)
            state = mine.getstate()
            drawn = mine.random()
            mine.setstate(state)
            self.assertEqual(mine.random(), drawn)
            random.seed(5)
            self.assertEqual(random.random(), expected[0])
            random.seed()
            self.assertRaises(NotImplementedError, random.getstate)
            host = random.random()
        with World():
            self.assertEqual(random.random(), host)

    def test_it_is_undone(self):
        before = random.random
        with World():
            self.assertIsNot(random.random, before)
        self.assertIs(random.random, before)
        self.assertNotEqual(random.random(), random.random())


class Sleep(unittest.TestCase):
    def test_sleeping_is_the_worlds(self):
        before = time.sleep
        with World() as world:
            time.sleep(3600)
            self.assertEqual(world.sleeps, [3600])
            self.assertRaises(ValueError, time.sleep, -1)
        self.assertIs(time.sleep, before)


class Output(unittest.TestCase):
    @contextlib.contextmanager
    def installed(self):
        with World() as world:
            undo = runtime.install_output()
            try:
                yield world.lines
            finally:
                undo()

    def test_printing(self):
        others = BETWEEN[:]
        with self.installed() as lines:
            print("one")
            print("two\nthree", end="")
            print(" goes on\n\nhalf \ud800", file=sys.stdout)
            print("bad", file=sys.stderr)
            print("no end", end="")
            self.assertEqual(len(lines), 5)
            between()
            between()
            print("started", end="")
            print(" and ended")
            self.assertEqual(BETWEEN, others)
            texts = [("info", "one"), ("info", "two"), ("info", "three goes on"), ("info", "half \\ud800")]
            self.assertEqual(lines, [*texts, ("warn", "bad"), ("info", "no end"), ("info", "started and ended")])
            print("forgotten", end="")
        self.assertEqual(BETWEEN, others)

    def test_logging(self):
        with self.installed() as lines:
            log = logging.getLogger("shop")
            log.debug("not shown")
            log.info("n %d", 1)
            log.warning("w")
            log.error("e\nof two lines")
            logging.critical("c")
            logging.basicConfig(level=logging.DEBUG, format="%(name)s: %(message)s", force=True)
            log.debug("shown")
            expected = [
                ("info", "n 1"),
                ("warn", "w"),
                ("error", "e"),
                ("error", "of two lines"),
                ("error", "c"),
            ]
            self.assertEqual(lines, [*expected, ("debug", "shop: shown")])

    def test_what_was_configured_before_is_kept(self):
        root = logging.getLogger()
        before = root.handlers[:]
        own = logging.StreamHandler()
        own.setFormatter(logging.Formatter("<%(message)s>"))
        root.handlers[:] = [own]
        try:
            with self.installed() as lines:
                logging.warning("x")
                self.assertEqual(lines, [("warn", "<x>")])
            self.assertEqual(root.handlers, [own])
        finally:
            root.handlers[:] = before


if __name__ == "__main__":
    unittest.main()
