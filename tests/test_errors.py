import inspect
import re

from bot import errors


def test_the_drawn_tree_is_the_tree() -> None:
    drawn = re.findall(r"^ {4}(?:.*[├└]── )?([A-Z]\w+)", errors.__doc__ or "", re.MULTILINE)
    made = [name for name, thing in vars(errors).items() if inspect.isclass(thing) and issubclass(thing, Exception)]
    assert drawn == made
    for child, parent in _edges():
        assert issubclass(getattr(errors, child), getattr(errors, parent))


def _edges() -> list[tuple[str, str]]:
    stack: list[str] = []
    edges = []
    for line in (errors.__doc__ or "").splitlines():
        if found := re.match(r"^ {4}([│├└─ ]*)([A-Z]\w+)", line):
            depth = len(found[1]) // 4
            stack[depth:] = [found[2]]
            if depth:
                edges.append((found[2], stack[depth - 1]))
    return edges
