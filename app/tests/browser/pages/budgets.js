// What of the page is heavier than it may be, in KB: as it is, and compressed.
const [mostScript] = arguments;
const faults = [];
const files = performance.getEntriesByType("resource");
const of = (ending) => files.filter(({ name }) => new URL(name).pathname.endsWith(ending));
const parts = [
  ["page", performance.getEntriesByType("navigation"), 60, 10],
  ["style", of(".css"), 20, 6],
  ["script", of(".js"), mostScript, mostScript],
];
for (const [name, entries, most, mostCompressed] of parts) {
  const sum = (size) => entries.reduce((sum, entry) => sum + entry[size], 0);
  const [bytes, compressed] = [sum("decodedBodySize"), sum("encodedBodySize")];
  if (bytes === 0) faults.push(`no ${name}`);
  if (bytes > most * 1024) faults.push(`${name}: ${bytes} bytes`);
  if (compressed > mostCompressed * 1024) faults.push(`${name}: ${compressed} bytes, compressed`);
}
return faults;
