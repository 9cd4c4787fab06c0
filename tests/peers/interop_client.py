#!/usr/bin/env python3
"""Python's own XML-RPC client calls every method of validator1 and of interopEchoTests, and compares each answer.

    interop_client.py URL

Prints the methods that it called, one a line.
"""
import sys
import xmlrpc.client as x

STRUCT = {"varString": "größe & <co>", "varInt": -7, "varFloat": 0.25}
DATE = x.DateTime("19980717T14:08:55")
BYTES = x.Binary(bytes(range(256)))
STOOGES = {"moe": 1, "larry": 20, "curly": -300, "shemp": "x"}
CALENDAR = {
    year: {month: {day: {} for day in ("01", "02", "03")} for month in ("03", "04")} for year in ("1999", "2000")
}
CALENDAR["2000"]["04"]["01"] = STOOGES
ENTITIES = "<<<>>&'''''\"\"\"\" &amp; größe"
COUNTS = {
    "ctLeftAngleBrackets": 3, "ctRightAngleBrackets": 2, "ctAmpersands": 2, "ctApostrophes": 5, "ctQuotes": 4,
}
STRINGS = [f"<{number}> " for number in range(1, 151)]
ECHOED = {
    "echoString": " größe & <co>\n", "echoInteger": -(2**31), "echoFloat": -0.5, "echoBoolean": False, "echoDate": DATE,
    "echoBase64": BYTES, "echoStruct": STRUCT, "echoValue": [1, [STRUCT, "a"], {}],
    "echoStringArray": ["a", "", " <&> "], "echoIntegerArray": [1, 2**31 - 1, 0], "echoFloatArray": [0.5, -1e-9],
    "echoStructArray": [STRUCT, {}],
}
MANY = (42, True, "a & b", -1.5, DATE, BYTES)
CALLS = [
    ("validator1.arrayOfStructsTest", ([STOOGES, STOOGES],), -600),
    ("validator1.countTheEntities", (ENTITIES,), COUNTS),
    ("validator1.easyStructTest", (STOOGES,), -279),
    ("validator1.echoStructTest", (CALENDAR,), CALENDAR),
    ("validator1.manyTypesTest", MANY, list(MANY)),
    ("validator1.moderateSizeArrayCheck", (STRINGS,), "<1> <150> "),
    ("validator1.nestedStructTest", (CALENDAR,), -279),
    ("validator1.simpleStructReturnTest", (-7,), {"times10": -70, "times100": -700, "times1000": -7000}),
    *((f"interopEchoTests.{name}", (value,), value) for name, value in ECHOED.items()),
    ("interopEchoTests.noInParams", (), 0),
]
REFUSED = [
    ("validator1.easyStructTest", ({"moe": 1},), "larry"),
    ("validator1.moderateSizeArrayCheck", (["a"],), "100 to 200"),
    ("validator1.manyTypesTest", (1,), "6 must be"),
    ("interopEchoTests.echoString", (1,), "string is due"),
    ("interopEchoTests.echoIntegerArray", ([1, "a"],), "element 2"),
    ("interopEchoTests.noInParams", (1,), "no parameters"),
]


def main(url):
    server = x.ServerProxy(url)
    for name, params, expected in CALLS:
        answer = getattr(server, name)(*params)
        assert answer == expected and type(answer) is type(expected), (name, answer, expected)
        print(name)
    toolkit = server.interopEchoTests.whichToolkit()
    members = ["toolkitDocsUrl", "toolkitName", "toolkitOperatingSystem", "toolkitVersion"]
    assert sorted(toolkit) == members and all(isinstance(text, str) for text in toolkit.values()), toolkit
    print("interopEchoTests.whichToolkit")

    for name, params, words in REFUSED:
        try:
            answer = getattr(server, name)(*params)
        except x.Fault as fault:
            assert fault.faultCode == -32602 and words in fault.faultString, (name, fault)
        else:
            raise AssertionError((name, answer))

    # All of them once more, in one request.
    multicall = x.MultiCall(server)
    for name, params, _ in CALLS:
        getattr(multicall, name)(*params)
    for (name, _, expected), answer in zip(CALLS, multicall(), strict=True):
        assert answer == expected, (name, answer)

    for name, params, _ in CALLS:
        assert server.system.methodHelp(name), name
        signatures = server.system.methodSignature(name)
        assert signatures == "undef" or any(len(types) == len(params) + 1 for types in signatures), name


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
