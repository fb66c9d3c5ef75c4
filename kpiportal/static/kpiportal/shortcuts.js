// Keys of the entry page, by their place on the keyboard: they are the same while one types Thai.
(() => {
  const sections = () => [...document.querySelectorAll(".entry-main > section")];
  const field = (section) =>
    [...section.querySelectorAll("input:not([type=hidden]), textarea, button")].find((e) => e.checkVisibility() && !e.matches(":disabled"));
  const goTo = (section) => {
    if (!section) return;
    const place = field(section) ?? section;
    if (place === section) section.tabIndex = -1;
    place.focus({ preventScroll: true });
    section.scrollIntoView({ block: "start" });
    if (place.getBoundingClientRect().bottom > innerHeight) place.scrollIntoView({ block: "center" });
  };
  const here = () => {
    const all = sections();
    const focused = all.findIndex((section) => section.contains(document.activeElement));
    return focused >= 0 ? focused : all.findLastIndex((section) => section.getBoundingClientRect().top <= 16);
  };
  // The next one whose result is open, round the page once.
  const left = () => {
    const [all, at] = [sections(), here() + 1];
    const unscored = (section) => section.querySelector(".criterion-score .score")?.textContent === "–";
    return [...all.slice(at), ...all.slice(0, at)].find(unscored);
  };
  const save = () => {
    const form = document.activeElement.closest("form[hx-post]") ?? document.querySelector("form[hx-post]");
    form?.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const keys = {
    "Alt ArrowDown": () => goTo(sections()[here() + 1]),
    "Alt ArrowUp": () => goTo(sections()[here() - 1]),
    "Alt KeyL": () => goTo(left()),
    "Ctrl KeyS": save,
  };
  document.addEventListener("keydown", (event) => {
    if (event.shiftKey || event.metaKey || event.altKey === event.ctrlKey) return;
    const act = keys[`${event.altKey ? "Alt" : "Ctrl"} ${event.code}`];
    if (!act) return;
    event.preventDefault();
    act();
  });

  // 'As in the 6-month round' is no longer said of what was typed in since.
  document.addEventListener("input", ({ target }) => {
    const part = target.closest("#texts-form .field") ?? target.closest(".criterion");
    const tag = target.closest("form[hx-post]") && part?.querySelector("[data-changed]");
    if (tag) tag.textContent = tag.dataset.changed;
  });
})();
