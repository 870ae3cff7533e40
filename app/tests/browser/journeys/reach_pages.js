// What a script of another origin gets of the pages at `base` with the reader's cookies. Hands over what could be read of them.
const [base, done] = arguments;
// Nothing is said of the answer, and nothing of why there is none.
const sent = (path, fields) =>
  fetch(base + path, { method: "POST", mode: "no-cors", credentials: "include", body: new URLSearchParams(fields) }).catch(() => {});
const read = async (path) => {
  try {
    return await (await fetch(base + path, { credentials: "include" })).text();
  } catch {
    return null;
  }
};

const all = async () => {
  await sent("/guvenlik/oturumlar", {});
  await sent("/oturum/kapat", {});
  await sent("/tercihler/kampanya-postasi", { cevap: "ret", text_version: "1" });
  return Promise.all(["/guvenlik", "/siparisler", "/"].map(read));
};
all().then(done, (error) => done(`${error}`));
