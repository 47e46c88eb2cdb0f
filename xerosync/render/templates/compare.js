"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const { states, fields, tags, books, accounts, lines, cells, texts } = JSON.parse(
    byId("data").textContent,
  );
  const form = byId("filter");
  const find = byId("find");
  const book = byId("book");
  const tag = byId("tag");
  const key = byId("key");
  const order = byId("order");
  const extras = byId("extras");
  const count = byId("count");
  const clear = byId("clear");
  const grid = byId("grid");
  const here = byId("here");
  const detail = byId("detail");
  const told = byId("told");
  const picks = [...form.querySelectorAll("input[value][type=checkbox]")];
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim();
  const number = (value) => value.toLocaleString("en");
  const part = (left, all) => (left === all ? number(left) : `${number(left)} of ${number(all)}`);
  const of = (value, noun) => `${number(value)} ${noun}${value === 1 ? "" : "s"}`;
  const lineAt = (at) => (at < 0 ? null : lines[at].map((text) => texts[text]));

  // What the page is about: organisations are columns, accounts are rows.
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
  const printed = (name) =>
    [...document.querySelectorAll(`[data-${name}]`)].map((element) => [element, Number(element.dataset[name])]);
  const accountRows = printed("account");
  const bookRows = printed("book");

  let shownRows = []; // Null is the heading of the accounts beside the standard.
  let shownColumns = [];
  let matches = [];
  let sameMatches = true;

  const apply = () => {
    const words = plain(find.value).split(/\s+/).filter(Boolean);
    const wanted = plain(book.value);
    const exact = columns.some((one) => one.plain === wanted);
    const wantedTag = tag ? tag.value : "";
    const bit = Number(key.value);
    const on = states.map(() => true);
    for (const pick of picks) on[Number(pick.value)] = pick.checked;
    matches = cells.map((cell) => on[cell[0]] && (!bit || (cell[4] & bit) > 0));
    sameMatches = on[0] && !bit;

    const among = new Uint8Array(columns.length);
    let total = 0;
    for (const one of columns) {
      const named = !wanted || (exact ? one.plain === wanted : one.text.includes(wanted));
      const tagged =
        !wantedTag ||
        (wantedTag[0] === "c" ? one.country === wantedTag.slice(1) : one.tags.includes(Number(wantedTag.slice(1))));
      if (named && tagged) {
        among[one.index] = 1;
        total += 1;
      }
      one.hits = one.others = one.differs = 0;
    }
    const left = [[], []];
    let differences = 0;
    for (const row of rows) {
      row.differs = 0;
      row.shown = false;
      if (row.extra && extras && !extras.checked) continue;
      if (!words.every((word) => row.text.includes(word))) continue;
      let hits = 0;
      let others = 0;
      for (const [at, cell] of row.at) {
        if (!among[at]) continue;
        others += 1;
        if (!matches[cell]) continue;
        hits += 1;
        row.differs += states[cells[cell][0]][3];
      }
      if (sameMatches && !row.extra) hits += total - others;
      if (!hits) continue;
      for (const [at, cell] of row.at) {
        const one = columns[at];
        one.others += !row.extra;
        if (!matches[cell]) continue;
        one.hits += 1;
        one.differs += states[cells[cell][0]][3];
      }
      row.shown = true;
      differences += row.differs;
      left[Number(row.extra)].push(row);
    }
    const whole = left[0].length;
    shownColumns = columns.filter(
      (one) => among[one.index] && (one.hits || (sameMatches && whole > one.others)),
    );
    if (order.value) {
      const most = (one, other) => other.differs - one.differs;
      left[0].sort(most);
      left[1].sort(most);
      shownColumns.sort(most);
    }
    shownRows = left[1].length ? [...left[0], null, ...left[1]] : left[0];

    const shown = new Set(shownColumns.map((one) => one.index));
    for (const [element, at] of bookRows) element.classList.toggle("out", !shown.has(at));
    for (const [element, at] of accountRows) element.classList.toggle("out", !rows[at].shown);
    clear.hidden =
      !find.value && !book.value && !wantedTag && !bit && !order.value && on.every(Boolean) && (!extras || extras.checked);
    count.textContent = shownRows.length
      ? `${part(left[0].length + left[1].length, rows.length)} accounts in ${part(shownColumns.length, columns.length)} organisations: ${of(differences, "difference")}.`
      : "Nothing matches the filter.";
    begin();
  };

  // The grid: only what is in view, and the cell that has the focus, is in the document.
  const MARGIN = 4;
  const sheet = document.createElement("div");
  sheet.id = "sheet";
  sheet.setAttribute("role", "rowgroup");
  grid.append(sheet);
  let size = { head: 0, top: 0, cell: 0, row: 0 };
  let drawn = new Map();
  let active = { r: 0, c: 0 };
  let chosen = null;

  const make = (name, className, text, ...children) => {
    const element = document.createElement(name);
    if (className) element.className = className;
    if (text) element.textContent = text;
    element.append(...children.filter(Boolean));
    return element;
  };
  const placed = (element, role, r, c) => {
    element.setAttribute("role", role);
    element.setAttribute("aria-colindex", `${c + 2}`);
    element.r = r;
    element.c = c;
    if (c >= 0) element.style.left = `${size.head + c * size.cell}px`;
    return element;
  };
  const titled = (row) => `${row.code} ${row.name || "(no name)"}`.trim();
  const stateOf = (row, one) => (row.at.has(one.index) ? cells[row.at.get(one.index)] : null);
  const said = (row, one) => {
    const cell = stateOf(row, one);
    if (!cell) return row.extra ? "not there" : states[0][1];
    const found = lineAt(cell[1]);
    const differs = fields.map((_, at) => at).filter((at) => cell[3] & (1 << at));
    return `${states[cell[0]][1]}${found && differs.length ? `, ${differs.map((at) => found[at] || "(none)").join(", ")}` : ""}`;
  };

  // A wide cell has room for what the organisation has, a narrow one only for its sign.
  const inside = (state, cell) => {
    const glyph = states[state][0];
    if (!size.wide || !cell) return [glyph];
    return [make("span", "", glyph), " ", make("bdi", "", texts[cell[10]])];
  };
  const makeCell = (r, c) => {
    const row = r < 0 ? null : shownRows[r];
    const one = c < 0 ? null : shownColumns[c];
    if (r < 0 && c < 0) return placed(make("div", "corner", "Account"), "columnheader", r, c);
    if (r < 0) {
      const head = placed(make("div", "ch"), "columnheader", r, c);
      head.setAttribute("aria-label", `${one.name}: ${of(one.differs, "difference")}`);
      head.append(make("bdi", "name", one.name), make("span", "tally", number(one.differs)));
      return head;
    }
    if (!row) {
      const head = placed(make("div", "rh", "", make("span", "", "Accounts beside the standard")), "rowheader", r, c);
      head.setAttribute("aria-colspan", `${shownColumns.length + 1}`);
      return head;
    }
    if (c < 0) {
      const head = placed(make("div", "rh"), "rowheader", r, c);
      head.setAttribute("aria-label", `${titled(row)}: ${of(row.differs, "difference")}`);
      if (row.code) head.append(make("span", "code", row.code));
      head.append(make("bdi", "name", row.name || "(no name)"), make("span", "tally", number(row.differs)));
      return head;
    }
    const cell = stateOf(row, one);
    const state = cell ? cell[0] : 0;
    const none = !cell && row.extra;
    const dim = !none && !(cell ? matches[row.at.get(one.index)] : sameMatches);
    const element = placed(make("div", `cell k${state}${none ? " none" : ""}${dim ? " dim" : ""}`), "gridcell", r, c);
    if (!none) element.append(...inside(state, cell));
    element.setAttribute("aria-label", `${titled(row)}, ${one.name}: ${said(row, one)}`);
    if (chosen && chosen.row === row && chosen.one === one) element.classList.add("chosen");
    return element;
  };
  const makeRow = (r) => {
    const element = make("div", r < 0 ? "heads" : `row${shownRows[r] ? "" : " band"}`);
    element.setAttribute("role", "row");
    element.setAttribute("aria-rowindex", `${r + 2}`);
    if (r >= 0) element.style.top = `${size.top + r * size.row}px`;
    return { element, cells: new Map() };
  };
  // Keep these children, in this order, and reuse those that are there.
  const keep = (parent, have, wanted, fresh, elementOf) => {
    const needed = new Set(wanted);
    for (const [at, one] of have) {
      if (needed.has(at)) continue;
      elementOf(one).remove();
      have.delete(at);
    }
    let before = null;
    for (const at of wanted) {
      if (!have.has(at)) have.set(at, fresh(at));
      const element = elementOf(have.get(at));
      const next = before ? before.nextSibling : parent.firstChild;
      if (next !== element) parent.insertBefore(element, next);
      before = element;
    }
  };
  const inView = (scrolled, room, unit, all, alsoAt) => {
    const first = Math.max(0, Math.floor(scrolled / unit) - MARGIN);
    const last = Math.min(all, Math.ceil((scrolled + room) / unit) + MARGIN);
    const found = new Set([-1]);
    if (alsoAt >= 0 && alsoAt < first) found.add(alsoAt);
    for (let at = first; at < last; at += 1) found.add(at);
    if (alsoAt >= last && alsoAt < all) found.add(alsoAt);
    return [...found];
  };
  const draw = () => {
    const across = inView(grid.scrollLeft, grid.clientWidth - size.head, size.cell, shownColumns.length, active.c);
    const down = inView(grid.scrollTop, grid.clientHeight - size.top, size.row, shownRows.length, active.r);
    keep(sheet, drawn, down, makeRow, (row) => row.element);
    for (const [r, row] of drawn) {
      const wanted = r >= 0 && !shownRows[r] ? [-1] : across;
      keep(row.element, row.cells, wanted, (c) => makeCell(r, c), (cell) => cell);
    }
  };
  const elementAt = (r, c) => drawn.get(r)?.cells.get(c);

  // Set the sizes, and return whether they are the same as before.
  const measure = () => {
    const style = getComputedStyle(grid);
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const px = (name) => parseFloat(style.getPropertyValue(name)) * rem;
    const room = (grid.parentElement.clientWidth - px("--head") - 3) / (shownColumns.length || 1);
    const wide = room >= px("--wide");
    const longest = Math.max(0, ...shownColumns.map((one) => one.name.length));
    const high = wide ? 4 * rem : Math.min(px("--highest"), (3 + longest * 0.55) * rem);
    const now = { wide, head: px("--head"), top: high, cell: wide ? Math.min(room, 2 * px("--wide")) : px("--narrow"), row: px("--row") };
    const same = Object.keys(now).every((name) => now[name] === size[name]);
    size = now;
    grid.classList.toggle("wide", wide);
    grid.style.setProperty("--top", `${size.top}px`);
    grid.style.setProperty("--cell", `${size.cell}px`);
    return same;
  };
  // Draw everything again: other rows, columns or sizes.
  const begin = () => {
    const focused = grid.contains(document.activeElement);
    measure();
    drawn = new Map();
    sheet.replaceChildren();
    sheet.style.width = `${size.head + shownColumns.length * size.cell}px`;
    sheet.style.height = `${size.top + shownRows.length * size.row}px`;
    grid.setAttribute("aria-rowcount", `${shownRows.length + 1}`);
    grid.setAttribute("aria-colcount", `${shownColumns.length + 1}`);
    active = { r: Math.min(active.r, shownRows.length - 1), c: Math.min(active.c, shownColumns.length - 1) };
    if (active.r >= 0 && !shownRows[active.r]) active.r += 1;
    draw();
    const element = elementAt(active.r, active.c);
    element.tabIndex = 0;
    if (focused) element.focus({ preventScroll: true });
  };

  const reveal = ({ r, c }) => {
    const width = grid.clientWidth - size.head;
    const height = grid.clientHeight - size.top;
    if (c >= 0) {
      const left = c * size.cell;
      if (left < grid.scrollLeft) grid.scrollLeft = left;
      else if (left + size.cell > grid.scrollLeft + width) grid.scrollLeft = left + size.cell - width;
    }
    if (r >= 0) {
      const top = r * size.row;
      if (top < grid.scrollTop) grid.scrollTop = top;
      else if (top + size.row > grid.scrollTop + height) grid.scrollTop = top + size.row - height;
    }
  };
  const move = (r, c) => {
    const down = r >= active.r ? 1 : -1;
    r = Math.max(-1, Math.min(shownRows.length - 1, r));
    c = Math.max(-1, Math.min(shownColumns.length - 1, c));
    if (r >= 0 && !shownRows[r]) r += down;
    const before = elementAt(active.r, active.c);
    if (before) before.removeAttribute("tabindex");
    active = { r, c };
    reveal(active);
    draw();
    const element = elementAt(r, c);
    element.tabIndex = 0;
    element.focus({ preventScroll: true });
    const { top, bottom } = element.getBoundingClientRect();
    if (top < 0) scrollBy(0, top - size.row);
    else if (bottom > innerHeight) scrollBy(0, bottom - innerHeight + size.row);
  };

  // The detail of a cell, an account or an organisation.
  const named = (text) => make("bdi", "", text);
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
  const stateLine = (state, text) =>
    make("p", "", "", make("span", `key k${state}`, states[state][0]), ` ${text || states[state][1]}`);
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
    const cell = stateOf(row, one) || [0, row.extra ? -1 : row.line, -1, 0, 0, [], [], -1, 0, -1];
    const [state, found, wanted, differs, , reasons, at, note, own, splits] = cell;
    const standard = row.extra ? null : lineAt(wanted < 0 ? row.line : wanted);
    const has = lineAt(found);
    const none = row.extra && !row.at.has(one.index);
    // Without a cell of its own, an account is the same; its tax rate is that of its country.
    const compared = row.at.has(one.index) ? fields : fields.slice(0, 3);
    const values = compared.map((field, index) => [
      differs & (1 << index) ? "differs" : "",
      `${field}${differs & (1 << index) ? ", differs" : ""}`,
      named(has ? has[index] || "(none)" : "not there"),
      ...(standard ? [named(standard[index] || "(none)")] : []),
    ]);
    const place = at.length ? `${at[0] < 0 ? one.file : texts[at[0]]}:${at[1]}` : "";
    return [
      make("p", "", "", named(one.name)),
      none ? make("p", "", "not there") : stateLine(state, `${states[state][1]}: ${states[state][2]}`),
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
      if (!found.has(group)) found.set(group, { state: cells[cell][0], text, names: [] });
      found.get(group).names.push(columns[at].name);
    }
    const groups = [...found.values()].sort((one, other) => other.names.length - one.names.length);
    const same = columns.length - row.at.size;
    return [
      make("p", "", [row.type, row.tax].filter(Boolean).join(", ")),
      row.optional ? make("p", "", "Organisations may lack it.") : null,
      row.place ? make("p", "more", row.place) : null,
      row.extra ? null : stateLine(0, `same in ${of(same, "organisation")}`),
      ...groups.flatMap(({ state, text, names }) => {
        const line = make("p", "", "", make("span", `key k${state}`, states[state][0]), " ", named(text), ` in ${number(names.length)}: `);
        names.slice(0, MOST).forEach((name, at) => line.append(at ? ", " : "", named(name)));
        if (names.length > MOST) line.append(`, and ${number(names.length - MOST)} more`);
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
      const [state] = stateOf(row, one);
      const sign = make("span", `key k${state}`, states[state][0]);
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

  grid.addEventListener("scroll", draw, { passive: true });
  grid.addEventListener("click", (event) => {
    const element = event.target.closest("[aria-colindex]");
    if (!element || (element.r >= 0 && !shownRows[element.r])) return;
    move(element.r, element.c);
    show(element.r, element.c);
  });
  const tell = (event) => {
    const element = event.target.closest("[aria-colindex]");
    const row = element && shownRows[element.r];
    const one = element && shownColumns[element.c];
    if (!row && !one) return;
    here.replaceChildren(
      ...(row ? [named(titled(row))] : []),
      ...(row && one ? [", "] : []),
      ...(one ? [named(one.name)] : []),
      `: ${row && one ? "" : of((row || one).differs, "difference")}`,
      ...(row && one ? [named(said(row, one))] : []),
    );
  };
  grid.addEventListener("pointerover", tell);
  grid.addEventListener("focusin", tell);
  grid.addEventListener("keydown", (event) => {
    const { r, c } = active;
    const far = event.ctrlKey || event.metaKey;
    const page = Math.max(1, Math.floor((grid.clientHeight - size.top) / size.row) - 1);
    const keys = {
      ArrowDown: () => move(r + 1, c),
      ArrowUp: () => move(r - 1, c),
      ArrowRight: () => move(r, c + 1),
      ArrowLeft: () => move(r, c - 1),
      PageDown: () => move(r + page, c),
      PageUp: () => move(Math.max(r - page, Math.min(r, 0)), c),
      Home: () => move(far ? 0 : r, far ? 0 : -1),
      End: () => move(far ? shownRows.length - 1 : r, shownColumns.length - 1),
      Enter: () => show(r, c),
      " ": () => show(r, c),
    };
    if (event.altKey || !(event.key in keys) || (far && event.key.startsWith("Arrow"))) return;
    event.preventDefault();
    keys[event.key]();
  });
  byId("beside").addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !detail.hidden) close();
  });

  let waiting = 0;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => {
    clearTimeout(waiting);
    // Whoever types is not done with the first letter.
    if (event.target.type === "search") waiting = setTimeout(apply, 50);
    else apply();
  });
  form.addEventListener("reset", () => setTimeout(apply));
  clear.addEventListener("click", () => setTimeout(() => find.focus()));
  // A filter that leaves few organisations prints what each of them has.
  const FEW = 25;
  addEventListener("beforeprint", () => {
    const few = shownColumns.length < columns.length && shownColumns.length <= FEW;
    document.body.classList.toggle("few", few);
    byId("printed").replaceChildren(
      ...(few ? shownColumns : []).map((one) =>
        make("section", "", "", make("h2", "title", "", named(one.name)), ...report(one).filter(Boolean)),
      ),
    );
    for (const details of document.querySelectorAll("details")) details.open = true;
  });

  byId("unscripted").remove();
  if (columns.length > 0) {
    byId("book-names").append(...columns.map((one) => new Option(one.name, one.name)));
    form.hidden = false;
    byId("beside").hidden = false;
    apply();
    new ResizeObserver(() => (measure() ? draw() : begin())).observe(grid.parentElement);
  }
})();
