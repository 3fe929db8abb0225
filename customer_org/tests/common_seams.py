# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Where our addons touch core: methods we override or call, and views we extend.

``core_seams.json`` pins it, ``./dev seams`` writes that file anew, ``test_core_seams`` compares.
"""

import ast
import inspect
import json
import textwrap
from pathlib import Path
from typing import NamedTuple

from odoo.http import Controller

PINNED = Path(__file__).parent / "core_seams.json"
OURS = "odoo.addons.customer_org"


class Override(NamedTuple):
    """A method of ours that overrides one of core's.

    ``name`` is ``model.method``, ``core`` the signature of the overridden method, ``why`` the
    first sentence that our method says of itself.
    """

    name: str
    addon: str
    place: str
    core: str
    why: str
    calls_super: bool


def is_ours(cls):
    return cls.__module__.startswith(OURS) and ".tests." not in cls.__module__


def get_addon(cls):
    """Return the addon in which a class is written, or None."""
    return (cls.__module__.split(".") + [None] * 3)[2] if "addons" in cls.__module__ else None


def get_overrides(env):
    """Return the overrides of core's model methods and controllers, by name."""
    found = {}
    for model_name in sorted(env.registry):
        mro = type(env[model_name]).mro()
        if is_ours(next(base for base in reversed(mro) if _defines(base, model_name))):
            continue
        for override in _get_class_overrides(mro, model_name):
            found.setdefault((override.name, override.place), override)
    for cls in sorted(_get_subclasses(Controller), key=lambda cls: (cls.__module__, cls.__name__)):
        if is_ours(cls):
            for override in _get_class_overrides(cls.mro(), cls.__name__, own=True):
                found.setdefault((override.name, override.place), override)
    return sorted(found.values())


def _defines(cls, model_name):
    """Whether a class is one of those that make up a model, mixins and the ORM's left out."""
    inherited = vars(cls).get("_inherit") or ()
    return vars(cls).get("_name") == model_name or model_name in (
        [inherited] if isinstance(inherited, str) else inherited
    )


def _get_subclasses(cls):
    for child in cls.__subclasses__():
        yield child
        yield from _get_subclasses(child)


def _get_class_overrides(mro, model_name, own=False):
    """Yield what classes of ours override in a model, or the first class of ``mro`` its ``own``."""
    for index, cls in enumerate(mro[:1] if own else mro):
        # What extends all models is one override, of the model "base".
        if not is_ours(cls) or (_defines(cls, "base") and model_name != "base"):
            continue
        for name, function in vars(cls).items():
            function = getattr(function, "__func__", function)
            if not inspect.isfunction(function) or name.startswith("__"):
                continue
            below = next((base for base in mro[index + 1 :] if name in vars(base)), None)
            if below is None or is_ours(below):
                continue
            function = inspect.unwrap(function)
            yield Override(
                name=f"{model_name}.{name}",
                addon=get_addon(cls),
                place=cls.__module__.removeprefix("odoo.addons."),
                core=get_signature(vars(below)[name]),
                why=_get_reason(function),
                calls_super=_calls_super(function),
            )


def get_signature(function):
    """Return the parameters of a function as text, without annotations."""
    function = inspect.unwrap(getattr(function, "__func__", function))
    signature = inspect.signature(function)
    parameters = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for parameter in signature.parameters.values()
    ]
    return str(signature.replace(parameters=parameters, return_annotation=signature.empty))


def _get_tree(function):
    return ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]


def _get_reason(function):
    """Return the first sentence of the docstring, else of the first comment."""
    text = inspect.getdoc(function) if function.__doc__ else ""
    if not text:
        lines = [line.strip() for line in inspect.getsource(function).splitlines()]
        first = next((number for number, line in enumerate(lines) if line[:1] == "#"), len(lines))
        comment = []
        for line in lines[first:]:
            if not line.startswith("#"):
                break
            comment.append(line.lstrip("# "))
        text = " ".join(comment)
    paragraph = " ".join(text.partition("\n\n")[0].split())
    return paragraph.partition(". ")[0].rstrip(".")


def _calls_super(function):
    return any(
        isinstance(node, ast.Call) and getattr(node.func, "id", "") == "super"
        for node in ast.walk(_get_tree(function))
    )


def get_private_calls(env):
    """Return ``{method: {class: signature}}`` of core's private methods that our code calls."""
    classes = {cls for name in env.registry for cls in type(env[name]).mro()}
    ours = {name for cls in classes if is_ours(cls) for name in vars(cls)}
    called = set()
    for path in sorted(Path(__file__).parent.parent.parent.glob("customer_org*/**/*.py")):
        if "tests" not in path.parts:
            called |= {
                node.func.attr
                for node in ast.walk(ast.parse(path.read_text()))
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            }
    called = {name for name in called - ours if name.startswith("_") and name[1:2] != "_"}
    wanted = _get_dependencies(env)
    classes = sorted(
        (f"{cls.__module__}.{cls.__qualname__}", cls)
        for cls in classes
        if cls.__module__.startswith("odoo.orm") or get_addon(cls) in wanted
    )
    return {name: found for name in sorted(called) if (found := _find_core(classes, name))}


def _get_dependencies(env):
    """Return the names of the addons that ours depend on, by whatever way."""
    modules = env["ir.module.module"].search([("name", "=like", "customer_org%")])
    return set(modules.upstream_dependencies(exclude_states=("",)).mapped("name"))


def _find_core(classes, name):
    """Return the signatures of a method by the class that has it."""
    found = {path: vars(cls).get(name) for path, cls in classes}
    found = {path: getattr(item, "__func__", item) for path, item in found.items()}
    return {path: get_signature(item) for path, item in found.items() if inspect.isfunction(item)}


def get_seams(env, tests=()):
    """Return what ``core_seams.json`` holds: overrides with their tests, and private calls."""
    tests = dict(tests)
    overrides = {}
    for override in get_overrides(env):
        pinned = overrides.setdefault(override.name, {"core": override.core, "test": ""})
        pinned["test"] = pinned["test"] or tests.get(override.name, "")
    return {"overrides": overrides, "calls": get_private_calls(env)}


def read_pinned():
    return json.loads(PINNED.read_text())
