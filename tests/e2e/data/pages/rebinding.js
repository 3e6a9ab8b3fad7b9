(async () => {
  await attempt("read", send("GET", "/api/v1/task", null));
  await attempt("post", send("POST", "/api/v1/task", definition("rebinding"), "application/json"));
  await attempt("update", send("PUT", `/api/v1/task/${settings.definition}`, { memory: 17 }, "application/json"));
  await attempt("remove", send("DELETE", `/api/v1/task/${settings.spare}`, null));
  await report();
})();
