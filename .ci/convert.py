"""Converts an export of casebook for four search engines, with its own pipeline, and names every error.

Called by .ci/sigma with the folder of the export. Correlations are converted where the engine knows them; noise filters
are applied once more, to the rules of the engine that takes them longest, so that they are proved too.
"""

import sys
from collections import Counter
from pathlib import Path

from sigma.backends.elasticsearch import ESQLBackend, LuceneBackend
from sigma.backends.opensearch import OpensearchLuceneBackend
from sigma.backends.splunk import SplunkBackend
from sigma.collection import SigmaCollection
from sigma.exceptions import SigmaError
from sigma.processing.pipeline import ProcessingPipeline

ENGINES = {
    "elasticsearch lucene": (LuceneBackend, False),
    "elasticsearch es|ql": (ESQLBackend, True),
    "opensearch lucene": (OpensearchLuceneBackend, False),
    "splunk": (SplunkBackend, True),
}


def documents(folder, *parts):
    """Every document below these folders as one collection. pySigma wants rules before the correlations over them."""
    files = [file for part in parts for file in sorted((folder / part).rglob("*.yml"))]
    collection = SigmaCollection.load_ruleset(files, collect_errors=True)
    return collection, [f"{error}" for rule in collection.rules for error in rule.errors]


def convert(engine, backend, folder, parts):
    """Converts these folders and gives the number of queries and the errors."""
    pipeline = ProcessingPipeline.from_yaml((folder / "pipeline.yml").read_text(encoding="utf-8"))
    collection, errors = documents(folder, *parts)
    collection.resolve_rule_references()
    converter = backend(processing_pipeline=pipeline, collect_errors=True)
    try:
        queries = converter.convert(collection)
    except SigmaError as error:
        # A correlation over a rule that could not be converted ends the run; the rule's own error is collected.
        queries = []
        errors.append(str(error).split(" in rule SigmaRule(")[0])
    errors += [f"{rule.title}: {error}" for rule, error in converter.errors]
    empty = [query for query in queries if not str(query).strip()]
    errors += ["an empty query"] * len(empty)
    print(f"{engine}: {len(collection)} documents, {len(queries)} queries, {len(errors)} errors")
    return [f"{engine}: {error}" for error in errors]


def main():
    folder = Path(sys.argv[1])
    errors = []
    for engine, (backend, correlates) in ENGINES.items():
        parts = ["rules", "known-errors"] + (["correlations"] if correlates else [])
        errors += convert(engine, backend, folder, parts)
    errors += convert("elasticsearch lucene, with filters", LuceneBackend, folder, ["rules", "filters"])
    for error, count in Counter(errors).most_common():
        print(f"error: {error} ({count}x)", file=sys.stderr)
    return 1 if errors else 0


sys.exit(main())
