// The entry page: saves one part after the other, says when that failed, and lets nothing overtake the last keystroke.
(() => {
  const banner = document.getElementById("not-saved");
  const unsaved = new Set(); // forms in which something was typed that is not on its way yet
  let then = null; // what waits until everything is saved: a submit or a link
  let retry = 0;

  const sending = () => document.querySelector("form.htmx-request");
  const quiet = () => unsaved.size === 0 && !sending();
  const save = () => {
    const [form] = unsaved;
    if (form && !sending()) window.htmx.trigger(form, "change");
  };
  const whenSaved = (event, act) => {
    event.preventDefault();
    then = act;
    save();
  };
  const failed = (form, why) => {
    unsaved.add(form);
    then = null;
    banner.textContent = banner.dataset[why];
    banner.hidden = false;
    clearTimeout(retry);
    if (why === "offline" || why === "server") retry = setTimeout(save, 10_000);
  };
  const whyFailed = (status) => (status === 401 ? "session" : [403, 404, 409].includes(status) ? "refused" : "server");

  window.htmx.config.timeout = 30_000;
  document.addEventListener("input", ({ target }) => {
    const form = target.closest("form[hx-post]");
    if (form) unsaved.add(form);
  });
  // One request at a time: a slow answer must not paint an old total over a newer one.
  document.addEventListener("htmx:confirm", (event) => sending() && event.preventDefault());
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    detail.parameters.csrfmiddlewaretoken = freshToken();
  });
  document.addEventListener("htmx:beforeRequest", ({ detail }) => unsaved.delete(detail.elt));
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (!detail.successful) return;
    detail.elt.querySelectorAll(".problem").forEach((sentence) => sentence.remove());
    detail.elt.querySelectorAll(".field-error").forEach((sentence) => {
      document.getElementById(sentence.id.replace(/-error$/, ""))?.setAttribute("aria-invalid", sentence.textContent !== "");
    });
    if (!quiet()) return save();
    banner.hidden = true;
    const act = then;
    then = null;
    act?.();
  });
  document.addEventListener("htmx:responseError", ({ detail }) => failed(detail.elt, whyFailed(detail.xhr.status)));
  document.addEventListener("htmx:sendError", ({ detail }) => failed(detail.elt, "offline"));
  document.addEventListener("htmx:timeout", ({ detail }) => failed(detail.elt, "offline"));
  window.addEventListener("online", save);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && save());
  window.addEventListener("beforeunload", (event) => unsaved.size && event.preventDefault());
  window.addEventListener("pagehide", () => {
    [...unsaved, sending()].forEach((form) => form && navigator.sendBeacon(form.action, new FormData(form)));
  });

  // Whoever signed in again in another tab has a new token in the cookie; those in the page are too old then.
  const freshToken = () => {
    const fields = document.querySelectorAll("[name=csrfmiddlewaretoken]");
    const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? fields[0].value;
    fields.forEach((field) => (field.value = token));
    return token;
  };

  // Nothing jumps: what is the same stays, an open working stays open, and the focus where it was.
  const stops = (element) => [...element.querySelectorAll("a, summary, [tabindex]")];
  let focused = null;
  document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
    const { target, fragment } = detail;
    const open = [...target.querySelectorAll("details")].map((details) => details.open);
    fragment.querySelectorAll("details").forEach((details, place) => (details.open = open[place]));
    const fresh = fragment.innerHTML ?? fragment.firstElementChild.innerHTML;
    detail.shouldSwap = fresh !== target.innerHTML;
    const place = stops(target).indexOf(document.activeElement);
    focused = place < 0 ? null : { target, place };
  });
  document.addEventListener("htmx:oobAfterSwap", () => {
    if (focused && document.activeElement === document.body) stops(focused.target)[focused.place]?.focus({ preventScroll: true });
  });

  // 'Nothing is done yet' and ticked items exclude each other.
  document.addEventListener("change", ({ target }) => {
    const { name = "", checked, form } = target;
    if (!checked || !form) return;
    if (name.endsWith("-nothing")) form.querySelectorAll("[name$='-done'], [name$='-complete']").forEach((box) => (box.checked = false));
    if (name.endsWith("-done")) form.querySelectorAll("[name$='-nothing']").forEach((box) => (box.checked = false));
  }, true);

  // Enter in a one-line field saves in place; any other form, and a link, waits until everything is saved.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const wrong = form.id === "submit-form" && document.querySelector(".field-error:not(:empty)");
    if (form.matches("[hx-post]")) {
      event.preventDefault();
      unsaved.add(form);
      save();
    } else if (!quiet() && (banner.hidden || form.id === "submit-form")) whenSaved(event, () => form.requestSubmit(event.submitter));
    else if (wrong) {
      event.preventDefault();
      document.getElementById(wrong.id.replace(/-error$/, ""))?.focus();
    } else freshToken();
  }, true);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]:not([href^='#'])");
    const elsewhere = event.button || event.ctrlKey || event.metaKey || event.shiftKey;
    if (link && !elsewhere && banner.hidden && !quiet()) whenSaved(event, () => (location.href = link.href));
  });
})();
