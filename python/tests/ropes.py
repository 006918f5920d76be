# SPDX-License-Identifier: MIT
# rove.Rope beside bytearray, in drawn edits; rove.View.

import copy
import errno
import operator
import os
import pickle
import random
import unittest

import rove
from amounts import SCALE, SEED


def drawn_bytes(rng):
    return bytes(rng.choice(b"abcd") for _ in range(rng.choice((0, 1, 3, 50)))) * rng.choice((1, 1, 1, 700))


def drawn_slice(rng, size):
    ends = [rng.choice((None, rng.randrange(-size - 3, size + 3))) for _ in range(2)]
    return slice(*ends, rng.choice((None, None, None, 1, 2, -1, -3)))


def try_both(action, model, rope, *args):
    outcomes = []
    for subject in (model, rope):
        try:
            outcomes.append(action(subject, *args))
        except (IndexError, ValueError, TypeError) as error:
            outcomes.append(type(error))
    a, b = outcomes
    assert a is b or b == a, (action, args, a, b)


class Drawn(unittest.TestCase):
    def test_a_rope_is_a_bytearray(self):
        rounds = max(20, int(400 * SCALE))
        for number in range(rounds):
            rng = random.Random(SEED * 1000003 + number)
            first = drawn_bytes(rng)
            model, rope = bytearray(first), rove.Rope(first)
            with self.subTest(ROVE_SEED=SEED, round=number):
                for _ in range(60):
                    self.step(rng, model, rope)
                    self.assertEqual(bytes(rope), bytes(model))
                    self.assertEqual(len(rope), len(model))

    def step(self, rng, model, rope):
        data, part, at = drawn_bytes(rng), drawn_slice(rng, len(model)), rng.randrange(-len(model) - 2, len(model) + 2)
        what = rng.choice((data, rove.View(data), rove.Rope(data), bytearray(data)))
        plain = bytearray(data)
        act = rng.randrange(14)
        if act == 0:
            try_both(operator.getitem, model, rope, part)
        elif act == 1:
            try_both(operator.getitem, model, rope, at)
        elif act == 2:
            try_both(operator.delitem, model, rope, rng.choice((part, at)))
        elif act == 3:
            outcomes = []
            for subject, value in ((model, plain), (rope, what)):
                try:
                    subject[part] = value
                    outcomes.append(None)
                except ValueError:
                    outcomes.append(ValueError)
            self.assertEqual(*outcomes)
        elif act == 4:
            try_both(operator.setitem, model, rope, at, rng.choice((0, 255, 256, -1, "x")))
        elif act == 5:
            model += plain
            rope += what
        elif act == 6:
            self.assertEqual(rope + what, model + plain)
            self.assertEqual(data + rope, data + model)
        elif act == 7:
            count = rng.randrange(-1, 4)
            self.assertEqual(rope * count, model * count)
        elif act == 8:
            part, end = rng.choice((data[:3], bytes(model[at:at + 70]))), rng.choice((None, 7))
            for needle in (part, bytearray(part), rove.View(part), rove.Rope(part)):
                self.assertEqual(model.find(part, at, end), rope.find(needle, at, end))
                self.assertEqual(part in model, needle in rope)
                self.assertEqual(model.count(part, at, end), rope.count(needle, at, end))
                try_both(lambda s: s.index(part if s is model else needle, at), model, rope)
                self.assertEqual(model.find(part, at, end), rope.view().find(needle, at, end))
            self.assertEqual(rope.find(rope), 0)
        elif act == 9:
            few = rng.choice((None, -1, 0, 1, at, len(data)))
            taken = bytes(model[:few]) if few is not None and few >= 0 else bytes(model)
            del model[:len(taken)]
            self.assertEqual(rope.take(few), taken)
            try_both(lambda s: s.pop(), model, rope)
        elif act == 10:
            model[at:at] = data
            rope.insert(at, what)
        elif act == 11:
            model.extend(plain)
            rope.extend(list(plain))
        elif act == 12 and len(model) > 20000:
            model.clear()
            rope.clear()
        else:
            twin = rope.copy()
            twin.append(1)
            self.assertEqual(rope, model)
            self.assertTrue(twin > rope and rope < twin and twin != rope)


