"""What the web page asks of the server: its own files, and the parts of the API that are there for it."""
import gzip
import re

import pytest

from api import fetch
from eventually import eventually
from test_door import send


def test_the_page_is_at_the_root_and_at_each_of_its_views(server):
    status, headers, document = fetch(server, "/")
    assert status == 200 and headers["Content-Type"] == "text/html; charset=utf-8"
    assert "script-src 'self';" in headers["Content-Security-Policy"]
    assert b"<script>" not in document and b"style=" not in document
    for path in ("/tasks", "/tasks/alias/x", "/tasks/x/edit", "/runs", "/runs/x", "/sign-in"):
        assert fetch(server, path)[0::2] == (200, document)


def test_a_slash_at_the_end_of_a_place_leads_to_it(server):
    for path, place in (("/tasks/", "../tasks"), ("/runs/x/?tab=json&a=%2F", "../x?tab=json&a=%2F"), ("/sign-in/", "../sign-in")):
        status, headers, _ = fetch(server, path, Accept="text/html")
        assert (status, headers["Location"]) == (308, place)
    status, headers, _ = fetch(server, "/no/such/place/", Accept="text/html")
    assert status == 404 and headers["Content-Type"] == "text/html; charset=utf-8"
    for path in ("/no/such/place/", "/api/v1/task/", "//evil.example/", "/\\evil.example/"):
        status, headers, _ = fetch(server, path)
        assert status == 404 and headers["Content-Type"].startswith("application/json")


def test_its_files_are_kept_and_come_compressed(server):
    _, _, document = fetch(server, "/")
    script = re.search(rb'src="(/assets/[^"]+\.js)"', document).group(1).decode()
    status, headers, plain = fetch(server, script)
    assert status == 200 and headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert "immutable" in headers["Cache-Control"]
    _, headers, packed = fetch(server, script, Accept_Encoding="gzip, deflate")
    assert headers["Content-Encoding"] == "gzip" and gzip.decompress(packed) == plain
    assert fetch(server, script, If_None_Match=headers["ETag"], Accept_Encoding="gzip")[0] == 304


def test_who_is_no_browser_is_told_in_json_that_there_is_nothing(server):
    status, headers, _ = fetch(server, "/nothing")
    assert status == 404 and headers["Content-Type"].startswith("application/json")
    assert send(server, "POST", "/tasks")[0] == 404
    assert send(server, "GET", "/api/nothing", Accept="text/html")[0] == 404


def test_how_the_newest_runs_of_definitions_went(api):
    one, other, idle = api.define("exit ${E:-0}"), api.define("true"), api.define("true")
    first = api.wait(api.execute(one)["run_id"])
    second = api.wait(api.execute(one, env=[{"name": "E", "value": "3"}])["run_id"])
    third = api.wait(api.execute(other)["run_id"])
    query = "&".join(f"definition_id={each['definition_id']}" for each in (other, one, idle))
    recent = api.ok("GET", f"/api/v1/recent_runs?{query}")["recent_runs"]
    assert set(recent) == {one["definition_id"], other["definition_id"]}
    assert [run["run_id"] for run in recent[one["definition_id"]]] == [second["run_id"], first["run_id"]]
    assert recent[one["definition_id"]][0] == {
        name: second[name]
        for name in ("run_id", "status", "exit_code", "exit_class", "queued_at", "started_at", "finished_at")}
    assert recent[other["definition_id"]][0]["run_id"] == third["run_id"]
    limited = api.ok("GET", f"/api/v1/recent_runs?{query}&limit=1")["recent_runs"]
    assert len(limited[one["definition_id"]]) == 1


@pytest.mark.parametrize("query", ["", "?limit=5", "?definition_id=x&limit=0", "?definition_id=x&limit=101"])
def test_recent_runs_of_nothing_are_refused(api, query):
    assert api.get(f"/api/v1/recent_runs{query}")[0] == 400


def test_images_are_those_at_hand_and_those_in_use(api):
    api.define("true", image="elsewhere.example/zoo:1")
    images = {image["name"]: image["at_hand"] for image in api.ok("GET", "/api/v1/images")["images"]}
    assert images["debian:12"] is True
    assert images["elsewhere.example/zoo:1"] is False


def test_any_lines_of_a_log_are_read_and_found(api):
    run = api.finish("set +x; seq 1 20000; printf 'the end'")
    path = f"/api/v1/{run['run_id']}/logs"
    last = api.ok("GET", f"{path}/lines?count=2")
    assert last["lines"] == ["20000", "the end"] and last["first"] == last["total"] - 1
    middle = api.ok("GET", f"{path}/lines?first=10000&count=3")
    assert middle["lines"] == ["9998", "9999", "10000"] and middle["first"] == 10000
    assert api.ok("GET", f"{path}?last_seen={last['last_seen']}")["log"] == ""
    assert api.ok("GET", f"{path}/search?text=THE%20end&ignore_case") == {"total": 1, "lines": [last["total"]]}
    assert api.ok("GET", f"{path}/search?text=999")["total"] == 38
    for wrong in ("lines?first=0", "lines?count=x", "lines?count=10001", "search", "search?text=", "search?text=a%0Ab",
                  "lines?attempt=x"):
        assert api.get(f"{path}/{wrong}")[0] == 400, wrong
    assert api.get(f"{path}/lines?attempt=2")[0] == 404


def test_lines_of_a_live_log_go_on_in_its_stream(api):
    run = api.start("set +x; echo one; sleep 600")
    path = f"/api/v1/{run['run_id']}/logs"
    lines = eventually(lambda: "one" in (page := api.ok("GET", f"{path}/lines"))["lines"] and page)
    assert api.ok("GET", f"{path}?last_seen={lines['last_seen']}")["log"] == ""
    api.stop(run)
    api.wait(run["run_id"])


def test_a_browser_signs_in_and_out(make_server):
    server = make_server(**{"auth.mode": "token"}).start()
    token = server.use_token("ada")
    origin = {"Origin": f"http://{server.address}"}
    status, headers, answer = send(server, "POST", "/api/v1/session", f'{{"token": "{token}"}}', **origin)
    assert status == 200 and answer == {"name": "ada", "auth_mode": "token"}
    cookie = headers["Set-Cookie"]
    assert cookie.startswith(f"flotilla_token={token}; ") and "HttpOnly; SameSite=Strict" in cookie
    signed_in = {"Cookie": f"flotilla_token={token}"}
    assert send(server, "GET", "/api/v1/whoami", **signed_in)[2]["name"] == "ada"
    body = '{"alias": "a", "group_name": "g", "image": "base", "memory": 32, "command": "true"}'
    assert send(server, "POST", "/api/v1/task", body, **signed_in)[0] == 403
    assert send(server, "POST", "/api/v1/task", body, **signed_in, Origin="http://evil.example")[0] == 403
    assert send(server, "POST", "/api/v1/task", body, **signed_in, **origin)[0] == 200
    assert send(server, "POST", "/api/v1/session", '{"token": "flt_x"}', **origin)[0] == 401
    assert "Max-Age=0" in send(server, "DELETE", "/api/v1/session", **origin)[1]["Set-Cookie"]
    assert fetch(server, "/")[0] == 200  # the page itself is open to everybody: it asks for the token
    assert token not in server.log_path.read_text()


def test_where_no_token_is_asked_for_nobody_signs_in(server):
    assert send(server, "POST", "/api/v1/session", '{"token": "x"}')[0] == 400
