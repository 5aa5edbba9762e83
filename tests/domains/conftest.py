"""What the tests of domains share: a misbehaving server, and versions written from a text."""

import importlib.util
import inspect
import sys
from pathlib import Path

import pytest

from poet import domains
from poet.generate.gate.audit import audit
from poet.generate.gate.contract import check_contract
from poet.generate.gate.manifest import manifest_of
from poet.runtime.loader import load
from poet.source import FunctionSource
from poet.spec import Spec

SERVER = Path(__file__).parents[2] / "benchmarks" / "fault_server.py"


def imported(file: Path, name: str):
    """Import a file under a name."""
    spec = importlib.util.spec_from_file_location(name, file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def server():
    """Give the address of a misbehaving server and its record."""
    with imported(SERVER, "fault_server").serving() as serving:
        yield serving


class ApiVersion:
    """A module's text, one of its functions, and the version that the api blueprint writes."""

    count = 0

    def __init__(self, folder: Path, text: str, qualname: str, **spec) -> None:
        ApiVersion.count += 1
        file = folder / f"client_{ApiVersion.count}.py"
        file.write_text(text)
        self.module = imported(file, file.stem)
        found = self.module
        for part in qualname.split("."):
            found = inspect.getattr_static(found, part)
        self.original = getattr(found, "__func__", found)
        self.source = FunctionSource.in_file(file, qualname)
        self.spec = Spec(domain="api", **spec)
        self.domain = domains.load("api")
        self.text = self.domain.blueprint(self.source, self.spec)
        self.entry = load(
            self.text, str(folder / "enhanced.py"), self.original, self.source.name
        ).entry

    def findings(self) -> list:
        """What the static stages of the gate say of the text."""
        manifest = manifest_of(self.source, self.spec, self.domain)
        found = check_contract(self.text, self.source) + audit(self.text, manifest)
        return [f for f in found if f.severity == "error"]


@pytest.fixture
def api(tmp_path):
    """Write the api version of a function in a text."""
    return lambda text, name, **spec: ApiVersion(tmp_path, text, name, **spec)
