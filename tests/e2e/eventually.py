"""Waiting for what another process does, by looking again until a deadline."""
import time


def eventually(look, timeout=15.0, interval=0.02):
    """Calls `look` until it returns something true and returns that. Fails after `timeout` seconds with what it
    returned last. A failed assertion inside counts as "not yet"."""
    deadline = time.monotonic() + timeout
    while True:
        problem = None
        try:
            seen = look()
            if seen:
                return seen
        except AssertionError as error:
            seen, problem = None, error
        if time.monotonic() > deadline:
            raise AssertionError(f"not so within {timeout} s: {problem or repr(seen)}")
        time.sleep(interval)
