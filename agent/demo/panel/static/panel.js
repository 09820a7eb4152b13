// The demo's page: shows what the stream tells, posts what is pressed. It decides nothing.
"use strict";

const $ = (id) => document.getElementById(id);
const all = (selector) => [...document.querySelectorAll(selector)];

async function act(doing, body = {}) {
  const answer = await fetch(`/do/${doing}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  }).catch((error) => ({ ok: false, text: async () => error.message }));
  $("problem").hidden = answer.ok;
  if (!answer.ok) $("problem").textContent = await answer.text();
}

// What was pressed

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-do]");
  if (!button) return;
  const { do: doing, ...body } = button.dataset;
  act(doing, body);
});

const KEYS = { Enter: "enter", Escape: "cancel", Backspace: "clear", Delete: "clear" };
$("pad").addEventListener("keydown", (event) => {
  const key = /^[0-9]$/.test(event.key) ? event.key : KEYS[event.key];
  if (!key || event.target.dataset.key === key) return;
  event.preventDefault();
  act("press", { key });
});

$("reader").addEventListener("change", () => act("reader", { plugged: $("reader").checked }));
$("cover").addEventListener("change", () => act("printer", { cover_open: $("cover").checked }));
$("roll").addEventListener("change", (event) => act("printer", { roll: event.target.value }));
for (const select of all("select[data-place]")) {
  select.addEventListener("change", () =>
    act("trouble", { place: select.dataset.place, trouble: select.value }));
}

for (const select of all("select[data-device]")) {
  select.addEventListener("change", () =>
    act("ailment", { device: select.dataset.device, ailment: select.value }));
}
$("scan").addEventListener("submit", (event) => {
  event.preventDefault();
  act("scan", { code: $("code").value });
  $("code").select();
});

// What is seen

let powered = true;

function devices(seen) {
  if (seen.power && !powered) $("screen").src = $("screen").src; // the page it showed is gone
  powered = seen.power;
  $("no-power").hidden = powered;
  for (const button of all("button[data-do]:not(#pull):not(#tear)")) button.disabled = !powered;
  if (!powered) {
    $("display").textContent = "";
    return;
  }
  for (const card of all(".card")) card.setAttribute("aria-pressed", card.dataset.card === seen.card);
  $("card-state").textContent = seen.card ? `inside: ${seen.card.replaceAll("_", " ")}` : "none inserted";
  $("slot").classList.toggle("full", Boolean(seen.card));
  $("pull").disabled = !seen.card;
  $("reader").checked = seen.reader_plugged;
  $("display").textContent = seen.display.join("\n");
  $("pad").classList.toggle("asked", seen.pin_asked);
  $("cover").checked = seen.cover_open;
  for (const choice of all("input[name=roll]")) choice.checked = choice.value === seen.roll;
  printed(seen);
}

function printed({ printed: count, hangs_out: hanging }) {
  $("printed").textContent = count ? `${count} printed` : "nothing printed";
  $("tear").disabled = !hanging;
  $("paper").hidden = !hanging;
  $("whole").hidden = !hanging;
  const address = `/receipt/${count}.png`;
  if (hanging && $("receipt").getAttribute("src") !== address) {
    $("receipt").src = address;
    $("whole").href = address;
  }
}

// One choice for each select; `end` appears where one of them is not the first
function choices(selector, key, end) {
  return (chosen) => {
    let any = false;
    for (const select of all(selector)) {
      select.value = chosen[select.dataset[key]];
      const on = select.selectedIndex > 0;
      select.classList.toggle("on", on);
      any ||= on;
    }
    $(end).hidden = !any;
  };
}
const troubles = choices("select[data-place]", "place", "calm");
const ailments = choices("select[data-device]", "device", "heal");

function cell(text, name) {
  const td = document.createElement("td");
  td.textContent = text;
  if (name) td.className = name;
  return td;
}

const tenge = (tiyn) => tiyn === null ? "" : `${(tiyn / 100).toLocaleString("ru-KZ", { minimumFractionDigits: 2 })} ₸`;

function decision(line) {
  const td = cell(line.findings.join("; ") || (line.open ? "" : "✓"), line.findings.length ? "wrong" : "right");
  if (line.open && line.txn_id && line.eport === "PENDING") {
    for (const [end, says] of [["accepted", "accept"], ["refused", "refuse"]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "quiet";
      button.textContent = says;
      button.addEventListener("click", () => act("decide", { txn_id: line.txn_id, end }));
      td.append(button);
    }
  } else if (line.open) td.textContent = "open";
  return td;
}

function books({ lines, payments, open, agree, contradictions }) {
  $("verdict").textContent = payments
    ? `${agree ? "they agree" : "THEY DIFFER"} · payments: ${payments}, open: ${open}${contradictions.length ? ` · ${contradictions.join("; ")}` : ""}`
    : "nothing paid yet";
  $("verdict").classList.toggle("wrong", !agree);
  $("lines").replaceChildren(...lines.map((line) => {
    const row = document.createElement("tr");
    row.append(
      cell(line.rrn.replace(/(\d{4})(?=\d)/g, "$1 "), "number"), cell(line.paid_for), cell(tenge(line.total), "sum"),
      ...["gateway", "eport", "card_host"].map((book) => cell(line[book], `is ${line[book].split(/[ ,]/)[0].toLowerCase()}`)),
      decision(line));
    return row;
  }));
}

const stream = new EventSource("/live");
for (const [topic, show] of Object.entries({ devices, troubles, ailments, books })) {
  stream.addEventListener(topic, (event) => show(JSON.parse(event.data)));
}
stream.addEventListener("error", () => {
  $("problem").hidden = false;
  $("problem").textContent = "The demo does not answer: was it stopped?";
});
stream.addEventListener("open", () => { $("problem").hidden = true; });

// The frame: the page inside has the screen's own size, and is shrunk as a whole

function fit() {
  const [width, height] = document.querySelector("input[name=frame]:checked").value.split("x").map(Number);
  const room = $("bezel").parentElement.getBoundingClientRect();
  const scale = Math.min(1, (room.width - 32) / width, Math.max(480, window.innerHeight - 130) / height);
  Object.assign($("screen"), { width, height });
  $("screen").style.transform = `scale(${scale})`;
  Object.assign($("bezel").style, { width: `${width * scale}px`, height: `${height * scale}px` });
}

$("frames").addEventListener("change", (event) => {
  localStorage.setItem("frame", event.target.value);
  fit();
});
for (const choice of all("input[name=frame]")) choice.checked = choice.value === (localStorage.getItem("frame") ?? "1024x768");
window.addEventListener("resize", fit);
fit();
