(() => {
  const form = byId("filter");
  const book = byId("book");
  const tag = byId("tag");
  const fold = byId("fold");
  const shownBooks = byId("shown-books");
  const books = [...document.querySelectorAll("[data-book]")].map((element) => ({
    element,
    name: element.querySelector(".name").textContent,
    plain: plain(element.querySelector(".name").textContent),
    tags: element.dataset.tags.split(" "),
  }));
  const folds = [...document.querySelectorAll(".where-of")];
  const wantedTag = () => (tag ? tag.value : "");
  const here = new Set();
  const isEvery = () => here.size === books.length;
  let named = () => true;

  const apply = startFilter({
    // An item's text leaves out the names of its organisations.
    textOf: (element) => {
      const copy = element.cloneNode(true);
      for (const list of copy.querySelectorAll(".where-of")) list.remove();
      return copy.textContent;
    },
    fieldsOf: (element) => ({
      name: "name" in element.dataset ? plain(element.dataset.name) : null,
      members: [...element.querySelectorAll("[data-o]")],
      tally: element.querySelector(".where-of .tally"),
    }),
    prepare: () => {
      const wanted = plain(book.value);
      const exact = books.some((one) => one.plain === wanted);
      named = (name) => !wanted || (exact ? name === wanted : name.includes(wanted));
      here.clear();
      books.forEach((one, index) => {
        const in_ = named(one.plain) && (!wantedTag() || one.tags.includes(wantedTag()));
        if (in_) here.add(`${index}`);
        show(one.element, in_);
      });
      shownBooks.textContent = part(here.size, books.length);
    },
    fits: (item) => {
      const every = isEvery();
      let left = 0;
      for (const member of item.members) {
        const in_ = every || here.has(member.dataset.o);
        show(member, in_);
        left += in_;
      }
      if (item.tally) item.tally.textContent = part(left, item.members.length);
      return item.name === null ? left > 0 : named(item.name);
    },
    isFiltered: () => book.value || wantedTag(),
    among: () => (isEvery() ? "" : ` In ${part(here.size, books.length)} organisations.`),
  });

  fold.addEventListener("click", () => {
    const open = fold.getAttribute("aria-pressed") !== "true";
    fold.setAttribute("aria-pressed", `${open}`);
    for (const details of folds) details.open = open;
  });
  for (const only of document.querySelectorAll(".only")) {
    only.hidden = form.hidden;
    only.addEventListener("click", () => {
      form.reset();
      book.value = books[Number(only.value)].name;
      apply();
      book.focus();
    });
  }
})();
