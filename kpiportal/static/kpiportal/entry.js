// The entry page: says when a save failed, and lets no submit overtake the last keystroke.
(() => {
  const banner = document.getElementById("not-saved");
  const unsaved = new Set();

  const tell = (why) => {
    banner.textContent = banner.dataset[why];
    banner.hidden = false;
  };
  const whyFailed = (status) => (status === 401 ? "session" : [403, 404, 409].includes(status) ? "refused" : "server");

  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[hx-post]");
    if (form) unsaved.add(form);
  });
  document.addEventListener("htmx:beforeRequest", (event) => unsaved.delete(event.detail.elt));
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful || event.detail.xhr?.status === 422) banner.hidden = true;
  });
  document.addEventListener("htmx:responseError", (event) => {
    unsaved.add(event.detail.elt);
    tell(whyFailed(event.detail.xhr.status));
  });
  document.addEventListener("htmx:sendError", (event) => {
    unsaved.add(event.detail.elt);
    tell("offline");
  });

  // 'Nothing is done yet' and ticked items exclude each other.
  document.addEventListener("change", (event) => {
    const { name = "", checked, form } = event.target;
    if (!checked || !form) return;
    if (name.endsWith("-nothing")) form.querySelectorAll("[name$='-done'], [name$='-complete']").forEach((box) => (box.checked = false));
    if (name.endsWith("-done")) form.querySelectorAll("[name$='-nothing']").forEach((box) => (box.checked = false));
  }, true);

  // Enter in a one-line field saves in place instead of loading the page anew.
  document.addEventListener("submit", (event) => {
    if (event.target.matches("form[hx-post]")) {
      event.preventDefault();
      window.htmx.trigger(event.target, "change");
    }
  });

  const submit = document.getElementById("submit-form");
  const quiet = () => unsaved.size === 0 && !document.querySelector(".htmx-request");
  submit?.addEventListener("submit", (event) => {
    if (quiet()) return;
    event.preventDefault();
    unsaved.forEach((form) => window.htmx.trigger(form, "change"));
    const wait = setInterval(() => {
      if (!banner.hidden) clearInterval(wait);
      else if (quiet()) {
        clearInterval(wait);
        submit.submit();
      }
    }, 50);
  });

  document.querySelector("[data-focus]")?.focus();
})();
