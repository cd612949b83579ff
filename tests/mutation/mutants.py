"""Every small change to one source file, each with a name that stays the same when lines move."""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_CALCULATED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
}
_OTHER_CALL = {"min": "max", "max": "min", "any": "all", "all": "any"}
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Mutant:
    """One change to one file. ``function``: the outermost function changed, as Python names it; ``None`` for what runs at import.

    ``tree`` is the whole file, unchanged until ``made`` is called.
    """

    name: str
    module: str
    path: Path
    line: int
    end_line: int
    function: str | None
    tree: ast.Module
    place: "Place"
    new: ast.AST

    def made(self) -> ast.Module:
        """The changed file. The change stays in the shared ``tree``: only for a process that then ends."""
        old = self.place.child()
        if isinstance(old, ast.expr | ast.stmt):
            ast.copy_location(self.new, old)
        self.place.put(ast.fix_missing_locations(self.new))
        return self.tree


@dataclass(frozen=True)
class Place:
    """Where in a file a node is: a field of the node around it."""

    node: ast.AST
    field: str
    index: int | None
    function: str | None
    inner: str

    def child(self) -> ast.AST:
        """What stands there."""
        value = getattr(self.node, self.field)
        child = value if self.index is None else value[self.index]
        assert isinstance(child, ast.AST)
        return child

    def put(self, new: ast.AST) -> None:
        """Have another node stand there."""
        if self.index is None:
            setattr(self.node, self.field, new)
        else:
            getattr(self.node, self.field)[self.index] = new


def mutants_of(path: Path, module: str) -> list[Mutant]:
    """Every mutant of the file, in the order of its lines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    seen: Counter[str] = Counter()
    found = []
    for place in _places(tree, None, ""):
        old = place.child()
        for new in _changed(old):
            label = f"{module}:{place.inner or '-'}: {_shown(old)} -> {_shown(new)}"
            seen[label] += 1
            name = label if seen[label] == 1 else f"{label} #{seen[label]}"
            lines = [at for node in ast.walk(old) if (at := getattr(node, "lineno", None))]
            ends = [at for node in ast.walk(old) if (at := getattr(node, "end_lineno", None))]
            found.append(Mutant(name, module, path, min(lines), max(ends), place.function, tree, place, new))
    return found


def _places(node: ast.AST, function: str | None, inner: str) -> Iterator[Place]:
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "type_comment", "pattern"):
            continue
        in_body = field == "body" or not isinstance(node, _FUNCTION)
        owner, within = (function, inner) if in_body else (None, inner)
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(child, ast.AST) or isinstance(child, ast.Assert):
                continue
            yield Place(node, field, index, owner, within)
            if isinstance(child, (*_FUNCTION, ast.ClassDef)):
                path = f"{within}.{child.name}" if within else child.name
                yield from _places(child, owner or (path if isinstance(child, _FUNCTION) else None), path)
            else:
                yield from _places(child, owner, within)


def _changed(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(left, operators, others):
            for position, operator in enumerate(operators):
                swapped = [*operators[:position], _COMPARED[type(operator)](), *operators[position + 1 :]]
                yield ast.Compare(left, swapped, others)
        case ast.Constant(bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(int() as value):
            yield ast.Constant(value + 1)
            yield ast.Constant(value - 1)
        case ast.UnaryOp(ast.Not(), operand):
            yield operand
        case ast.BoolOp(operator, values):
            yield ast.BoolOp(ast.Or() if isinstance(operator, ast.And) else ast.And(), values)
            for position in range(len(values)):
                rest = [*values[:position], *values[position + 1 :]]
                yield rest[0] if len(rest) == 1 else ast.BoolOp(operator, rest)
        case ast.BinOp(left, operator, right) if type(operator) in _CALCULATED:
            yield ast.BinOp(left, _CALCULATED[type(operator)](), right)
        case ast.AugAssign():
            yield ast.Pass()
        case ast.Call(ast.Name(name), arguments, keywords) if name in _OTHER_CALL:
            yield ast.Call(ast.Name(_OTHER_CALL[name], ast.Load()), arguments, keywords)
        case ast.If(test, body, other):
            yield ast.If(ast.UnaryOp(ast.Not(), test), body, other)
        case ast.IfExp(test, body, other):
            yield ast.IfExp(ast.UnaryOp(ast.Not(), test), body, other)
        case ast.comprehension(target, source, [_, *_], is_async):
            yield ast.comprehension(target, source, [], is_async)
        case ast.match_case(pattern, guard, body) if not _is_never(body[0]):
            yield ast.match_case(pattern, ast.Constant(False), body)
            if guard is not None:
                yield ast.match_case(pattern, None, body)
        case ast.Return(value) if value is not None and ast.unparse(value) not in ("None", "False"):
            yield ast.Return(ast.Constant(None))
        case ast.Expr(ast.Call()) if not _is_never(node):
            yield ast.Pass()


def _is_never(node: ast.AST) -> bool:
    """What the type checker proves to be never reached."""
    return ast.unparse(node).startswith("assert_never(")


def _shown(node: ast.AST) -> str:
    if isinstance(node, ast.match_case):
        return f"case {ast.unparse(node.pattern)}" + (f" if {ast.unparse(node.guard)}" if node.guard else "")
    lines = ast.unparse(node).splitlines()
    return lines[0] if len(lines) == 1 or isinstance(node, ast.expr) else f"{lines[0]} ..."
