#!/usr/bin/env python3
"""Receives OTLP over HTTP as a collector does, and decodes it with PyPI's opentelemetry-proto.

    otlp_receiver.py

Prints its port, and then each request as one line of JSON: its path, its headers and its figures.
"""
import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        request = ExportMetricsServiceRequest()
        request.ParseFromString(body)
        # What it knows the names of is all there was.
        request.DiscardUnknownFields()
        assert len(request.SerializeToString()) == len(body)
        figures = MessageToDict(request, preserving_proto_field_name=True)
        print(json.dumps({"path": self.path, "headers": dict(self.headers), "request": figures}), flush=True)
        reply = ExportMetricsServiceResponse().SerializeToString()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    if len(sys.argv) != 1:
        sys.exit(__doc__)
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    print(server.server_port, flush=True)
    server.serve_forever()