class Ropes(unittest.TestCase):
    def test_values(self):
        rope = rove.Rope(b"abc" * 1000)
        self.assertEqual(pickle.loads(pickle.dumps(rope)), rope)
        self.assertEqual(copy.copy(rope), copy.deepcopy(rope))
        self.assertRaises(TypeError, hash, rope)
        self.assertEqual(rope.digest("crc32").hex(), rove.View(rope).digest("crc32").hex())
        self.assertEqual(rove.Rope(b"123456789").digest("crc32c").hex(), "e3069283")
        with self.assertRaises(rove.SpecError) as caught:
            rope.digest("crc32|nonesuch")
        self.assertEqual(caught.exception.offset, 6)
        self.assertRaises(TypeError, rove.Rope, "text")
        self.assertRaises(TypeError, operator.add, rope, "text")
        rope *= 0
        self.assertEqual(rope, b"")

    def test_a_rope_may_be_larger_than_memory(self):
        rope = rove.Rope(bytes(1000)) * (1 << 50)
        self.assertEqual(len(rope), 1000 << 50)
        del rope[5:-5]
        self.assertEqual(rope, bytes(10))
        rope = rove.Rope(bytes(1000)) * (1100 << 10)
        twin, longer = rope.copy(), rope + b"\0"
        self.assertTrue(rope == twin and rope < longer and longer > twin and rope <= twin)
        twin[(1 << 30) + 5] = 1
        self.assertTrue(rope < twin and twin > longer and rope != twin)
        self.assertRaises(OverflowError, lambda: rove.Rope(bytes(1000)) * (1 << 60))


    def test_a_key_may_change_the_rope(self):
        class Clears:
            def __init__(self, subject):
                self.subject = subject

            def __index__(self):
                self.subject.clear()
                return 2
        for key in (lambda i: slice(i, 5), lambda i: slice(None, None, i), lambda i: slice(None, i, 2), lambda i: i):
            outcomes = []
            for subject in (bytearray(b"abcdef"), rove.Rope(b"abcdef")):
                with self.subTest(key(2)):
                    try:
                        outcomes.append(bytes(subject[key(Clears(subject))]))
                    except IndexError:
                        outcomes.append(IndexError)
            self.assertEqual(*outcomes)
        for subject in (bytearray(b"abcdef"), rove.Rope(b"abcdef")):
            subject.insert(Clears(subject), ord("x"))
            self.assertEqual(bytes(subject), b"x")

    def test_what_cannot_be_looked_for_is_refused_where_nothing_is(self):
        for like in (rove.Rope(b"abc"), rove.View(b"abc")):
            for bounds in ((), (4,), (2, 1), (1 << 70,)):
                for wrong in (None, "a", [97], 256, -1, memoryview(b"abcd")[::2]):
                    for name in ("find", "index", "count"):
                        with self.subTest(bounds=bounds, wrong=wrong, name=name), self.assertRaises(Exception) as theirs:
                            getattr(bytearray(b"abc"), name)(wrong, *bounds)
                        with self.assertRaises(type(theirs.exception)):
                            getattr(like, name)(wrong, *bounds)
                for nothing in (b"", b"a", 97):
                    self.assertEqual(like.count(nothing, *bounds), b"abc".count(nothing, *bounds))
                    self.assertEqual(like.find(nothing, *bounds), b"abc".find(nothing, *bounds))

    def test_what_is_removed_is_one_byte(self):
        for subject in (bytearray(b"abcab"), rove.Rope(b"abcab")):
            for none in (b"bc", b"", b"a", "a", None, rove.View(b"c")):
                self.assertRaises(TypeError, subject.remove, none)
            self.assertRaises(ValueError, subject.remove, ord("x"))
            subject.remove(ord("b"))
            self.assertEqual(subject, b"acab")

    def test_what_gives_no_buffer_is_compared_by_itself_or_is_unequal(self):
        gone, steps = memoryview(b"ac"), memoryview(b"abcd")[::2]
        gone.release()
        rope, view = rove.Rope(b"ac"), rove.View(b"ac")
        for subject, other, equal in ((rope, gone, False), (rope, steps, False), (view, gone, False), (view, steps, True)):
            self.assertEqual((subject == other, other == subject, subject != other), (equal, equal, not equal))
            self.assertRaises(TypeError, operator.lt, subject, other)

    def test_what_has_an_index_that_refuses_is_bytes(self):
        class Array(bytes):  # as those of numpy
            def __index__(self):
                raise TypeError("only what is one number can be an index")

        class Number:
            def __index__(self):
                return ord("c")
        rope = rove.Rope(b"abcdefcd")
        for subject in (rope, rope.view()):
            self.assertEqual((subject.find(Array(b"cd")), subject.index(Array(b"de")), subject.count(Array(b"cd"))), (2, 3, 2))
            self.assertEqual((subject.find(Number()), subject.count(Number())), (2, 2))
            self.assertTrue(Array(b"cd") in subject and Array(b"dc") not in subject and Number() in subject)
        rope.insert(1, Array(b"new"))
        rope.insert(0, Number())
        self.assertEqual(rope, b"canewbcdefcd")

    def test_a_subclass_is_copied_whole(self):
        rope = Named(b"abc" * 50000)
        rope.names = ["a"]
        rope.slot = 7
        again = pickle.loads(pickle.dumps(rope))
        shallow, deep = copy.copy(rope), copy.deepcopy(rope)
        for other in (again, shallow, deep):
            self.assertIs(type(other), Named)
            self.assertEqual((other, other.names, other.slot), (rope, ["a"], 7))
        self.assertTrue(shallow.names is rope.names and deep.names is not rope.names)
        self.assertIs(type(rope.copy()), rove.Rope)
        del rope[1:]
        self.assertEqual(len(shallow), 150000)

    def test_a_subclass_says_what_its_state_is(self):
        class Ruled(rove.Rope):
            state = None

            def __getstate__(self):
                return self.state

            def __setattr__(self, name, value):
                if isinstance(self.state, dict):
                    self.state.clear()  # in the middle of going through it
                super().__setattr__(name, value)

        class Sets(Ruled):
            def __setstate__(self, state):
                self.got = state
        deep = ()
        for _ in range(200000):
            deep = (deep,)
        for kind, state in ((Ruled, None), (Ruled, {"a": 1, "b": 2, "c": 3}), (Ruled, (None, {"a": 1})), (Sets, [1]), (Sets, ())):
            kind.state = state
            again = copy.copy(kind(b"abc"))
            self.assertEqual((type(again), bytes(again)), (kind, b"abc"))
            self.assertEqual(getattr(again, "a", 1), 1)
            if kind is Sets:
                self.assertEqual(again.got, state)
        for wrong in (deep, (deep, None), [], 5, "x", (1, 2, 3)):
            Ruled.state = wrong
            with self.assertRaises((TypeError, AttributeError)):
                copy.copy(Ruled(b"abc"))
        rope = Named(b"abc")
        rope.me = [rope]
        again = copy.deepcopy(rope)
        self.assertIs(again.me[0], again)
        self.assertIs(copy.copy(rope).me[0], rope)

    def test_what_is_given_to_a_pool_lies_in_it(self):
        piece = os.urandom(1 << 17)
        for kind in (bytes, bytearray, memoryview, list):
            for change in (rove.Rope.extend, operator.iadd, lambda r, b: r.insert(0, b),
                           lambda r, b: operator.setitem(r, slice(0, 0), b)):
                pool = rove.Pool(memory_limit=1 << 20, spill=True)
                rope = rove.Rope(pool=pool)
                for _ in range(2 if kind is list else 16):
                    change(rope, kind(piece))
                figures = pool.figures()
                self.assertGreater(figures["held_peak"], 1 << 17)
                self.assertLessEqual(figures["held_peak"], 1 << 20)
                self.assertEqual(rope[-len(piece):], piece)
        rope = rove.Rope(pool=rove.Pool(memory_limit=1 << 20))
        with self.assertRaises(rove.LimitError):
            for _ in range(16):
                rope += piece


