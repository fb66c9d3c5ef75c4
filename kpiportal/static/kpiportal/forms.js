// Every form: the focus goes to what is to mend, a second click sends nothing twice, and what isn't sent isn't lost.
(() => {
  const summary = document.querySelector("[data-focus]");
  const field = (link) => {
    const place = document.getElementById(link.hash.slice(1));
    if (!place || place.tabIndex >= 0) return place;
    return place.querySelector("input:not([type=hidden]), textarea") ?? place.querySelector("button, a") ?? place;
  };
  summary?.querySelector("a")?.focus();
  summary?.addEventListener("click", (event) => {
    const mend = event.target.closest("a") && field(event.target.closest("a"));
    if (!mend) return;
    event.preventDefault();
    mend.closest("details:not([open])")?.setAttribute("open", "");
    mend.focus();
    mend.scrollIntoView({ block: "center" });
  });

  const sent = new WeakSet();
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (sent.has(event.target)) event.preventDefault();
    sent.add(event.target);
    setTimeout(() => sent.delete(event.target), 5_000);
  });

  // Leaving a form that saves nothing by itself warns, unless it is being sent.
  const changed = (field) => (field.type === "checkbox" ? field.checked !== field.defaultChecked : field.value !== field.defaultValue);
  const unsaved = (form) => !sent.has(form) && (form.dataset.unsaved || [...form.elements].some((e) => e.matches("input, textarea") && changed(e)));
  window.addEventListener("beforeunload", (event) => {
    if ([...document.querySelectorAll("[data-unsaved]")].some(unsaved)) event.preventDefault();
  });

  // A page that answered a form is reloaded, or come back to, as the page that it shows.
  const { result, here } = document.querySelector("[data-result][data-here]")?.dataset ?? {};
  if (!result) return;
  if (location.pathname !== here) history.replaceState(null, "", here);

  // A reason that waits to be sent outlives the session and the browser; it goes with its form, once that was answered.
  const drafts = window.drafts(`${result}-unsent`);
  document.addEventListener("input", ({ target }) => {
    const form = target.closest("form[data-kept]");
    if (form && target.id) drafts.keep(form.id, { [target.id]: target.value });
  });
  Object.entries(drafts.all()).forEach(([name, draft]) => {
    const form = document.getElementById(name);
    const found = Object.entries(draft?.fields ?? {}).filter(([id, value]) => value.trim() && form?.elements.namedItem(id));
    if (!found.length) return drafts.forget(name, draft?.at);
    found.forEach(([id, value]) => (form.elements.namedItem(id).value = value));
    form.closest("details")?.setAttribute("open", "");
    document.getElementById("unsent").hidden = false;
  });
})();
