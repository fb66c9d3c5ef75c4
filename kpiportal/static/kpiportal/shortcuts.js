// Keys of the entry page and the review page, by their place on the keyboard: they are the same while one types Thai.
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

// Keys of the review page: single letters, so never while one types; Ctrl+Enter sends what one types.
(() => {
  const page = document.querySelector("[data-review]");
  if (!page) return;
  const criteria = [...page.querySelectorAll(".entry-main > section.criterion")];
  const goTo = (place, block = "start") => {
    if (!place) return;
    place.closest("details:not([open])")?.setAttribute("open", "");
    place.focus({ preventScroll: true });
    place.scrollIntoView({ block });
  };
  const at = () => {
    const focused = criteria.findIndex((one) => one.contains(document.activeElement));
    return focused >= 0 ? focused : criteria.findLastIndex((one) => one.getBoundingClientRect().top <= 16);
  };
  const criterion = () => criteria[Math.max(at(), 0)];
  // The item at which one is; behind one that was just decided, the next one that waits.
  const item = () => {
    const here = document.activeElement.closest("[data-item]");
    if (here && (here.hasAttribute("data-open") || here !== document.activeElement)) return here;
    const open = [...criterion().querySelectorAll("[data-item][data-open]")];
    const behind = open.find((one) => here?.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);
    return behind ?? open[0] ?? here ?? criterion().querySelector("[data-item]");
  };
  const step = (by) => {
    const next = criteria[at() + by];
    if (!next) return;
    next.tabIndex = -1;
    goTo(next);
  };
  const mark = () => {
    const form = criterion().querySelector(".mark-it");
    if (!form) return;
    form.open = true;
    goTo(form.querySelector("input:not([type=hidden]), textarea"), "center");
  };
  const list = () => {
    const keys = document.getElementById("keys");
    keys.open = !keys.open;
    if (keys.open) goTo(keys.querySelector("summary"), "nearest");
  };
  const acts = {
    KeyJ: () => step(1),
    KeyK: () => step(-1),
    KeyA: () => item()?.querySelector("[data-accept]")?.click(),
    KeyX: () => goTo(item()?.querySelector("[data-comment]"), "center"),
    KeyE: mark,
  };
  const decide = () => {
    const bar = document.getElementById("decision");
    const form = document.activeElement.closest("form");
    const button = form && page.contains(form) && form.querySelector("[data-default]");
    if (button) form.requestSubmit(button);
    else goTo(bar?.querySelector("[data-default]"), "nearest");
  };
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey || event.isComposing) return;
    if (event.ctrlKey) {
      if (event.code !== "Enter" && event.code !== "NumpadEnter") return;
      event.preventDefault();
      decide();
      return;
    }
    if (event.target.matches("input:not([type=checkbox]), textarea, select")) return;
    const act = event.key === "?" || (event.shiftKey && event.code === "Slash") ? list : event.shiftKey ? undefined : acts[event.code];
    if (!act) return;
    event.preventDefault();
    act();
  });
  // After a decision about a part, the keyboard goes on where it was.
  const place = location.hash && document.getElementById(location.hash.slice(1));
  if (place && page.contains(place)) goTo(place, place.matches("[data-item]") ? "center" : "start");
})();
