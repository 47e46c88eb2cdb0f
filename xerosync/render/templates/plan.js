"use strict";
(() => {
  const form = document.getElementById("filter");
  const find = document.getElementById("find");
  const warned = document.getElementById("warned");
  const count = document.getElementById("count");
  const clear = document.getElementById("clear");
  const picks = [...form.querySelectorAll("input[value][type=checkbox]")];
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const items = [...document.querySelectorAll("[data-item]")].map((element) => ({
    element,
    action: element.dataset.action,
    warns: "warns" in element.dataset,
    text: plain(element.textContent.replace(/\s+/g, " ")),
  }));
  const sections = [...document.querySelectorAll("[data-section]")].map((element) => ({
    element,
    tally: element.querySelector(".tally"),
    rows: items.filter((item) => element.contains(item.element)),
  }));

  const show = (element, shown) => element.classList.toggle("out", !shown);

  const apply = () => {
    const words = plain(find.value).split(/\s+/).filter(Boolean);
    const actions = new Set(picks.filter((pick) => pick.checked).map((pick) => pick.value));
    let shown = 0;
    for (const item of items) {
      item.shown =
        actions.has(item.action) &&
        (!warned.checked || item.warns) &&
        words.every((word) => item.text.includes(word));
      show(item.element, item.shown);
      shown += item.shown;
    }
    for (const { element, tally, rows } of sections) {
      const left = rows.filter((item) => item.shown).length;
      show(element, left > 0);
      tally.textContent = left === rows.length ? `${left}` : `${left} of ${rows.length}`;
    }
    const all = shown === items.length;
    clear.hidden = all && !find.value;
    count.textContent = all ? `All ${items.length} shown.` : `${shown} of ${items.length} shown.`;
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

  // A link to a change that the filter hides clears the filter.
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    const target = link && document.getElementById(link.getAttribute("href").slice(1));
    if (!target) return;
    if (target.closest(".out")) {
      form.reset();
      apply();
    }
    const folded = target.parentElement.querySelector("details");
    if (folded && target.id.endsWith("-unmanaged")) folded.open = true;
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
})();
