#!/usr/bin/env python3
"""Answers every call with 7, and records each: a line of JSON with the request's id and its body.

    recording_server.py FILE

Its first line is its port.
"""
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ANSWER = (
    b"<?xml version='1.0'?><methodResponse><params><param>"
    b"<value><int>7</int></value></param></params></methodResponse>"
)
lock = threading.Lock()
log = open(sys.argv[1], "a", encoding="utf-8")


class Recorder(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *args):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with lock:
            print(json.dumps([self.headers["X-Request-Id"], body]), file=log, flush=True)
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 100


server = Server(("127.0.0.1", 0), Recorder)
print(server.server_port, flush=True)
server.serve_forever()
