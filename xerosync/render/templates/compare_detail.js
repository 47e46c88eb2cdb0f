// The details of a cell, an account or an organisation, beside the grid.
const detail = byId("detail");
const told = byId("told");

const button = (text, act) => {
  const element = make("button", "", text);
  element.type = "button";
  element.addEventListener("click", act);
  return element;
};
const table = (heads, bodies) =>
  make("table", "", "",
    make("thead", "", "", make("tr", "", "", ...heads.map((head) => {
      const element = make("th", "", head);
      element.scope = "col";
      return element;
    }))),
    make("tbody", "", "", ...bodies.map(([className, head, ...values]) => {
      const first = make("th", "", "", head);
      first.scope = "row";
      return make("tr", className, "", first, ...values.map((value) => make("td", "", "", value)));
    })));
const stateLine = (state, text, sign) =>
  make("p", "", "", make("span", `key k${state}`, sign || states[state][0]), ` ${text || states[state][1]}`);
const onlyButton = (one) =>
  button("Show only this organisation", () => {
    form.reset();
    book.value = one.name;
    apply();
    close();
  });
const onlyAccount = (row) =>
  button("Show only this account", () => {
    find.value = `${row.code} ${row.name}`.trim();
    apply();
    close();
  });

const cellDetail = (row, one) => {
  const cell = stateOf(row, one) || [0, row.extra ? -1 : row.line, -1, 0, 0, [], [], -1, 0, -1, 0, 0];
  const [state, found, wanted, differs, , reasons, at, note, own, splits, , untold] = cell;
  const standard = row.extra ? null : lineAt(wanted < 0 ? row.line : wanted);
  const has = lineAt(found);
  const none = row.extra && !row.at.has(one.index);
  // An account without a cell matches the standard. Leave out the tax rate, because the standard's
  // tax rate depends on the country.
  const compared = row.at.has(one.index) ? fields : fields.slice(0, 3);
  const values = compared.map((field, index) => [
    differs & (1 << index) ? "differs" : "",
    `${field}${differs & (1 << index) ? ", differs" : ""}${untold & (1 << index) ? ", not compared" : ""}`,
    named(has ? has[index] || "(none)" : "not there"),
    ...(standard ? [named(standard[index] || "(none)")] : []),
  ]);
  const place = at.length ? `${at[0] < 0 ? one.file : texts[at[0]]}:${at[1]}` : "";
  return [
    make("p", "", "", named(one.name)),
    none ? make("p", "", "not there") : stateLine(state, `${states[state][1]}: ${states[state][2]}${untold ? ` (${mark[1]})` : ""}`, signOf(cell)),
    has || standard ? table(["Field", "Found", ...(standard ? ["Standard"] : [])], values) : null,
    splits >= 0 ? make("p", "", texts[splits]) : null,
    ...reasons.map((reason) => make("p", "", "", "Reason: ", named(texts[reason]))),
    own ? make("p", "", "The organisation's file lists it as its own.") : null,
    note >= 0 ? make("p", "", "", named(texts[note])) : null,
    place ? make("p", "more", place) : null,
    row.place ? make("p", "more", `Standard: ${row.place}`) : null,
    make("div", "acts", "", onlyAccount(row), onlyButton(one)),
  ];
};
const MOST = 12;
const rowDetail = (row) => {
  const found = new Map();
  for (const [at, cell] of row.at) {
    const text = said(row, columns[at]);
    const group = `${cells[cell][0]} ${text}`;
    if (!found.has(group)) found.set(group, { state: cells[cell][0], sign: signOf(cells[cell]), text, names: [] });
    found.get(group).names.push(columns[at].name);
  }
  const groups = [...found.values()].sort((one, other) => other.names.length - one.names.length);
  const same = columns.length - row.at.size;
  return [
    make("p", "", [row.type, row.tax].filter(Boolean).join(", ")),
    row.optional ? make("p", "", "Organisations may lack it.") : null,
    row.place ? make("p", "more", row.place) : null,
    row.extra ? null : stateLine(0, `same in ${of(same, "organisation")}`),
    ...groups.flatMap(({ state, sign, text, names }) => {
      const line = make("p", "", "", make("span", `key k${state}`, sign), " ", named(text), ` in ${number(names.length)}: `);
      names.slice(0, MOST).forEach((name, at) => line.append(at ? ", " : "", named(name)));
      if (names.length > MOST) line.append(` and ${number(names.length - MOST)} more`);
      return [line];
    }),
    make("div", "acts", "", onlyAccount(row)),
  ];
};
const report = (one) => {
  const mine = rows.filter((row) => row.at.has(one.index));
  const same = rows.filter((row) => !row.extra && !row.at.has(one.index)).length;
  const facts = [one.file, one.country, ...one.tags.map((at) => tags[at]), one.id].filter(Boolean);
  const signed = (row) => {
    const cell = stateOf(row, one);
    const sign = make("span", `key k${cell[0]}`, signOf(cell));
    return make("span", "", "", sign, " ", named(said(row, one)));
  };
  return [
    make("p", "more", facts.join(", ")),
    make("p", "", `${of(same, "account")} the same.`),
    mine.length ? table(["Account", "State"], mine.map((row) => ["", named(titled(row)), signed(row)])) : null,
  ];
};
const columnDetail = (one) => [...report(one), make("div", "acts", "", onlyButton(one))];
const close = () => {
  detail.hidden = true;
  told.textContent = "";
  choose(null);
  const element = elementAt(active.r, active.c);
  if (element) element.focus({ preventScroll: true });
};
const choose = (what) => {
  grid.querySelector(".chosen")?.classList.remove("chosen");
  chosen = what;
};
const show = (r, c) => {
  const row = shownRows[r];
  const one = shownColumns[c];
  if (!row && !one) return;
  const title = make("h2", "", "", named(row ? titled(row) : one.name));
  const parts = row && one ? cellDetail(row, one) : row ? rowDetail(row) : columnDetail(one);
  choose(row && one ? { row, one } : null);
  elementAt(r, c)?.classList.toggle("chosen", Boolean(row && one));
  const shut = button("Close", close);
  detail.replaceChildren(title, ...parts.filter(Boolean));
  detail.querySelector(".acts").append(shut);
  detail.hidden = false;
  detail.scrollTop = 0;
  told.textContent = [title, ...parts]
    .filter((part) => part && part.className !== "acts")
    .map((part) => part.innerText.replace(/\s+/g, " ").trim())
    .join(". ");
};

byId("beside").addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !detail.hidden) close();
});
