#!/usr/bin/env python3
"""Python's own XML-RPC methods behind transports other than plain HTTP.

    transport_server.py https | https-client | gzip | unix | scgi | scgi-unix

Its first line is the URL to call. Behind `https` stands a certificate that signs itself: a second word
names the file to trust. `https-client` also asks for one, which the same file holds with its key. What
was made lies in a folder that goes when the server does.

`gzip` compresses what is longer than 100 bytes, for clients that ask for it. `scgi` reads what a client
sends as strictly as the protocol's text, and answers as rTorrent does.
"""
import os
import shutil
import signal
import socket
import socketserver
import ssl
import subprocess
import sys
import tempfile
from xmlrpc.server import SimpleXMLRPCDispatcher, SimpleXMLRPCRequestHandler, SimpleXMLRPCServer


class Quiet(SimpleXMLRPCRequestHandler):
    protocol_version = "HTTP/1.1"
    rpc_paths = ("/", "/RPC2")
    encode_threshold = 100

    def address_string(self):
        return "nobody"

    def log_request(self, *args):
        pass

    def setup(self):
        # A unix socket knows no Nagle, and no address of a client.
        self.disable_nagle_algorithm = self.request.family != socket.AF_UNIX
        self.client_address = self.client_address or ("", 0)
        super().setup()


class Threads(socketserver.ThreadingMixIn, SimpleXMLRPCServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # clients may leave as they please


class Unix(Threads):
    address_family = socket.AF_UNIX

    def server_bind(self):
        socketserver.TCPServer.server_bind(self)


def teach(server):
    server.register_introspection_functions()
    server.register_multicall_functions()
    server.register_function(lambda value: value, "echo")
    server.register_function(lambda: 1.5, "get_time")
    server.register_function(lambda low, high: (low + high) // 2, "get_random_number")


class Scgi(socketserver.StreamRequestHandler):
    def handle(self):
        length = b""
        while not length.endswith(b":"):
            length += self.rfile.read(1) or exit()
        head = self.rfile.read(int(length[:-1]))
        assert self.rfile.read(1) == b",", "a netstring ends in a comma"
        words = head.split(b"\0")
        assert words.pop() == b"" and len(words) % 2 == 0, head
        names, values = words[::2], words[1::2]
        fields = dict(zip(names, values))
        assert names[0] == b"CONTENT_LENGTH" and len(fields) == len(names), head
        assert fields[b"SCGI"] == b"1" and fields[b"CONTENT_LENGTH"].isdigit(), head
        assert not fields[b"CONTENT_LENGTH"].startswith(b"0"), "rTorrent would read octal digits"
        body = self.rfile.read(int(fields[b"CONTENT_LENGTH"]))
        reply = self.server.dispatcher._marshaled_dispatch(body)
        head = f"Status: 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {len(reply)}\r\n\r\n"
        self.wfile.write(head.encode() + reply)


def scgi(base, address):
    class Server(socketserver.ThreadingMixIn, base):
        daemon_threads = True
        allow_reuse_address = True

    server = Server(address, Scgi)
    server.dispatcher = SimpleXMLRPCDispatcher(allow_none=True)
    teach(server.dispatcher)
    return server


def certificate(folder):
    path, key = os.path.join(folder, "both.pem"), os.path.join(folder, "key.pem")
    names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-subj", "/CN=katydid test", "-addext", names, "-addext", "basicConstraints=critical,CA:FALSE"]
    subprocess.run(command + ["-days", "2", "-keyout", key, "-out", path], check=True, stderr=subprocess.DEVNULL)
    with open(path, "a") as both, open(key) as more:
        both.write(more.read())
    return path


def main(mode):
    folder = tempfile.mkdtemp()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    path = os.path.join(folder, "socket")
    try:
        if mode == "scgi":
            server = scgi(socketserver.TCPServer, ("127.0.0.1", 0))
            url = f"scgi://127.0.0.1:{server.server_address[1]}/RPC2"
        elif mode == "scgi-unix":
            server, url = scgi(socketserver.UnixStreamServer, path), f"scgi+unix:{path}"
        elif mode == "unix":
            server = Unix(path, Quiet, allow_none=True)
            teach(server)
            url = f"unix:{path}:/RPC2"
        else:
            server = Threads(("127.0.0.1", 0), Quiet, allow_none=True)
            teach(server)
            url = f"http://localhost:{server.server_address[1]}/RPC2"
            if mode.startswith("https"):
                pem = certificate(folder)
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(pem)
                if mode == "https-client":
                    context.verify_mode = ssl.CERT_REQUIRED
                    context.load_verify_locations(pem)
                # The handshake happens on the thread of its connection, not on the one that accepts.
                server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
                url = f"{url.replace('http:', 'https:')} {pem}"
            elif mode != "gzip":
                sys.exit(__doc__)
        print(url, flush=True)
        server.serve_forever()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) == 2 else "")
