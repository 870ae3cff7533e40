// What the first platform's front end does in the same browser: it sends credentials with each request to the API at `base`. Hands over
// how many of the routes in `paths` need a token, what cookies alone have opened of them, and what its own requests were answered.
const [base, paths, email, password, done] = arguments;
const ask = (method, path, { body, token, credentials = "include" } = {}) =>
  fetch(base + path, {
    method,
    credentials,
    headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
    body: body && JSON.stringify(body),
  });

const byCookiesAlone = async () => {
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, { security = [] }]) => ({ method: method.toUpperCase(), path, security })),
  );
  const [opened, closed] = [[], operations.filter(({ security }) => security.length > 0)];
  for (const { method, path, security } of closed) {
    const place = path.replace(/{[^}]+}/g, "1");
    const body = method === "GET" ? undefined : {};
    const isOptional = security.some((way) => Object.keys(way).length === 0);
    const expected = isOptional ? (await ask(method, place, { body, credentials: "omit" })).status : 401;
    const { status } = await ask(method, place, { body });
    if (status !== expected) opened.push(`${method} ${path}: ${status}, not ${expected}`);
  }
  return { asked: closed.length, opened };
};

const byToken = async () => {
  const session = await (await ask("POST", "/auth/login", { body: { email, password } })).json();
  const renewal = { body: { refresh_token: session.refresh_token } };
  const refreshed = await (await ask("POST", "/auth/refresh", renewal)).json();
  const token = refreshed.access_token;
  const me = await (await ask("GET", "/auth/me", { token })).json();
  const { status } = await ask("POST", "/auth/logout", { token, body: { refresh_token: refreshed.refresh_token } });
  return [me.email, status];
};

Promise.all([byCookiesAlone(), byToken()])
  .then(([cookies, token]) => done({ ...cookies, token }))
  .catch((error) => done({ failed: `${error}` }));
