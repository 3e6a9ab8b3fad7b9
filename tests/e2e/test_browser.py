"""What pages of another site can do to the server, tried from a real browser. Each attack is tried twice: by a site that
nobody allowed, which must get nothing, and by one that the configuration names, which shows that the attempts work."""
import pytest

from browser import Rebinding, Site, page, visit

READS = {"read", "read without asking", "read as script", "follow a log", "open a socket"}


@pytest.fixture
def site():
    made = Site()
    yield made
    made.close()


@pytest.fixture
def attacked(make_server, site):
    """A server that allows the site friend.example, with something to read, to change and to remove."""
    server = make_server(**{
        "http.server.cors_allowed_origins": f"['http://friend.example:{site.port}']",
        "http.server.allowed_hosts": "[friend.example]",
    }).start()
    definition = server.api.define("echo nobody else may read this; sleep 600")
    run = server.api.execute(definition)
    server.api.wait(run["run_id"], "RUNNING")
    server.targets = {"definition": definition["definition_id"], "run": run["run_id"],
                      "spare": server.api.define("true")["definition_id"]}
    return server


def state_of(server):
    """Everything that a request could change."""
    return [server.api.ok("GET", path) for path in ("/api/v1/task", "/api/v1/history")]


def visit_cross_site(server, site, host, folder):
    site.content = page("cross_site.js", {**server.targets, "api": f"http://{server.address}", "reportTo": "/report"})
    return visit(f"http://{host}:{site.port}/page", site, folder / "profile")


def visit_rebinding(server, site, host, folder):
    settings = {**server.targets, "api": "", "reportTo": f"http://site.example:{site.port}/report"}
    rebinding = Rebinding(int(server.address.rpartition(":")[2]), page("rebinding.js", settings))
    try:
        return visit(f"http://{host}:{rebinding.port}/page", site, folder / "profile", Rebinding.ADDRESS)
    finally:
        rebinding.close()


def test_a_page_of_another_site_reads_nothing_and_changes_nothing(attacked, site, tmp_path):
    before = state_of(attacked)
    outcomes = visit_cross_site(attacked, site, "evil.example", tmp_path)
    assert state_of(attacked) == before
    nothing = ("failed", "unreadable", {"status": 0, "text": ""})
    assert outcomes.pop("send a beacon") is True  # it is on its way; nobody says what came of it
    assert {name: outcome for name, outcome in outcomes.items() if outcome not in nothing} == {}
    assert READS < outcomes.keys()


def test_a_page_of_an_allowed_site_reads_and_changes_by_the_same_attempts(attacked, site, tmp_path):
    outcomes = visit_cross_site(attacked, site, "friend.example", tmp_path)
    assert attacked.targets["definition"] in outcomes["read"]["text"]
    assert "nobody else may read this" in outcomes["follow a log"]
    for name in ("post JSON", "update", "execute", "report a status", "remove"):
        assert outcomes[name]["status"] == 200, (name, outcomes[name])
    definitions, runs = state_of(attacked)
    aliases = {definition["alias"] for definition in definitions["definitions"]}
    assert {"text", "form-type", "json", "form", "beacon"} < aliases
    assert runs["total"] == 2


def test_a_page_whose_name_is_moved_to_the_server_gets_nothing(attacked, site, tmp_path):
    before = state_of(attacked)
    outcomes = visit_rebinding(attacked, site, "rebind.example", tmp_path)
    assert state_of(attacked) == before
    assert {name: outcome["status"] for name, outcome in outcomes.items()} == {
        "read": 421, "post": 421, "update": 421, "remove": 421}
    assert not any(attacked.targets["definition"] in outcome["text"] for outcome in outcomes.values())


def test_a_page_under_a_name_of_the_server_is_its_own(attacked, site, tmp_path):
    outcomes = visit_rebinding(attacked, site, "friend.example", tmp_path)
    assert {outcome["status"] for outcome in outcomes.values()} == {200}
    assert attacked.targets["definition"] in outcomes["read"]["text"]
