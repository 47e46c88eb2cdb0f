startFilter({
  follow: (target) => {
    const folded = target.parentElement.querySelector("details");
    if (folded && target.id.endsWith("-unmanaged")) folded.open = true;
  },
});
