#!/usr/bin/env python3
"""Python's own XML-RPC server with the methods of validator1 and of interopEchoTests, on any port.

    interop_server.py

Its first line is the port. What the methods do: http://1998.xmlrpc.com/validator1Docs.html.
"""
from xmlrpc.server import SimpleXMLRPCRequestHandler, SimpleXMLRPCServer


class Quiet(SimpleXMLRPCRequestHandler):
    def log_request(self, *args):
        pass


def count_the_entities(text):
    names = ["ctLeftAngleBrackets", "ctRightAngleBrackets", "ctAmpersands", "ctApostrophes", "ctQuotes"]
    return {name: text.count(entity) for name, entity in zip(names, "<>&'\"")}


def stooges(struct):
    return struct["moe"] + struct["larry"] + struct["curly"]


VALIDATOR = {
    "arrayOfStructsTest": lambda structs: sum(struct["curly"] for struct in structs),
    "countTheEntities": count_the_entities,
    "easyStructTest": stooges,
    "echoStructTest": lambda struct: struct,
    "manyTypesTest": lambda *values: list(values),
    "moderateSizeArrayCheck": lambda strings: strings[0] + strings[-1],
    "nestedStructTest": lambda calendar: stooges(calendar["2000"]["04"]["01"]),
    "simpleStructReturnTest": lambda number: {f"times{by}": number * by for by in (10, 100, 1000)},
}
ECHOES = [
    "echoBase64", "echoBoolean", "echoDate", "echoFloat", "echoFloatArray", "echoInteger", "echoIntegerArray",
    "echoString", "echoStringArray", "echoStruct", "echoStructArray", "echoValue",
]
TOOLKIT = {
    "toolkitName": "xmlrpc.server", "toolkitVersion": "3", "toolkitOperatingSystem": "any",
    "toolkitDocsUrl": "https://docs.python.org/3/library/xmlrpc.server.html",
}


def main():
    server = SimpleXMLRPCServer(("127.0.0.1", 0), Quiet)
    server.register_introspection_functions()
    server.register_multicall_functions()
    for name, method in VALIDATOR.items():
        server.register_function(method, f"validator1.{name}")
    for name in ECHOES:
        server.register_function(lambda value: value, f"interopEchoTests.{name}")
    server.register_function(lambda: 0, "interopEchoTests.noInParams")
    server.register_function(lambda: TOOLKIT, "interopEchoTests.whichToolkit")
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
