// Evidence on the entry page: files go up one by one with their progress, three at a time; what changed is drawn anew
// in place. Without this script the same forms are posted whole.
(() => {
  const AT_ONCE = 3;
  const words = document.getElementById("upload-row");
  const whole = document.getElementById("attach-whole");
  if (!words) return;
  const waiting = [];
  let going = 0;

  // Choosing a file inside a criterion's form is nothing typed: it must not save the criterion.
  const foreign = (target) => target.form && target.form.matches("[data-evidence]");
  ["input", "change"].forEach((name) => document.addEventListener(name, (event) => {
    if (!foreign(event.target)) return;
    event.stopPropagation();
    if (name === "change" && event.target.type === "file") chosen(event.target);
  }, true));

  const token = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? whole.elements.namedItem("csrfmiddlewaretoken").value;
  const send = (address, data, { progress, done, method = "POST" }) => {
    const request = new XMLHttpRequest();
    request.open(method, address);
    request.setRequestHeader("HX-Request", "true");
    request.setRequestHeader("X-CSRFToken", token());
    request.upload.addEventListener("progress", (event) => event.lengthComputable && progress?.(event.loaded / event.total));
    request.addEventListener("load", () => done(answer(request)));
    request.addEventListener("error", () => done([["", words.dataset.offline]], true));
    request.addEventListener("abort", () => done(null));
    request.send(data);
    return request;
  };
  // Answers may overtake each other: an older one must not paint over a newer one, so the page asks for the newest.
  let newest = 0;
  const overtaken = (version) => {
    const late = Number(version) < newest;
    newest = Math.max(newest, version);
    if (late) send(whole.action, null, { method: "GET", done: () => {} });
    return late;
  };
  document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
    if (detail.target.name === "version") overtaken(detail.fragment.firstElementChild.value);
  });

  // What was refused, as pairs of field and sentence; the rest of the answer goes to its places.
  const answer = ({ status, responseText }) => {
    if (status === 401) return [["", words.dataset.session]];
    if (![200, 409, 422].includes(status)) return [["", words.dataset.server]];
    const page = new DOMParser().parseFromString(responseText, "text/html");
    const refused = [...page.querySelectorAll("[data-refused]")].map((line) => [line.dataset.refused, line.textContent]);
    const version = page.querySelector("[data-version]")?.dataset.version;
    if (!version || overtaken(version)) return refused;
    const before = document.activeElement;
    const home = before?.closest("[data-place], li, details");
    window.htmx.swap(document.body, responseText, { swapStyle: "none", swapDelay: 0, settleDelay: 0 });
    if (!before?.isConnected && document.activeElement === document.body) {
      const place = home?.isConnected ? home.querySelector("summary, a, button") : document.querySelector("#evidence-title");
      place?.focus({ preventScroll: true });
    }
    return refused;
  };

  const row = (name, list) => {
    const line = words.content.firstElementChild.cloneNode(true);
    line.querySelector("progress").setAttribute("aria-label", name);
    line.querySelector(".upload-stop").setAttribute("aria-label", `${line.querySelector(".upload-stop").textContent} ${name}`);
    list.append(line);
    return line;
  };
  const say = (upload, state, sentence = "") => {
    const { line, file } = upload;
    const ended = state === "done" || state === "refused";
    line.querySelector(".upload-name").textContent = `${words.dataset[state]} ${file.name}${sentence && ` – ${sentence}`}`;
    line.classList.toggle("problem", state === "refused");
    line.querySelector("progress").hidden = ended;
    line.querySelector(".upload-stop").hidden = ended;
    line.querySelector(".upload-close").hidden = !ended;
    line.querySelector(".upload-again").hidden = !(ended && upload.again);
  };
  const next = () => {
    while (going < AT_ONCE && waiting.length) start(waiting.shift());
  };
  const start = (upload) => {
    going += 1;
    upload.again = false;
    say(upload, "sending");
    const data = new FormData();
    Object.entries(upload.fields).forEach(([name, value]) => data.append(name, value));
    data.append("files", upload.file);
    upload.request = send(upload.address, data, {
      progress: (part) => (upload.line.querySelector("progress").value = 100 * part),
      done: (refused) => {
        going -= 1;
        upload.request = null;
        if (refused === null) upload.line.remove();
        else if (refused.length) {
          upload.again = refused.some(([field]) => !field);
          say(upload, "refused", refused.map(([, sentence]) => sentence).join(" "));
        } else say(upload, "done");
        next();
      },
    });
  };
  const enqueue = (files, address, fields, list) => {
    [...files].forEach((file) => {
      const upload = { file, address, fields, line: row(file.name, list) };
      const on = (name, act) => upload.line.querySelector(name).addEventListener("click", act);
      on(".upload-stop", () => {
        if (upload.request) return upload.request.abort();
        waiting.splice(waiting.indexOf(upload), 1);
        upload.line.remove();
      });
      on(".upload-again", () => {
        waiting.push(upload);
        next();
      });
      on(".upload-close", () => upload.line.remove());
      say(upload, "waiting");
      waiting.push(upload);
    });
    next();
  };
  window.addEventListener("beforeunload", (event) => (going || waiting.length) && event.preventDefault());

  const list = (place) => document.getElementById(`uploads-${place || "whole"}`);
  const chosen = (input) => {
    const place = input.id.replace(/^files-/, "").replace(/^whole$/, "");
    const point = document.getElementById(`point-${place}`)?.value;
    if (input.dataset.action) enqueue(input.files, input.dataset.action, {}, list(""));
    else enqueue(input.files, whole.action, fieldsOf(point ? `p${point}` : place), list(place));
    input.value = "";
  };
  const fieldsOf = (place) => (place ? { place } : {});

  // Dragging: the innermost item or point takes the files; anywhere else they would replace the page, so nothing happens.
  const zone = (event) => event.target.closest?.("[data-place]");
  const mark = (place) => document.querySelectorAll(".dropping").forEach((other) => other !== place && other.classList.remove("dropping"));
  const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    mark(zone(event));
    zone(event)?.classList.add("dropping");
    if (!zone(event)) event.dataTransfer.dropEffect = "none";
  });
  document.addEventListener("dragleave", (event) => event.relatedTarget || mark(null));
  document.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    mark(null);
    const place = zone(event)?.dataset.place;
    if (place === undefined) return;
    const outer = place.startsWith("p") ? event.target.closest(".item").dataset.place : place;
    enqueue(event.dataTransfer.files, whole.action, fieldsOf(place), list(outer));
  });

  // The other forms of evidence, and the buttons that belong to them, answer in place too.
  const complain = (form, refused) => {
    form.querySelectorAll(".field-error").forEach((line) => (line.textContent = ""));
    refused.forEach(([field, sentence]) => {
      const line = (field && document.getElementById(`${field}-error`)) || form.querySelector(".field-error") || document.querySelector("#not-saved > span");
      line.textContent = sentence;
      if (line.closest("#not-saved")) line.closest("#not-saved").hidden = false;
      (document.getElementById(field) ?? line).focus();
    });
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.matches("[data-evidence]")) return;
    event.preventDefault();
    const button = event.submitter;
    const data = new FormData(form, button);
    send(button?.hasAttribute("formaction") ? button.formAction : form.action, data, {
      done: (refused) => {
        complain(form, refused);
        if (!refused.length && form.matches(".named-form")) form.reset();
      },
    });
  });
  document.addEventListener("click", ({ target }) => {
    const link = target.closest("a[href='#put']");
    if (!link) return;
    document.getElementById("put").open = true;
    const [select, value] = link.dataset.put ? ["put-place", link.dataset.put] : ["put-evidence", link.dataset.putEvidence];
    document.getElementById(select).value = value;
    document.getElementById(link.dataset.put ? "put-evidence" : "put-place").focus();
  });
})();
