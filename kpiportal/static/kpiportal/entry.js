// The entry page: saves one part after the other, says when that failed, and lets nothing overtake the last keystroke.
(() => {
  const banner = document.getElementById("not-saved");
  const { result, page } = document.querySelector("[data-result]").dataset;
  const drafts = window.drafts(result);
  const kept = new Map(); // the part's name -> when its draft was kept
  const unsaved = new Set(); // forms in which something was typed that is not on its way yet
  const answers = new Map(); // form -> the button that answers a conflict
  let held = false; // others' changes that wait, because typing goes on
  let then = null; // what waits until everything is saved: a submit or a link
  let retry = 0;

  const sending = () => document.querySelector("form.htmx-request");
  const quiet = () => unsaved.size === 0 && !sending();
  const field = (id) => document.getElementById(id);
  const part = (form) => form.id.replace(/-form$/, "");
  const refused = (within = document) => within.querySelector("form[hx-post] .field-error:not(:empty)");
  const mend = (sentence) => field(sentence.id.replace(/-error$/, ""))?.focus();
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
    banner.querySelector("span").textContent = banner.dataset[why];
    banner.querySelector("a").hidden = why !== "session";
    banner.hidden = false;
    clearTimeout(retry);
    if (why === "offline" || why === "server") retry = setTimeout(save, 10_000);
  };
  const whyFailed = (status) => (status === 401 ? "session" : [403, 404, 409].includes(status) ? "refused" : "server");

  window.htmx.config.timeout = 30_000;
  const keep = (form) => {
    const named = [...form.elements].filter((element) => element.id);
    const fields = named.map((element) => [element.id, element.type === "checkbox" ? element.checked : element.value]);
    kept.set(part(form), drafts.keep(part(form), Object.fromEntries(fields)));
  };
  ["input", "change"].forEach((name) => document.addEventListener(name, ({ target }) => {
    const form = target.closest("form[hx-post]");
    if (!form || target === form) return;
    if (name === "input") unsaved.add(form);
    if (unsaved.has(form)) keep(form);
  }));
  // One request at a time: a slow answer must not paint an old total over a newer one.
  document.addEventListener("htmx:confirm", (event) => sending() && event.preventDefault());
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    detail.parameters.csrfmiddlewaretoken = freshToken();
    const answer = answers.get(detail.elt);
    if (answer) detail.formData.append(answer.name, answer.value);
  });
  document.addEventListener("htmx:beforeRequest", ({ detail }) => {
    unsaved.delete(detail.elt);
    held = false;
  });
  const acknowledged = (form) => {
    const answer = answers.get(form);
    answers.delete(form);
    if (answer) field(answer.value.split(":")[0])?.focus();
    if (unsaved.has(form) || refused(form)) keep(form);
    else drafts.forget(part(form), kept.get(part(form)));
  };
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (!detail.successful) return;
    acknowledged(detail.elt);
    detail.elt.querySelectorAll(".problem").forEach((sentence) => sentence.remove());
    detail.elt.querySelectorAll(".field-error").forEach((sentence) => {
      field(sentence.id.replace(/-error$/, ""))?.setAttribute("aria-invalid", sentence.textContent !== "");
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
  window.addEventListener("beforeunload", (event) => {
    if (unsaved.size || refused()) event.preventDefault();
    save(); // at once: a busy computer may give 'pagehide' no time
  });
  window.addEventListener("pagehide", () => {
    [...unsaved, sending()].filter(Boolean).forEach((form) => {
      const data = new FormData(form);
      data.append("silent", "1"); // no 'Saved.' on the next page
      navigator.sendBeacon(form.action, data);
    });
  });

  // What the browser kept comes back over the version that it was typed over, and is sent as if just typed.
  const differs = ([id, value]) => {
    const place = field(id);
    if (!place || place.type === "hidden") return false;
    return place.type === "checkbox" ? place.checked !== value : place.value.trim() !== value.trim();
  };
  const restore = ([name, draft]) => {
    const form = field(`${name}-form`);
    kept.set(name, draft.at);
    if (!form || !Object.entries(draft.fields).some(differs)) return drafts.forget(name, draft.at);
    Object.entries(draft.fields).forEach(([id, value]) => {
      const place = form.elements.namedItem(id);
      if (place) place[place.type === "checkbox" ? "checked" : "value"] = value;
    });
    unsaved.add(form);
  };
  const time = (at) => {
    const today = new Date(at).toDateString() === new Date().toDateString();
    const shape = { timeStyle: "short", ...(today ? {} : { dateStyle: "medium" }), hourCycle: "h23" };
    return new Intl.DateTimeFormat(document.documentElement.lang === "th" ? "th" : "en-GB", shape).format(at);
  };
  document.addEventListener("DOMContentLoaded", () => {
    const all = Object.entries(drafts.all()).filter(([, draft]) => draft);
    all.forEach(restore);
    if (!unsaved.size) return;
    const notice = field("restored");
    notice.textContent = notice.dataset.sentence.replace("TIME", time(Math.max(...all.map(([, draft]) => draft.at))));
    notice.hidden = false;
    save();
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
    const form = target.closest("form");
    // Others' changes enter a form that rests. The version follows them: it says what the form has seen.
    if (target.matches(".taken")) held = unsaved.has(form);
    if (target.name === "version" && !held) {
      target.value = fragment.firstElementChild.value;
      form.elements.namedItem("page").value = page; // a restored form was another page's until here
      form.querySelector(".seen").replaceChildren();
    }
    if (target.name === "version" || target.matches(".taken, .seen")) {
      detail.shouldSwap = target.name !== "version" && !held;
      return;
    }
    const open = new Map([...target.querySelectorAll("details")].map((details, place) => [details.id || place, details.open]));
    fragment.querySelectorAll("details").forEach((details, place) => (details.open = open.get(details.id || place) ?? false));
    const fresh = fragment.innerHTML ?? fragment.firstElementChild.innerHTML;
    detail.shouldSwap = fresh !== target.innerHTML;
    const place = stops(target).indexOf(document.activeElement);
    focused = place < 0 ? null : { target, place };
  });
  document.addEventListener("htmx:oobAfterSwap", ({ detail }) => {
    detail.target.querySelectorAll("[data-field]").forEach(({ dataset }) => {
      const place = field(dataset.field);
      if (place?.type === "checkbox") place.checked = "ticked" in dataset;
      else if (place) place.value = dataset.value;
    });
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
    const wrong = form.id === "submit-form" && refused();
    if (form.matches("[hx-post]")) {
      event.preventDefault();
      if (event.submitter?.name) answers.set(form, event.submitter);
      unsaved.add(form);
      save();
    } else if (!quiet() && (banner.hidden || form.id === "submit-form")) whenSaved(event, () => form.requestSubmit(event.submitter));
    else if (wrong) {
      event.preventDefault();
      mend(wrong);
    } else freshToken();
  }, true);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]:not([href^='#'], [target])");
    const elsewhere = event.button || event.ctrlKey || event.metaKey || event.shiftKey;
    if (link && !elsewhere && banner.hidden && !quiet()) whenSaved(event, () => (refused() ? mend(refused()) : (location.href = link.href)));
  });
})();
