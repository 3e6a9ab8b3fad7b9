const readScript = () => new Promise((resolve) => {
  const script = document.createElement("script");
  script.src = settings.api + "/api/v1/task";
  script.onload = () => resolve("loaded");
  script.onerror = () => resolve("failed");
  document.body.append(script);
});

const followLog = () => new Promise((resolve) => {
  const source = new EventSource(settings.api + `/api/v1/${settings.run}/logs/stream`);
  const done = (outcome) => { source.close(); resolve(outcome); };
  source.onmessage = (event) => done(event.data);
  source.onerror = () => done("failed");
});

const openSocket = () => new Promise((resolve) => {
  const socket = new WebSocket(settings.api.replace("http", "ws") + "/api/v1/task");
  socket.onopen = () => resolve("open");
  socket.onerror = () => resolve("failed");
});

// A form can send JSON as its text: the name is the beginning of it and the value is the end.
const postForm = () => new Promise((resolve) => {
  const frame = document.createElement("iframe");
  frame.name = "answer";
  document.body.append(frame);
  const form = document.createElement("form");
  Object.assign(form, { action: settings.api + "/api/v1/task", method: "post", enctype: "text/plain", target: "answer" });
  const field = document.createElement("input");
  const [name, value] = JSON.stringify({ ...definition("form"), user: "=" }).split("=");
  Object.assign(field, { type: "hidden", name, value });
  form.append(field);
  document.body.append(form);
  frame.onload = () => {
    try {
      resolve(frame.contentDocument.body.innerText);
    } catch (error) {
      resolve("unreadable");
    }
  };
  form.submit();
});

(async () => {
  const task = `/api/v1/task/${settings.definition}`;
  await attempt("read", send("GET", "/api/v1/task", null));
  await attempt("read without asking", send("GET", "/api/v1/task", null, "", "no-cors"));
  await attempt("read as script", readScript);
  await attempt("follow a log", followLog);
  await attempt("open a socket", openSocket);
  await attempt("post text", send("POST", "/api/v1/task", definition("text"), "text/plain", "no-cors"));
  await attempt("post a form type", send("POST", "/api/v1/task", definition("form-type"),
                                         "application/x-www-form-urlencoded", "no-cors"));
  await attempt("post JSON", send("POST", "/api/v1/task", definition("json"), "application/json"));
  await attempt("post a form", postForm);
  await attempt("send a beacon", async () =>
    navigator.sendBeacon(settings.api + "/api/v1/task", JSON.stringify(definition("beacon"))));
  await attempt("update", send("PUT", task, { memory: 17 }, "application/json"));
  await attempt("execute", send("PUT", task + "/execute", { env: [] }, "text/plain"));
  await attempt("report a status", send("PUT", `/api/v1/${settings.run}/status`, { status: "STOPPED" }, "text/plain"));
  await attempt("stop", send("DELETE", `${task}/history/${settings.run}`, null));
  await attempt("remove", send("DELETE", `/api/v1/task/${settings.spare}`, null));
  await report();
})();
