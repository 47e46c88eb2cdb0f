// The filter: it selects the rows and columns of the grid, and the rows of the tables below it.
const form = byId("filter");
const find = byId("find");
const book = byId("book");
const tag = byId("tag");
const key = byId("key");
const order = byId("order");
const extras = byId("extras");
const count = byId("count");
const clear = byId("clear");
const picks = [...form.querySelectorAll("input[value][type=checkbox]")];

const printed = (name) =>
  [...document.querySelectorAll(`[data-${name}]`)].map((element) => [element, Number(element.dataset[name])]);
const accountRows = printed("account");
const bookRows = printed("book");

let shownRows = []; // The accounts; null is the heading above those that the standard lacks.
let shownColumns = [];
let matches = [];
let sameMatches = true;

const apply = () => {
  const words = plain(find.value).split(/\s+/).filter(Boolean);
  const wanted = plain(book.value);
  const exact = columns.some((one) => one.plain === wanted);
  const wantedTag = tag ? tag.value : "";
  const bits = Number(key.value);
  const on = states.map(() => true);
  for (const pick of picks) on[Number(pick.value)] = pick.checked;
  matches = cells.map((cell) => on[cell[0]] && (!bits || (cell[4] & bits) > 0));
  sameMatches = on[0] && !bits;

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
    !find.value && !book.value && !wantedTag && !bits && !order.value && on.every(Boolean) && (!extras || extras.checked);
  count.textContent = shownRows.length
    ? `${part(left[0].length + left[1].length, rows.length)} ${plural(rows.length, "account")} in ` +
      `${part(shownColumns.length, columns.length)} ${plural(columns.length, "organisation")}: ${of(differences, "difference")}.`
    : "Nothing matches the filter.";
  begin();
};

let waiting = 0;
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", (event) => {
  clearTimeout(waiting);
  // Wait for the next letter before filtering.
  if (event.target.type === "search") waiting = setTimeout(apply, 50);
  else apply();
});
form.addEventListener("reset", () => setTimeout(apply));
clear.addEventListener("click", () => setTimeout(() => find.focus()));
