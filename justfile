# What contributors run. Needs https://just.systems, which `pip install -e ".[dev]"` brings.

_list:
    @just --list --unsorted

# install everything into the current virtual environment, and the git hooks
setup:
    pip install -e ".[dev]"
    pre-commit install

# run the tests, or only some: just test tests/api -k retry
test *arguments:
    pytest {{ arguments }}

# check style and imports
lint:
    ruff check .
    ruff format --check .
    lint-imports

# check types
types:
    mypy

# renew the generated parts of the docs, and dbt's sources
docs:
    python docs/generate.py

# build the pages as a site in build/site; needs the extra docs
site:
    python docs/build_site.py

# pin all packages again, the newest that fit: just lock --upgrade
lock *arguments:
    .ci/lock {{ arguments }}

# measure: just bench --quick --output /tmp
bench *arguments:
    python benchmarks/run.py {{ arguments }}

# load made-up events into airmeet.duckdb
demo:
    python pipelines/run.py --demo

# look at the demo's report and keep the picture for the README
picture:
    python docs/picture.py

# everything that the build server does
ci:
    .ci/run
