# SPDX-License-Identifier: MIT
# Others who use io.BytesIO, after install(): suites of the standard library, Pillow, requests, numpy, zipfile.

import importlib.util
import io
import os
import sys
import threading
import unittest
import zipfile

import rove
from amounts import SCALE

FULL = SCALE >= 1
rove.install()

# Suites of CPython. Those that take seconds come when everything is tested.
SUITES = ["wave", "quopri", "uu"]
LONG = ["csv", "plistlib", "pickletools", "httplib", "gzip", "zipfile", "bz2", "urllib", "cgi", "fileinput",
        "tarfile", "pickle", "email", "mailbox", "xmlrpc", "shelve"]
ALL = ["lzma"]  # half a minute; ROVE_PYTHON_ALL=1


def suites():
    for name in SUITES + (LONG if FULL else []) + (ALL if "ROVE_PYTHON_ALL" in os.environ else []):
        try:
            if importlib.util.find_spec(f"test.test_{name}") is None:  # later versions have no such module any more
                raise ImportError("it is not there")
            yield from unittest.defaultTestLoader.loadTestsFromName(f"test.test_{name}")
        except (ImportError, unittest.SkipTest) as error:
            print(f"left out: test_{name}: {error}")


class Images(unittest.TestCase):
    def test_pillow_saves_and_opens(self):
        try:
            from PIL import Image
        except ImportError:
            self.skipTest("python3-pil is not installed")
        image = Image.effect_noise((160, 120), 40).convert("RGB")
        for kind in ("PNG", "JPEG", "TIFF", "GIF", "WEBP", "BMP", "PPM"):
            file = io.BytesIO()
            image.save(file, kind)
            file.seek(0)
            with Image.open(file) as again:
                again.load()
                self.assertEqual((again.size, again.format), (image.size, kind))


class Arrays(unittest.TestCase):
    def test_numpy(self):
        try:
            import numpy
        except ImportError:
            self.skipTest("python3-numpy is not installed")
        array = numpy.arange(100000, dtype="<u4")
        file = io.BytesIO()
        numpy.save(file, array)
        file.seek(0)
        self.assertTrue((numpy.load(file) == array).all())
        file = io.BytesIO()
        numpy.savez(file, a=array, b=array * 2)
        file.seek(0)
        self.assertTrue((numpy.load(file)["b"] == array * 2).all())
        file = rove.BytesIO(array.tobytes())
        self.assertTrue((numpy.frombuffer(file.snapshot(), "<u4") == array).all())
        self.assertTrue((numpy.frombuffer(file.getbuffer(), "<u4") == array).all())


class Web(unittest.TestCase):
    def test_requests_posts_and_receives(self):
        try:
            import requests
        except ImportError:
            self.skipTest("python3-requests is not installed")
        from http.server import BaseHTTPRequestHandler, HTTPServer

        class Echo(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass
        server = HTTPServer(("127.0.0.1", 0), Echo)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            url = "http://127.0.0.1:%d/" % server.server_port
            body = io.BytesIO()
            for _ in range(30):
                body.write(b"0123456789" * 1000)
            body.seek(10)
            with requests.Session() as session:
                session.trust_env = False
                answer = session.post(url, data=body)
                self.assertEqual(answer.content, body.getvalue()[10:])
                answer = session.post(url, files={"file": body}, stream=True)
                self.assertIn(b"multipart", answer.request.headers["Content-Type"].encode())
                received = io.BytesIO(answer.content)
            self.assertIn(b'name="file"', received.getvalue())
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


class Archives(unittest.TestCase):
    def test_a_zip_file_far_larger_than_its_pool(self):
        size = (4500 if FULL else 48) << 20
        limit = (64 if FULL else 8) << 20  # what is known of a chunk that sleeps stays in memory, some 100 bytes
        pool = rove.Pool(memory_limit=limit, spill=True)
        with rove.BytesIO(pool=pool) as file:
            block = os.urandom(1 << 20)
            with zipfile.ZipFile(file, "w") as archive, archive.open("big", "w", force_zip64=True) as member:
                for _ in range(size >> 20):
                    member.write(block)
            self.assertGreater(file.size(), size)
            self.assertLessEqual(pool.figures()["held_peak"], limit)
            with zipfile.ZipFile(file) as archive, archive.open("big") as member:
                while data := member.read(1 << 20):
                    size -= len(data)
                    self.assertEqual(data, block)
            self.assertEqual(size, 0)


if __name__ == "__main__":
    suite = unittest.TestSuite()
    for case in (Images, Arrays, Web, Archives):
        suite.addTests(unittest.defaultTestLoader.loadTestsFromTestCase(case))
    suite.addTests(suites())
    result = unittest.TextTestRunner(verbosity=1, stream=sys.stdout).run(suite)
    sys.exit(not result.wasSuccessful())