class Named(rove.Rope):
    __slots__ = ("slot", "__dict__")


class Views(unittest.TestCase):
    def test_copies_and_pickles(self):
        view = rove.Rope(b"abc" * 50000)[1:].view()
        self.assertIs(copy.copy(view), view)
        self.assertIs(copy.deepcopy(view), view)
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            again = pickle.loads(pickle.dumps(view, protocol))
            self.assertEqual((type(again), again, hash(again)), (rove.View, view, hash(view)))

    def test_what_is_copied_lies_in_the_pool(self):
        piece = os.urandom(1 << 17)
        for kind in (bytes, bytearray):
            pool = rove.Pool(memory_limit=1 << 20, spill=True)
            views = [rove.View(kind(piece), pool=pool) for _ in range(16)]
            figures = pool.figures()
            self.assertGreater(figures["sleeping"], 0)
            self.assertLessEqual(figures["held_peak"], 1 << 20)
            self.assertTrue(all(view == piece for view in views))
            pool = rove.Pool(memory_limit=1 << 18)
            self.assertEqual(rove.View(views[0], pool=pool), piece)  # shared: it stays where it is
            self.assertEqual(pool.figures()["live"], 0)
            with self.assertRaises(rove.LimitError):
                [rove.View(kind(piece), pool=pool) for _ in range(16)]
        self.assertRaises(TypeError, rove.View, piece, pool=5)

    def test_as_a_buffer_and_a_sequence(self):
        view = rove.View(b"0123456789")
        self.assertEqual((view[2:5], view[-1], view[::3], len(view), view.nbytes), (b"234", 57, b"0369", 10, 10))
        for part, text in ((view[2:5], b"234"), (view[::3], b"0369"), (view[::-1], b"9876543210"), (view[5:2:2], b"")):
            self.assertEqual((type(part), part, part.tobytes(), part.digest("crc32")), (rove.View, text, text, rove.digest(text, "crc32")))
        self.assertEqual(memoryview(view), b"0123456789")
        self.assertTrue(memoryview(view).readonly)
        self.assertEqual(hash(view), hash(b"0123456789"))
        self.assertEqual((view.index(b"45"), view.count(b"4"), view.count(57), view.count(b"")), (4, 1, 1, len(view) + 1))
        self.assertRaisesRegex(ValueError, "not found", view.index, b"none")
        self.assertEqual((view.find(b"45"), view.find(57), view.find(b"0", 1), b"78" in view), (4, 9, -1, True))
        self.assertRaises(IndexError, lambda: view[10])
        self.assertEqual(list(view), list(b"0123456789"))

    def test_pieces(self):
        rope = rove.Rope()
        for i in range(5):
            rope += bytes([i]) * 100000
        view = rope.view()
        self.assertFalse(view.contiguous)
        spans = list(view.spans())
        self.assertGreater(len(spans), 1)
        self.assertEqual(b"".join(spans), bytes(view))
        reader, writer = os.pipe()
        try:
            self.assertEqual(rove.View(b"x" * 1000).writeto(writer), 1000)
            self.assertEqual(os.read(reader, 2000), b"x" * 1000)
            self.assertEqual(os.writev(writer, list(view[:500].spans())), 500)
            self.assertEqual(len(os.read(reader, 500)), 500)
            # A pipe that is full and does not wait: how far it came is told, and the rest can follow.
            os.set_blocking(writer, False)
            got = b""
            while len(got) < len(view):
                try:
                    done = view[len(got):].writeto(writer)
                except BlockingIOError as error:
                    self.assertEqual(error.errno, errno.EAGAIN)
                    done = error.characters_written
                self.assertGreater(done, 0)
                got += os.read(reader, done)
            self.assertTrue(view == got)
        finally:
            os.close(reader)
            os.close(writer)
        self.assertEqual(memoryview(view).nbytes, 500000)


if __name__ == "__main__":
    unittest.main()
