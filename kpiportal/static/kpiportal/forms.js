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

  // A text that is too long to be sent stays here, with the sentence: the server would let it go unread.
  document.querySelectorAll("textarea[data-most-bytes]").forEach((area) => {
    const size = () => new Blob([area.value.replaceAll("\n", "\r\n")]).size;
    const judge = () => area.setCustomValidity(size() > area.dataset.mostBytes ? area.dataset.tooLong : "");
    area.addEventListener("input", judge);
    judge();
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

  // A reason that waits to be sent outlives the session and the browser; it goes with its form, or once it was sent and
  // a page says that it is saved. A form that stays is kept whole, with the values that it was drawn from.
  const drafts = window.drafts(`${result}-unsent`);
  const WHOLE = "whole";
  const inputs = (form) => [...form.elements].filter((e) => e.matches("input, textarea") && /^c[0-9]/.test(e.name));
  const reasons = (form) => [...form.elements].filter((e) => e.id && e.matches("[type=text], textarea") && changed(e));
  const put = (field, value) => (field.type === "checkbox" ? (field.checked = value === "on") : (field.value = value));
  const said = (field) => (field.type === "checkbox" && !field.checked ? "" : field.value);
  const keep = (form, fields, name) => drafts.keep(form.id, Object.fromEntries(fields.map((field) => [field[name], said(field)])));
  const keepWhole = (form) => keep(form, inputs(form), "name");
  document.addEventListener("input", ({ target }) => {
    const form = target.closest("form[data-kept]");
    if (form?.dataset.kept === WHOLE) keepWhole(form);
    else if (form) keep(form, reasons(form), "id");
  });
  document.addEventListener("submit", ({ target, defaultPrevented }) => {
    if (!defaultPrevented && target.matches("[data-kept]")) drafts.sent(target.id);
  });
  // What was refused stands in the answer, beside what is there now: that is what goes on.
  document.querySelectorAll(`[data-kept=${WHOLE}][data-unsaved=yes]`).forEach((form) => keepWhole(form));
  Object.entries(drafts.all()).forEach(([name, draft]) => {
    const form = document.getElementById(name);
    const found = Object.entries(draft?.fields ?? {}).filter(([id]) => form?.elements.namedItem(id));
    const differs = ([id, value]) => value.trim() !== said(form.elements.namedItem(id)).trim();
    const typed = ([id, value]) => differs([id, value]) && (form.dataset.kept === WHOLE || value.trim());
    if (!found.some(typed)) return drafts.forget(name, draft?.at);
    found.forEach(([id, value]) => put(form.elements.namedItem(id), value));
    form.closest("details")?.setAttribute("open", "");
    document.getElementById("unsent").hidden = false;
  });
})();
