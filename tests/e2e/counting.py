"""Jobs that take three seconds, whose log shows whether anything disturbed them."""

COMMAND = """
set +x
i=0
while [ $i -lt 30 ]; do echo "line $i"; i=$((i + 1)); sleep 0.1; done
exit $CODE
"""
LINES = [f"line {number}" for number in range(30)]


def start(api, count):
    """So many of them, running, each with another exit code; their ids."""
    definition = api.define(COMMAND, memory=16)
    runs = [api.execute(definition, env=[{"name": "CODE", "value": str(code)}]) for code in range(count)]
    for run in runs:
        api.wait(run["run_id"], "RUNNING")
    return [run["run_id"] for run in runs]


def assert_undisturbed(api, runs):
    """Each of them ends with its own exit code and its whole log."""
    for code, run_id in enumerate(runs):
        assert api.wait(run_id, timeout=30)["exit_code"] == code
        assert api.output(run_id) == LINES
