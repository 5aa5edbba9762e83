"""Over the whole corpus of ordinary functions, POET keeps its word; `benchmarks/corpus.py` prints it."""

import sys
import warnings
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from corpus.measure import measure  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    """The corpus decorated and called once, without a model; all tests read the same figures."""
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in ("POET_MODEL", "POET_GENERATE", "POET_APPROVAL", "POET_DIR", "POET_ENABLED"):
            patch.delenv(name, raising=False)
        return measure(tmp_path_factory.mktemp("corpus"))


def listed(misses):
    return "\n".join(str(miss) for miss in misses[:20])


def test_corpus_is_large_and_sound(figures):
    """Enough functions, calls and violations; every violation passes the plain function."""
    assert figures.functions >= 250
    assert figures.kept.total >= 1000
    assert figures.rejected.total >= 500
    assert figures.right.total >= 150
    assert not figures.unsound, listed(figures.unsound)


def test_behaviour_is_kept(figures):
    """Every call inside the contract answers exactly as the plain function: value, type,
    exception, arguments, output, log, files, requests."""
    assert not figures.kept.misses, listed(figures.kept.misses)


def test_right_calls_are_never_refused(figures):
    """A bool for an int, a NumPy scalar for a number, a subclass, None for a None default."""
    assert not figures.right.misses, listed(figures.right.misses)


def test_violations_are_refused(figures):
    """At least nine in ten calls that break an annotation are refused before the function runs."""
    assert figures.rejected.share >= 0.90, listed(figures.rejected.misses)


def test_refusals_name_argument_expected_and_given(figures):
    """The message is all that somebody needs to mend the call."""
    assert not figures.named.misses, listed(figures.named.misses)


def test_functions_are_enhanced_at_the_first_call(figures):
    """Without model, key or configuration a stored version runs, and every answer is right."""
    assert figures.enhanced.share >= 0.95, listed(figures.enhanced.misses)
