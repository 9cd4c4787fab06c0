//! The table of the methods.

use super::{Method, echo, get_random_number, get_time, interop, system, validator1};

/// All of them, sorted. A new method is one more row.
pub(in crate::target) const METHODS: &[Method] = &[
    Method {
        name: "echo",
        signatures: &[],
        help: "Returns its argument. With several, an array of them; with none, an empty string.",
        delayed: true,
        run: echo,
    },
    Method {
        name: "get_random_number",
        signatures: &[&["int", "int", "int"]],
        help: "get_random_number(low, high): a random integer from low to high, both included.",
        delayed: true,
        run: get_random_number,
    },
    Method {
        name: "get_time",
        signatures: &[&["double"]],
        help: "The time of the target: seconds since 1970-01-01 00:00 UTC, when the reply is \
               sent.",
        delayed: true,
        run: get_time,
    },
    Method {
        name: "interopEchoTests.echoBase64",
        signatures: &[&["base64", "base64"]],
        help: "Returns its argument, a base64.",
        delayed: true,
        run: |_, args, out| interop::echo("base64", args, out),
    },
    Method {
        name: "interopEchoTests.echoBoolean",
        signatures: &[&["boolean", "boolean"]],
        help: "Returns its argument, a boolean.",
        delayed: true,
        run: |_, args, out| interop::echo("boolean", args, out),
    },
    Method {
        name: "interopEchoTests.echoDate",
        signatures: &[&["dateTime.iso8601", "dateTime.iso8601"]],
        help: "Returns its argument, a date.",
        delayed: true,
        run: |_, args, out| interop::echo("dateTime.iso8601", args, out),
    },
    Method {
        name: "interopEchoTests.echoFloat",
        signatures: &[&["double", "double"]],
        help: "Returns its argument, a double.",
        delayed: true,
        run: |_, args, out| interop::echo("double", args, out),
    },
    Method {
        name: "interopEchoTests.echoFloatArray",
        signatures: &[&["array", "array"]],
        help: "Returns its argument, an array of doubles.",
        delayed: true,
        run: |_, args, out| interop::echo_array("double", args, out),
    },
    Method {
        name: "interopEchoTests.echoInteger",
        signatures: &[&["int", "int"]],
        help: "Returns its argument, an int.",
        delayed: true,
        run: |_, args, out| interop::echo("int", args, out),
    },
    Method {
        name: "interopEchoTests.echoIntegerArray",
        signatures: &[&["array", "array"]],
        help: "Returns its argument, an array of ints.",
        delayed: true,
        run: |_, args, out| interop::echo_array("int", args, out),
    },
    Method {
        name: "interopEchoTests.echoString",
        signatures: &[&["string", "string"]],
        help: "Returns its argument, a string.",
        delayed: true,
        run: |_, args, out| interop::echo("string", args, out),
    },
    Method {
        name: "interopEchoTests.echoStringArray",
        signatures: &[&["array", "array"]],
        help: "Returns its argument, an array of strings.",
        delayed: true,
        run: |_, args, out| interop::echo_array("string", args, out),
    },
    Method {
        name: "interopEchoTests.echoStruct",
        signatures: &[&["struct", "struct"]],
        help: "Returns its argument, a struct.",
        delayed: true,
        run: |_, args, out| interop::echo("struct", args, out),
    },
    Method {
        name: "interopEchoTests.echoStructArray",
        signatures: &[&["array", "array"]],
        help: "Returns its argument, an array of structs.",
        delayed: true,
        run: |_, args, out| interop::echo_array("struct", args, out),
    },
    Method {
        name: "interopEchoTests.echoValue",
        signatures: &[],
        help: "Returns its argument, whatever it is.",
        delayed: true,
        run: interop::echo_value,
    },
    Method {
        name: "interopEchoTests.noInParams",
        signatures: &[&["int"]],
        help: "Takes no parameters and returns an int.",
        delayed: true,
        run: interop::no_in_params,
    },
    Method {
        name: "interopEchoTests.whichToolkit",
        signatures: &[&["struct"]],
        help: "What answers here: a struct of toolkitName, toolkitVersion, \
               toolkitOperatingSystem and toolkitDocsUrl, the last one perhaps empty.",
        delayed: true,
        run: interop::which_toolkit,
    },
    Method {
        name: "system.listMethods",
        signatures: &[&["array"]],
        help: "The names of all methods.",
        delayed: false,
        run: system::list_methods,
    },
    Method {
        name: "system.methodHelp",
        signatures: &[&["string", "string"]],
        help: "system.methodHelp(name): what a method does.",
        delayed: false,
        run: system::method_help,
    },
    Method {
        name: "system.methodSignature",
        signatures: &[&["array", "string"]],
        help: "system.methodSignature(name): for each way to call a method an array, the type of \
               the \
               result first; the string undef where any types will do.",
        delayed: false,
        run: system::method_signature,
    },
    Method {
        name: "system.multicall",
        signatures: &[&["array", "array"]],
        help: "system.multicall([{methodName, params}, ...]): carries out several calls, one \
               after \
               the other, their delays added up. For each an array of its one result, or a struct of \
               faultCode and faultString. It cannot call itself.",
        delayed: false,
        run: system::multicall,
    },
    Method {
        name: "validator1.arrayOfStructsTest",
        signatures: &[&["int", "array"]],
        help: "Takes an array of structs, each with at least the ints moe, larry and curly, and \
               returns the sum of all curlys.",
        delayed: true,
        run: validator1::array_of_structs,
    },
    Method {
        name: "validator1.countTheEntities",
        signatures: &[&["struct", "string"]],
        help: "How often each of < > & ' \" stands in a string: a struct of ctLeftAngleBrackets, \
               ctRightAngleBrackets, ctAmpersands, ctApostrophes and ctQuotes.",
        delayed: true,
        run: validator1::count_the_entities,
    },
    Method {
        name: "validator1.easyStructTest",
        signatures: &[&["int", "struct"]],
        help: "Takes a struct with at least the ints moe, larry and curly, and returns their sum.",
        delayed: true,
        run: validator1::easy_struct,
    },
    Method {
        name: "validator1.echoStructTest",
        signatures: &[&["struct", "struct"]],
        help: "Returns its argument, a struct.",
        delayed: true,
        run: validator1::echo_struct,
    },
    Method {
        name: "validator1.manyTypesTest",
        signatures: &[
            &["array", "int", "boolean", "string", "double", "dateTime.iso8601", "base64"],
            &["array", "double", "boolean", "string", "double", "dateTime.iso8601", "base64"],
        ],
        help: "Returns its six arguments as an array.",
        delayed: true,
        run: validator1::many_types,
    },
    Method {
        name: "validator1.moderateSizeArrayCheck",
        signatures: &[&["string", "array"]],
        help: "Takes an array of 100 to 200 strings and returns the first and the last one, \
               joined.",
        delayed: true,
        run: validator1::moderate_size_array,
    },
    Method {
        name: "validator1.nestedStructTest",
        signatures: &[&["int", "struct"]],
        help: "Takes a calendar, a struct of years of months of days, named like 2000, 04 and \
               01, and returns the sum of the ints moe, larry and curly of the first of April \
               2000.",
        delayed: true,
        run: validator1::nested_struct,
    },
    Method {
        name: "validator1.simpleStructReturnTest",
        signatures: &[&["struct", "int"], &["struct", "double"]],
        help: "Takes a number and returns a struct of times10, times100 and times1000: its \
               products.",
        delayed: true,
        run: validator1::simple_struct_return,
    },
];
