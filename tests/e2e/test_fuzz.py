"""Requests that nobody thought of, made from the API's document; tests/long/api_fuzz sends more of them."""
from api_fuzzer import FUZZED_CLUSTERS, fuzz


def test_no_request_brings_an_answer_that_is_not_documented(make_server):
    server = make_server(clusters=FUZZED_CLUSTERS).start()
    statuses = fuzz(server, 1500, first_seed=1)
    assert statuses[200] > 500 and statuses[400] > 150 and statuses[404] > 100
