"use strict";
const byId = (id) => document.getElementById(id);
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim();
const show = (element, shown) => element.classList.toggle("out", !shown);
const part = (left, all) => (left === all ? `${left}` : `${left} of ${all}`);

// Filter a page's items by words, kinds of change and warnings. A page can add functions:
// `textOf` and `fieldsOf` return the text and more fields of an item, `prepare` runs before the
// items are filtered, and `fits` is one more condition. `isFiltered` says whether that condition is
// set, and `among` returns text after the count. `follow` gets the target of a link.
const startFilter = (page) => {
  const form = byId("filter");
  const find = byId("find");
  const warned = byId("warned");
  const count = byId("count");
  const clear = byId("clear");
  const picks = [...form.querySelectorAll("input[value][type=checkbox]")];
  const items = [...document.querySelectorAll("[data-item]")].map((element) => ({
    element,
    action: element.dataset.action,
    warns: "warns" in element.dataset,
    text: plain((page.textOf?.(element) ?? element.textContent).replace(/\s+/g, " ")),
    ...page.fieldsOf?.(element),
  }));
  const sections = [...document.querySelectorAll("[data-section]")].map((element) => ({
    element,
    tally: element.querySelector(".title .tally"),
    rows: items.filter((item) => element.contains(item.element)),
  }));

  const apply = () => {
    const words = plain(find.value).split(/\s+/).filter(Boolean);
    const actions = new Set(picks.filter((pick) => pick.checked).map((pick) => pick.value));
    page.prepare?.();
    let shown = 0;
    for (const item of items) {
      const fits = page.fits?.(item) ?? true;
      item.shown =
        fits &&
        actions.has(item.action) &&
        (!warned.checked || item.warns) &&
        words.every((word) => item.text.includes(word));
      show(item.element, item.shown);
      shown += item.shown;
    }
    for (const { element, tally, rows } of sections) {
      const left = rows.filter((item) => item.shown).length;
      show(element, left > 0);
      tally.textContent = part(left, rows.length);
    }
    const all = shown === items.length;
    clear.hidden = all && !find.value && !page.isFiltered?.();
    count.textContent =
      (!all ? `${shown} of ${items.length} shown.` : shown === 1 ? "1 shown." : `All ${shown} shown.`) +
      (page.among?.() ?? "");
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

  // A link to something that the filter hides clears the filter.
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    const target = link && byId(link.getAttribute("href").slice(1));
    if (!target) return;
    if (target.closest(".out")) {
      form.reset();
      apply();
    }
    page.follow?.(target);
    target.setAttribute("tabindex", "-1");
    target.focus({ preventScroll: true });
  });

  // Unfold everything before printing.
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });

  if (items.length > 0) {
    form.hidden = false;
    document.body.classList.add("filtered");
    apply();
  }
  return apply;
};
