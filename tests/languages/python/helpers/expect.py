"""What the scenarios beside this folder assert with: a module of the scenario's own."""


def expect(found, wanted):
    """Raises where two values, or their types, differ."""
    if shown(found) != shown(wanted):
        raise AssertionError(f"{shown(found)[:200]} in place of {shown(wanted)[:200]}")


def shown(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name!r}: {shown(item)}" for name, item in sorted(value.items())) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(shown(item) for item in value) + "]"
    return f"{type(value).__name__} {value!r}" if not isinstance(value, (str, bytes)) else repr(value)


def raised(kind, run):
    """What a call raises, if that is of this class."""
    try:
        run()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")
