"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const form = byId("filter");
  const find = byId("find");
  const book = byId("book");
  const tag = byId("tag");
  const warned = byId("warned");
  const count = byId("count");
  const clear = byId("clear");
  const fold = byId("fold");
  const shownBooks = byId("shown-books");
  const picks = [...form.querySelectorAll("input[value][type=checkbox]")];
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim();
  const books = [...document.querySelectorAll("[data-book]")].map((element) => ({
    element,
    name: element.querySelector(".name").textContent,
    plain: plain(element.querySelector(".name").textContent),
    tags: element.dataset.tags.split(" "),
  }));
  // An item's own text is without the names of its organisations.
  const textOf = (element) => {
    const copy = element.cloneNode(true);
    for (const list of copy.querySelectorAll(".where-of")) list.remove();
    return plain(copy.textContent.replace(/\s+/g, " "));
  };
  const items = [...document.querySelectorAll("[data-item]")].map((element) => ({
    element,
    action: element.dataset.action,
    warns: "warns" in element.dataset,
    text: textOf(element),
    name: "name" in element.dataset ? plain(element.dataset.name) : null,
    members: [...element.querySelectorAll("[data-o]")],
    tally: element.querySelector(".where-of .tally"),
  }));
  const sections = [...document.querySelectorAll("[data-section]")].map((element) => ({
    element,
    tally: element.querySelector(".title .tally"),
    rows: items.filter((item) => element.contains(item.element)),
  }));
  const folds = [...document.querySelectorAll(".where-of")];

  const show = (element, shown) => element.classList.toggle("out", !shown);
  const part = (left, all) => (left === all ? `${left}` : `${left} of ${all}`);

  const apply = () => {
    const words = plain(find.value).split(/\s+/).filter(Boolean);
    const wanted = plain(book.value);
    const exact = books.some((one) => one.plain === wanted);
    const fits = (name) => !wanted || (exact ? name === wanted : name.includes(wanted));
    const wantedTag = tag ? tag.value : "";
    const here = new Set();
    books.forEach((one, index) => {
      const in_ = fits(one.plain) && (!wantedTag || one.tags.includes(wantedTag));
      if (in_) here.add(`${index}`);
      show(one.element, in_);
    });
    const every = here.size === books.length;
    const actions = new Set(picks.filter((pick) => pick.checked).map((pick) => pick.value));
    let shown = 0;
    for (const item of items) {
      let left = 0;
      for (const member of item.members) {
        const in_ = every || here.has(member.dataset.o);
        show(member, in_);
        left += in_;
      }
      if (item.tally) item.tally.textContent = part(left, item.members.length);
      item.shown =
        actions.has(item.action) &&
        (!warned.checked || item.warns) &&
        (item.name === null ? left > 0 : fits(item.name)) &&
        words.every((word) => item.text.includes(word));
      show(item.element, item.shown);
      shown += item.shown;
    }
    for (const { element, tally, rows } of sections) {
      const left = rows.filter((item) => item.shown).length;
      show(element, left > 0);
      tally.textContent = part(left, rows.length);
    }
    shownBooks.textContent = part(here.size, books.length);
    const all = shown === items.length;
    const among = every ? "" : ` In ${part(here.size, books.length)} organisations.`;
    clear.hidden = all && !find.value && !book.value && !wantedTag;
    count.textContent =
      (all ? `All ${items.length} shown.` : `${shown} of ${items.length} shown.`) + among;
  };

  let waiting = 0;
  const later = () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 120);
  };

  for (const pick of picks) {
    const present = items.some((item) => item.action === pick.value);
    pick.closest("[data-pick]").hidden = !present;
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", later);
  form.addEventListener("reset", () => setTimeout(apply));
  clear.addEventListener("click", () => setTimeout(() => find.focus()));
  fold.addEventListener("click", () => {
    const open = fold.getAttribute("aria-pressed") !== "true";
    fold.setAttribute("aria-pressed", `${open}`);
    for (const details of folds) details.open = open;
  });

  document.addEventListener("click", (event) => {
    const only = event.target.closest(".only");
    if (only) {
      form.reset();
      book.value = books[Number(only.value)].name;
      apply();
      book.focus();
      return;
    }
    // A link to something that the filter hides clears the filter.
    const link = event.target.closest('a[href^="#"]');
    const target = link && byId(link.getAttribute("href").slice(1));
    if (!target) return;
    if (target.closest(".out")) {
      form.reset();
      apply();
    }
    target.setAttribute("tabindex", "-1");
    target.focus({ preventScroll: true });
  });

  // Unfold everything before printing.
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });

  if (items.length > 0) {
    form.hidden = false;
    for (const only of document.querySelectorAll(".only")) only.hidden = false;
    document.body.classList.add("filtered");
    apply();
  }
})();
