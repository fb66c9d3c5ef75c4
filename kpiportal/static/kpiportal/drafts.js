// What was typed and isn't acknowledged yet, kept in this browser by person, result and part of the page: nobody else
// on a shared computer is shown it, signing out drops it, and after 14 days it goes by itself.
window.drafts = (() => {
  const START = "kpi-draft:";
  const LONGEST = 14 * 24 * 60 * 60 * 1000;
  const person = document.body.dataset.person;
  // A browser may forbid or have filled its storage; then the page keeps what was typed, as long as it stands.
  const tryTo = (act) => {
    try {
      return act();
    } catch (error) {
      console.warn("Drafts can't be kept in this browser:", error.message);
      return null;
    }
  };
  const keys = (start) => tryTo(() => Object.keys(localStorage).filter((key) => key.startsWith(start))) ?? [];
  const read = (key) => {
    try {
      const draft = JSON.parse(localStorage.getItem(key));
      return Date.now() - draft.at < LONGEST && typeof draft.fields === "object" ? draft : null;
    } catch {
      return null; // not written by this script: to be removed like one that is too old
    }
  };
  const drop = (start) => keys(start).forEach((key) => localStorage.removeItem(key));

  // What was sent goes with the page that says it is saved; what a sign-in or a refusal kept from it stays.
  const SENT = "kpi-sent";
  const sent = tryTo(() => sessionStorage.getItem(SENT));
  tryTo(() => sessionStorage.removeItem(SENT));
  if (sent && document.querySelector(".is-saved")) tryTo(() => localStorage.removeItem(sent));

  keys(START).filter((key) => !read(key)).forEach((key) => localStorage.removeItem(key));
  document.addEventListener("submit", (event) => {
    if (!event.defaultPrevented && event.target.matches("[data-sign-out]")) drop(`${START}${person}:`);
  });

  // The drafts of one result: `keep` gives the time that `forget` wants back, so that another tab's draft stays.
  return (result) => {
    const start = `${START}${person}:${result}:`;
    return {
      all: () => Object.fromEntries(keys(start).map((key) => [key.slice(start.length), read(key)])),
      keep: (part, fields) => {
        const at = Date.now();
        tryTo(() => localStorage.setItem(start + part, JSON.stringify({ at, fields })));
        return at;
      },
      sent: (part) => tryTo(() => sessionStorage.setItem(SENT, start + part)),
      forget: (part, at) => {
        if (read(start + part)?.at === at) localStorage.removeItem(start + part);
      },
    };
  };
})();
