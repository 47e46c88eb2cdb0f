// The grid: the document has only the cells in view, and the cell with the focus.
const grid = byId("grid");
const here = byId("here");
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

const named = (text) => make("bdi", "", text);

// A wide cell has room for what the organisation has, a narrow one only for its sign.
const inside = (state, cell) => {
  const glyph = cell ? signOf(cell) : states[state][0];
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
    const head = placed(make("div", "rh", "", make("span", "", "Not in the standard")), "rowheader", r, c);
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
// Make these the children of the parent, in this order; reuse the children that it has.
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
// Draw everything again, after the rows, columns or sizes changed.
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
