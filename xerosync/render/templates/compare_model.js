"use strict";
// The page's comparison: organisations are columns, accounts are rows. The `at` of a row has the
// number of each organisation's cell. Without a cell, an account of the standard is the same, and
// any other account is not there. A cell is [state, found, wanted, differs, splits, reasons, …].
const byId = (id) => document.getElementById(id);
const { states, fields, mark, tags, books, accounts, lines, cells, texts } = JSON.parse(
  byId("data").textContent,
);

const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim();
const number = (value) => value.toLocaleString("en");
const part = (left, all) => (left === all ? number(left) : `${number(left)} of ${number(all)}`);
const plural = (value, noun) => `${noun}${value === 1 ? "" : "s"}`;
const of = (value, noun) => `${number(value)} ${plural(value, noun)}`;
const lineAt = (at) => (at < 0 ? null : lines[at].map((text) => texts[text]));

const columns = books.map(([name, file, country, id, ownTags], index) => ({
  index, name, file, country, id, tags: ownTags, text: plain(`${name}\n${file}`), plain: plain(name),
}));
const rows = accounts.map(([line, flags, place, flat], index) => {
  const at = new Map();
  const said = new Set();
  for (let i = 0; i < flat.length; i += 2) {
    at.set(flat[i], flat[i + 1]);
    const found = cells[flat[i + 1]][1];
    if (found >= 0) said.add(texts[lines[found][0]]).add(texts[lines[found][1]]);
  }
  const [code, name, type, tax] = lineAt(line);
  const own = !(flags & 1);
  const text = plain([code, name, ...said].join("\n"));
  return { index, code, name, type, tax, line, extra: own, optional: flags & 2, place, at, text };
});

const titled = (row) => `${row.code} ${row.name || "(no name)"}`.trim();
const signOf = (cell) => states[cell[0]][0] + (cell[11] ? mark[0] : "");
const stateOf = (row, one) => (row.at.has(one.index) ? cells[row.at.get(one.index)] : null);
const said = (row, one) => {
  const cell = stateOf(row, one);
  if (!cell) return row.extra ? "not there" : states[0][1];
  const found = lineAt(cell[1]);
  const differs = fields.map((_, at) => at).filter((at) => cell[3] & (1 << at));
  const values = found && differs.length ? `, ${differs.map((at) => found[at] || "(none)").join(", ")}` : "";
  return `${states[cell[0]][1]}${values}${cell[11] ? `, ${mark[1]}` : ""}`;
};
