// What htmx cannot do: keys of a keypad, masks while typing, focus and language after a swap. No state of its own:
// what is typed goes to the server, and the screen comes from there.
"use strict";
(() => {
  const screen = () => document.getElementById("screen");
  const find = (selector) => screen()?.querySelector(selector);

  // An answer that was under way while a newer screen came is old news.
  function isNews(html) {
    const came = /data-seq="([^".]*)\.(\d+)"/.exec(html);
    const [life, count] = (screen()?.dataset.seq ?? ".").split(".");
    return !came || came[1] !== life || Number(came[2]) > Number(count);
  }
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!isNews(event.detail.serverResponse ?? "")) event.detail.shouldSwap = false;
  });
  document.addEventListener("htmx:sseBeforeMessage", (event) => {
    if (!isNews(event.detail.data ?? "")) event.preventDefault();
  });

  // The second half of a double tap that meets a newer screen was meant for the old one: what lies under the finger
  // now, nobody has read. (`detail` counts taps at one place; keys and scripts have none.)
  let tapped = "";
  document.addEventListener("click", (event) => {
    const seq = screen()?.dataset.seq ?? "";
    if (event.detail > 1 && seq !== tapped) {
      event.preventDefault();
      event.stopPropagation();
    } else tapped = seq;
  }, true);

  // Typing: `raw` is what is sent, `typed` what is seen.
  const SIGNS = { digits: /[0-9]/, decimal: /[0-9.,]/, letters: /[^\p{C};]/u, link: /[^\p{C}]/u };

  function masked(mask, raw) {
    let next = 0, shown = "";
    for (const sign of mask) {
      if (sign === "#" && next === raw.length) break;
      shown += sign === "#" ? raw[next++] : sign;
    }
    return shown;
  }
  function inThousands(raw) {
    const [whole, ...rest] = raw.split(",");
    return [whole.replace(/\B(?=(\d{3})+$)/g, "\u202f"), ...rest].join(",");
  }
  function show(field) {
    const raw = find("#raw").value, mask = field.dataset.mask, kind = field.dataset.typing;
    field.value = mask ? masked(mask, raw) : kind === "decimal" ? inThousands(raw) : raw;
    field.setSelectionRange(field.value.length, field.value.length);
    const rest = find(".rest");
    if (rest) {
      const told = document.createElement("i");
      told.textContent = field.value;
      rest.replaceChildren(told, mask.slice(field.value.length).replaceAll("#", "_"));
    }
  }
  function write(raw) {
    const field = find("#typed"), held = find("#raw");
    if (!field || raw === held.value) return;
    held.value = raw;
    show(field);
    field.closest(".field").classList.remove("faulty");
    htmx.trigger(held, "drafted");
  }
  function type(text) {
    const field = find("#typed");
    if (!field) return;
    let raw = find("#raw").value;
    for (let sign of text) {
      if (field.dataset.typing === "decimal" && sign === ".") sign = ",";
      const second = sign === "," && field.dataset.typing === "decimal" && (raw.includes(",") || !raw);
      if (SIGNS[field.dataset.typing].test(sign) && !second && raw.length < Number(field.dataset.longest)) raw += sign;
    }
    write(raw);
  }
  function capital(sign) {
    const raw = find("#raw")?.value ?? "";
    if (find("#typed")?.dataset.typing === "link") return sign; // capitals are other signs there
    return raw === "" || raw.endsWith(" ") ? sign.toLocaleUpperCase() : sign;
  }
  const act = {
    DELETE: () => write(find("#raw").value.slice(0, -1)),
    CLEAR: () => write(""),
  };
  document.addEventListener("beforeinput", (event) => {
    if (event.target.id !== "typed") return;
    event.preventDefault();
    if (event.inputType.startsWith("delete")) act.DELETE();
    else type(event.data ?? event.dataTransfer?.getData("text/plain") ?? "");
  });

  // The on-screen keyboard.
  document.addEventListener("click", (event) => {
    const key = event.target.closest(".key");
    if (!key) return;
    const sign = key.dataset.type;
    if (sign !== undefined) (act[sign] ?? (() => type(/\p{L}/u.test(sign) ? capital(sign) : sign)))();
    else turn(key.closest(".letters"), key.dataset.show);
    find("#typed")?.focus({ preventScroll: true });
  });
  function turn(letters, wanted) {
    const order = [...letters.querySelectorAll("[data-of]")].map((alphabet) => alphabet.dataset.of);
    if (wanted === "half") {
      letters.dataset.half = letters.dataset.half === "0" ? "1" : "0";
      return;
    }
    const now = order.indexOf(letters.dataset.alphabet);
    letters.dataset.alphabet = wanted === "next" ? order[(now + 1) % order.length] : wanted;
    letters.dataset.half = "0";
    nameKeys(letters);
  }
  function nameKeys(letters) {
    for (const key of letters.querySelectorAll("[data-show]")) {
      key.classList.toggle("chosen", key.dataset.show === letters.dataset.alphabet);
    }
  }

  // A scanner that types like a keyboard: faster than a person, and ENTER at once. A bill's code is longer than
  // the account in it: what does not fit in the field is sent whole.
  const SCANNER_MS = 40;
  let burst = "", lastKey = 0;
  document.addEventListener("keydown", (event) => {
    const fast = event.timeStamp - lastKey < SCANNER_MS, longest = Number(find("#typed")?.dataset.longest);
    if (event.key === "Enter" && fast && burst.length > longest) find("#raw").value = burst;
    if (event.key.length === 1) [burst, lastKey] = [(fast ? burst : "") + event.key, event.timeStamp];
    else if (event.key !== "Shift") burst = "";
  }, true);

  // A keypad's keys: digits, ENTER, CLEAR, CANCEL and the eight beside the screen.
  const NAMES = { Enter: "ENTER", Escape: "CANCEL", Backspace: "CLEAR", Delete: "CLEAR" };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const field = find("#typed"), name = NAMES[event.key] ?? event.key;
    if (name === "ENTER" && document.activeElement?.matches("button")) return;
    if (field && name === "CLEAR") {
      event.preventDefault();
      return event.key === "Delete" ? act.CLEAR() : act.DELETE();
    }
    if (field && event.key.length === 1) {
      if (document.activeElement === field || (event.key === " " && document.activeElement?.matches("button"))) return;
      event.preventDefault();
      return type(event.key);
    }
    const button = find(`[data-keys~="${CSS.escape(name)}"]`);
    if (!button) return;
    event.preventDefault();
    if (!event.repeat) button.click();
  });

  // How long a payment code is still good, beside the time that the server wrote.
  function countDown() {
    for (const shown of document.querySelectorAll(".countdown")) {
      const seconds = Math.max(0, Math.round((Date.parse(shown.dataset.until) - Date.now()) / 1000));
      shown.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    }
  }
  setInterval(countDown, 1000);

  function arrived() {
    const main = screen();
    if (!main) return;
    document.documentElement.lang = main.lang;
    const field = find("#typed"), letters = find(".letters");
    if (field) show(field);
    if (letters) nameKeys(letters);
    countDown();
    (field ?? find("#heading"))?.focus({ preventScroll: true });
  }
  document.addEventListener("htmx:afterSettle", arrived);
  document.addEventListener("DOMContentLoaded", arrived);
  document.addEventListener("contextmenu", (event) => event.preventDefault());
})();
