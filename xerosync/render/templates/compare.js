// If the filter leaves only a few organisations, print what each of them has.
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
