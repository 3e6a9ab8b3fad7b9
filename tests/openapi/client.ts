// A client as a stranger writes it, from the types that openapi-typescript makes of docs/openapi.yaml:
// client.js SERVER IMAGE defines a job, runs it, waits for it, reads its log and finds it again in lists.
// It prints what it saw as JSON.
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

declare const process: { argv: string[]; pid: number };  // all that it takes of Node

type Run = components["schemas"]["Run"];

const [server, image] = process.argv.slice(2);
if (server === undefined || image === undefined) {
  throw new Error("usage: client.js SERVER IMAGE");
}
const api = createClient<paths>({ baseUrl: server });
const name = `generated-client-${process.pid}`;

function good<Data>(answer: { data?: Data; error?: { error: string }; response: Response }): Data {
  if (answer.data === undefined) {
    throw new Error(`${answer.response.status} ${answer.error?.error}`);
  }
  return answer.data;
}

async function ended(run_id: string): Promise<Run> {
  for (let look = 0; look < 300; ++look) {
    const run = good(await api.GET("/api/v1/history/{run_id}", { params: { path: { run_id } } }));
    if (run.status === "STOPPED") {
      return run;
    }
    await new Promise((resume) => setTimeout(resume, 100));
  }
  throw new Error(`run ${run_id} does not end`);
}

async function log(run_id: string): Promise<string[]> {
  const pages: string[] = [];
  let last_seen: string | undefined;
  for (;;) {
    const query = last_seen === undefined ? {} : { last_seen };
    const page = good(await api.GET("/api/v1/{run_id}/logs", { params: { path: { run_id }, query } }));
    if (typeof page === "string" || page.last_seen === undefined || page.last_seen === last_seen) {
      return pages.join("\n").split("\n");
    }
    last_seen = page.last_seen;
    pages.push(page.log);
  }
}

const refused = await api.POST("/api/v1/task", {
  body: { alias: name, group_name: "not a name", image, memory: 32, command: "true" },
});
const definition = good(
  await api.POST("/api/v1/task", {
    body: { alias: name, group_name: "clients", image, memory: 32, command: "echo hello $USERNAME; exit 3", tags: ["ts"] },
  }),
);
const { definition_id } = definition;
const queued = good(
  await api.PUT("/api/v4/task/{definition_id}/execute", {
    params: { path: { definition_id } },
    body: { env: [{ name: "USERNAME", value: "ada" }], run_tags: { owner_id: "ada" } },
  }),
);
const run = await ended(queued.run_id);
const found = good(
  await api.GET("/api/v1/task/{definition_id}/history", {
    params: {
      path: { definition_id },
      query: { status: ["STOPPED", "RUNNING"], user: ["ada"], exit_code: [3], sort_by: "finished_at", order: "desc" },
    },
  }),
);
const definitions = good(await api.GET("/api/v1/task", { params: { query: { tags: ["ts"], alias: [name] } } }));
const missing = await api.GET("/api/v1/history/{run_id}", { params: { path: { run_id: "nope" } } });

console.log(
  JSON.stringify({
    refused: [refused.response.status, refused.error?.error],
    queued: queued.status,
    ended: [run.status, run.exit_code ?? null],
    log: await log(run.run_id),
    found: found.history.map((each) => each.run_id === run.run_id),
    definitions: definitions.definitions.map((each) => each.definition_id === definition_id),
    missing: [missing.response.status, missing.error?.error],
  }),
);
