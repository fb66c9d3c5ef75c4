// Every form: the focus goes to what is to mend, and a second click sends nothing twice.
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
})();
