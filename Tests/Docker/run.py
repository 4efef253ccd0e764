#!/usr/bin/env python3
"""What lies in docker/ is tried with the programs that will read it: run.py [--program .build/debug/screenpop] [--promtool FILE] [NAME ...]

A program that is missing is a failure: a check that did not run proves nothing.
"""

import argparse
import pathlib
import sys
import tempfile
import traceback

import balancer
import composition
import files
import monitoring
import redis_users
import support


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--program", default=".build/debug/screenpop", help="the built screenpop")
    arguments.add_argument("--promtool", default="promtool", help="where that is, when it is not on the PATH")
    arguments.add_argument("names", nargs="*", help="only these: xml_files, compose_schema, ...")
    options = arguments.parse_args()
    checks = [check for module in (files, composition, monitoring, redis_users, balancer) for check in module.CHECKS]
    unknown = set(options.names) - {check.__name__ for check in checks}
    if unknown:
        sys.exit(f"there is no check {', '.join(sorted(unknown))}; there are {', '.join(check.__name__ for check in checks)}")
    passed = failed = 0
    for check in checks:
        if options.names and check.__name__ not in options.names:
            continue
        with tempfile.TemporaryDirectory(prefix="screenpop-docker-") as folder:
            bench = support.Bench(pathlib.Path(folder), pathlib.Path(options.program).resolve(), options.promtool)
            try:
                check(bench)
                passed += 1
                print(f"ok      {check.__name__}: {check.__doc__}", flush=True)
            except Exception as error:
                failed += 1
                place = traceback.extract_tb(error.__traceback__)[-1]
                print(f"FAILED  {check.__name__}: {error} ({pathlib.Path(place.filename).name}:{place.lineno})", flush=True)
            finally:
                bench.end()
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
