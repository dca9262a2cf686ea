// A live page: its formula, its values and its options go to who computes, the picture comes back.
// The page of a graph does all the rest; it begins anew with each picture that has another structure.
"use strict";

const starting = JSON.parse(byId("start").textContent);
const field = byId("formula");
const tab = Array.from(crypto.getRandomValues(new Uint8Array(8)), (n) => n.toString(16).padStart(2, "0")).join("");
const live = { formula: starting.formula, values: {}, options: {} };

// ---- Asking: one request is under way; what comes meanwhile waits, and only the newest is sent.

let flight = null;
let next = "";
let structure = "";
let rest = 0;
const PATIENCE = 300;

async function ask(want) {
  clearTimeout(rest);
  next = want;
  if (flight) return;
  while (next) {
    const asked = next;
    next = "";
    flight = new AbortController();
    const late = setInterval(() => next && flight.abort(), PATIENCE);
    try {
      take(await answerTo(asked, flight.signal));
    } catch (error) {
      if (error.name !== "AbortError") lost(error);
    }
    clearInterval(late);
    flight = null;
  }
}

async function answerTo(want, signal) {
  const own = Object.entries(live.values).filter(([, text]) => !text.startsWith("@"));
  const request = { tab, want, structure, step: data ? Math.max(state.step, 0) : 0, ...live, values: Object.fromEntries(own), options: allOptions() };
  const response = await fetch("draw", { method: "POST", signal, headers: { "Content-Type": "application/json" }, body: JSON.stringify(request) });
  if (!response.ok) throw new Error(`the server says ${response.status}`);
  return response.json();
}

function allOptions() {
  return state.theme ? { ...live.options, theme: state.theme } : live.options;
}

function lost(error) {
  showFault({ error: error instanceof TypeError ? "dzviz live has ended, or cannot be reached" : error.message });
}

function take(answer) {
  if (answer.outdated) return;
  if (answer.values) showValues(answer.values);
  showFault(answer.error ? answer : answer.fault);
  root.classList.toggle("faulty", Boolean(answer.error));
  if (answer.error) return;
  byId("command").textContent = answer.command;
  byId("notes").textContent = answer.notes.join("\n");
  document.title = live.formula || answer.title || document.title;
  if (answer.parts) takeMoment(answer);
  else takeWhole(answer);
}

// A step alone: what the panels and tables say is of the numbers before, until all of it comes.
function takeMoment(answer) {
  const parts = new Map(answer.parts);
  const others = layers.filter((layer) => parts.has(layer.key) && layer.text !== parts.get(layer.key));
  const drawn = document.createElementNS(svg.namespaceURI, "g");
  drawn.innerHTML = others.map((layer) => `<g>${parts.get(layer.key)}</g>`).join(""); // once is faster
  for (const layer of others) {
    layer.text = parts.get(layer.key);
    layer.part = -2;
    layer.element.replaceChildren(...drawn.firstChild.childNodes);
    drawn.firstChild.remove();
    if (layer.element.dataset.shape) nameNode(layer.element);
  }
  svg.querySelector("[data-caption]").innerHTML = answer.caption;
  if (last) byId("told").innerHTML = answer.told;
  root.classList.add("behind");
  if (state.node) light(state.node);
  clearTimeout(rest);
  rest = setTimeout(() => ask("whole"), 250);
}

function takeWhole(answer) {
  const main = document.querySelector("main");
  const fresh = document.createElement("template");
  fresh.innerHTML = answer.main;
  const first = !data;
  const stays = !first && answer.structure === structure;
  const before = { ...state, ...view, last, moved };
  const focused = main.contains(document.activeElement) ? document.activeElement : null;
  structure = answer.structure;
  if (stays) {
    svg.querySelector("[data-caption]").innerHTML = fresh.content.querySelector("[data-caption]").innerHTML;
    fresh.content.querySelector("#stage").replaceWith(stage);
  }
  main.replaceChildren(fresh.content);
  begin(stays);
  root.classList.remove("behind");
  showStep(stays || last === before.last ? before.step : picture.opening.step);
  if (first) recall();
  else if (before.node) pin(before.node);
  if (stays) move(before.x, before.y, before.scale);
  moved = stays && before.moved;
  const again = focused?.dataset.shape ? elementOf(focused.dataset.shape) : focused?.id && byId(focused.id);
  again?.focus({ preventScroll: true });
  typed();
}

// ---- Faults, where they belong: under the formula's characters, at a value, or below the formula.

function showFault(fault) {
  document.querySelectorAll(".value .fault").forEach((element) => element.replaceChildren());
  byId("fault").replaceChildren();
  field?.setAttribute("aria-invalid", Boolean(fault?.span));
  wrong = fault?.span ? [fault.span] : [];
  byId("expression")?.classList.toggle("wrong", wrong.length > 0);
  typed();
  if (!fault) return;
  const place = fault.value && values.get(fault.value)?.fault || byId("fault");
  const hint = document.createElement("span");
  hint.className = "hint";
  hint.textContent = fault.hint ? ` (${fault.hint})` : "";
  place.append(fault.error, hint);
}

let wrong = [];

// What stands in the field stands behind it, too, with its marks.
function typed() {
  if (!field) return;
  const characters = [...field.value];
  const text = (start, end) => characters.slice(start, end).join("");
  const code = byId("expression");
  let done = 0;
  code.textContent = "";
  for (const [start, end] of wrong.length ? wrong : lit()) {
    const part = document.createElement("mark");
    part.textContent = text(start, end) || " ";
    code.append(text(done, start), part);
    done = end;
  }
  code.append(text(done));
}

function lit() {
  return data && field.value === data.expression ? shown : [];
}

// ---- The formula, and the functions that it may mean.

const words = byId("words");
let offered = [];
let chosen = -1;

function wordAtCaret() {
  if (field.selectionStart !== field.selectionEnd) return "";
  const before = field.value.slice(0, field.selectionStart);
  if (/^\w/.test(field.value.slice(field.selectionStart))) return "";
  return /(?<![\w.])[A-Za-z_]\w*$/.exec(before)?.[0] ?? "";
}

function offer() {
  const word = wordAtCaret();
  offered = word ? starting.functions.filter(([name]) => name.startsWith(word) && name !== word).slice(0, 8) : [];
  chosen = -1;
  words.replaceChildren(...offered.map(([name, summary], i) => {
    const item = document.createElement("li");
    const said = document.createElement("span");
    item.id = `word${i}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    said.textContent = summary;
    item.append(name, said);
    item.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      choose(i);
    });
    return item;
  }));
  words.hidden = !offered.length;
  field.removeAttribute("aria-activedescendant");
}

function point(i) {
  chosen = (i + offered.length) % offered.length;
  [...words.children].forEach((item, j) => item.setAttribute("aria-selected", j === chosen));
  field.setAttribute("aria-activedescendant", `word${chosen}`);
}

function choose(i) {
  const end = field.selectionStart;
  field.setRangeText(`${offered[i][0]}(`, end - wordAtCaret().length, end, "end");
  written();
}

// A word that may become a function's is given the time to.
function written() {
  live.formula = field.value;
  wrong = [];
  typed();
  offer();
  changed("formula", offered.length ? 500 : 0);
}

field?.addEventListener("input", written);
field?.addEventListener("blur", () => (words.hidden = true));
field?.addEventListener("keydown", (event) => {
  if (words.hidden || event.isComposing) return;
  const { key } = event;
  if (key === "ArrowDown") point(chosen + 1);
  else if (key === "ArrowUp") point(chosen < 0 ? -1 : chosen - 1);
  else if ((key === "Enter" || key === "Tab") && chosen >= 0) choose(chosen);
  else if (key === "Escape") words.hidden = true;
  else return;
  event.preventDefault();
  event.stopPropagation();
});

// ---- Values: a slider and a field for a number, a table and a field for an array.

const values = new Map();

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function showValues(told) {
  for (const [name, { box }] of values) {
    if (name in told) continue;
    box.remove();
    values.delete(name);
  }
  for (const [name, value] of Object.entries(told)) {
    let known = values.get(name);
    const kind = known && !value.shape ? known.kind : `${value.text.startsWith("@")} ${value.elements ? value.shape : "large"}`;
    if (known?.kind !== kind) {
      const made = valueField(name, value, kind);
      if (known) exchange(known, made);
      else byId("values").append(made.box);
      values.set(name, (known = made));
    }
    live.values[name] ??= value.text;
    if (live.values[name] === value.text) known.show(value);
  }
}

// Another field for the same value; who writes in it goes on writing.
function exchange(before, after) {
  const { selectionStart, selectionEnd, value } = before.text;
  const writing = document.activeElement === before.text;
  before.box.replaceWith(after.box);
  if (!writing) return;
  after.text.value = value;
  after.text.focus();
  after.text.setSelectionRange(selectionStart, selectionEnd);
}

function valueField(name, value, kind) {
  const text = make("input", { type: "text", id: `value ${name}`.replaceAll(" ", "-"), autocomplete: "off", spellcheck: "false" });
  const fault = make("p", { class: "fault", role: "status" });
  const box = make("div", { class: "value" }, make("label", { for: text.id }, name), text, fault);
  const set = (written) => {
    live.values[name] = written;
    changed(`at.${name}`);
  };
  const others = [];
  if (value.text.startsWith("@")) text.readOnly = true;
  else if (value.elements && !value.shape.length) others.push(slider(name, text, set));
  if (!text.readOnly && value.elements?.length && value.shape.length) others.push(table(name, value, text, set));
  box.classList.toggle("array", !value.elements || value.shape.length > 0);
  others.forEach((other) => (other.before ? text : fault).before(other.element));
  text.addEventListener("input", () => set(text.value));
  const show = (now) => {
    if (document.activeElement !== text) text.value = now.text;
    if (now.elements) others.forEach((other) => other.show(now));
  };
  return { box, text, kind, fault, show };
}

// From the least to the greatest number that a slider reaches: at first as far as twice its value.
function slider(name, text, set) {
  const element = make("input", { type: "range", "aria-label": tell("{name}, slider", { name }) });
  const widen = (value) => {
    const far = Math.max(3, 2 * Math.abs(value));
    const unit = 10 ** Math.floor(Math.log10(far));
    const most = [1, 2, 3, 4, 5, 6, 8, 10].find((n) => n * unit >= far * 0.999999) * unit;
    Object.assign(element, { min: -most, max: most, step: 10 ** Math.floor(Math.log10(most / 150)) });
  };
  element.addEventListener("input", () => {
    text.value = String(Number(Number(element.value).toPrecision(6)));
    set(text.value);
  });
  const show = (now) => {
    const value = Number(now.elements[0]);
    if (!element.max || !(Math.abs(value) <= Number(element.max)) || element.min === "") widen(Number.isFinite(value) ? value : 1);
    if (document.activeElement !== element) element.value = value;
    element.setAttribute("aria-valuetext", now.elements[0]);
  };
  element.min = "";
  element.removeAttribute("max");
  return { element, show, before: true };
}

function table(name, value, text, set) {
  const columns = value.shape.at(-1);
  const cells = value.elements.map((_, i) => {
    const place = value.shape.length > 1 ? `${Math.floor(i / columns)}, ${i % columns}` : i;
    return make("input", { type: "number", step: "0.1", "aria-label": `${name}[${place}]` });
  });
  const rows = [];
  for (let i = 0; i < cells.length; i += columns) rows.push(make("tr", {}, ...cells.slice(i, i + columns).map((cell) => make("td", {}, cell))));
  const element = make("div", { class: "values", role: "group", "aria-label": tell("Elements of {name}", { name }), tabindex: "0" }, make("table", { role: "presentation" }, ...rows));
  element.addEventListener("input", (event) => {
    delete event.target.dataset.exact;
    const numbers = cells.map((cell) => cell.dataset.exact ?? (cell.value || "0"));
    const lists = [];
    for (let i = 0; i < numbers.length; i += columns) lists.push(`[${numbers.slice(i, i + columns).join(", ")}]`);
    const list = value.shape.length > 1 ? `[${lists.join(", ")}]` : lists[0];
    text.value = value.whole ? `int(${list})` : list;
    set(text.value);
  });
  const show = (now) => cells.forEach((cell, i) => {
    cell.dataset.exact = now.elements[i];
    if (document.activeElement !== cell) cell.value = Number(Number(now.elements[i]).toPrecision(5));
  });
  return { element, show };
}

// ---- Options.

const controls = [...document.querySelectorAll("#options [name]")];
const usual = new Map(controls.map((control) => [control.name, control.type === "checkbox" ? "" : control.value]));

function readControls(name) {
  const same = controls.filter((control) => control.name === name);
  const [first] = same;
  const checked = same.filter((control) => control.checked);
  if (first.type !== "checkbox") {
    if (first.value === usual.get(name)) delete live.options[name];
    else live.options[name] = first.value;
  } else if (checked.length) live.options[name] = first.hasAttribute("value") ? checked.map((control) => control.value).join(",") : "";
  else delete live.options[name];
}

function showControls() {
  for (const control of controls) {
    const value = live.options[control.name];
    if (control.type !== "checkbox") control.value = value ?? usual.get(control.name);
    else control.checked = value !== undefined && (!control.hasAttribute("value") || value.split(",").includes(control.value));
  }
}

byId("options").addEventListener("input", (event) => {
  if (!event.target.name) return;
  readControls(event.target.name);
  changed(event.target.name);
});

// ---- The address has all of it; each change that has come to rest is an entry of the history, so
// that Undo and the browser's Back are one.

let place = history.state?.place ?? 0;
let farthest = place;
let resting = 0;

window.addressed = () => [
  ...(live.formula === null ? [] : [["formula", live.formula]]),
  ...Object.entries(live.values).filter(([name, text]) => !text.startsWith("@") && (!values.size || values.has(name))).map(([name, text]) => [`at.${name}`, text]),
  ...Object.entries(live.options),
];

function readAddress() {
  const items = new URLSearchParams(location.hash.slice(1));
  const known = (name) => starting.known.includes(name) && name !== "theme";
  const named = [...items.keys()].some((name) => name === "formula" || name.startsWith("at.") || known(name));
  if (!named && data) return false;
  if (live.formula !== null) live.formula = items.get("formula") ?? starting.formula;
  live.values = named ? {} : { ...starting.values };
  for (const [name, text] of Object.entries(starting.values)) if (text.startsWith("@")) live.values[name] = text;
  live.options = named ? {} : { ...starting.options };
  delete live.options.theme;
  for (const [name, text] of items) {
    if (name.startsWith("at.") && !text.trimStart().startsWith("@")) live.values[name.slice(3)] = text;
    else if (known(name)) live.options[name] = text;
  }
  if (field) field.value = live.formula;
  root.lang = spoken[live.options.lang] ? live.options.lang : "en";
  sayTools();
  showControls();
  return true;
}

let asking = 0;

let changing = "";

// What goes on changing is one entry, until it has come to rest.
function changed(what, wait = 0) {
  if (!resting || what !== changing) {
    changing = what;
    place += 1;
    farthest = place;
    history.pushState({ place }, "", location.hash);
  }
  clearTimeout(resting);
  resting = setTimeout(() => (resting = 0), 700);
  showPlace();
  remember();
  clearTimeout(asking);
  if (wait) asking = setTimeout(() => ask("moment"), wait);
  else ask("moment");
}

function showPlace() {
  byId("undo").setAttribute("aria-disabled", place < 1);
  byId("redo").setAttribute("aria-disabled", place >= farthest);
}

addEventListener("popstate", (event) => {
  if (event.state) place = event.state.place;
  else history.replaceState({ place }, "", location.hash);
  showPlace();
  clearTimeout(resting);
  resting = 0;
  if (event.state && readAddress()) ask("whole");
});

byId("undo").addEventListener("click", () => place > 0 && history.back());
byId("redo").addEventListener("click", () => place < farthest && history.forward());
addEventListener("keydown", (event) => {
  const writing = event.target.matches?.("textarea, input[type=text], input[type=number], input[type=search]");
  if (writing || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
  byId(event.shiftKey ? "redo" : "undo").click();
  event.preventDefault();
});

// ---- What is taken away, and files that change.

byId("copy").addEventListener("click", async () => {
  await navigator.clipboard.writeText(byId("command").textContent).then(() => say(tell("Copied")), () => say(tell("It cannot be copied here; select the text")));
});
byId("page").addEventListener("click", async () => {
  const answer = await answerTo("page").catch((error) => ({ error: error.message }));
  if (answer.error) showFault(answer);
  else if (answer.page) save(new Blob([answer.page], { type: "text/html" }), "html");
});
window.speaks = (lang) => {
  if (lang === "en") delete live.options.lang;
  else live.options.lang = lang;
  changed("lang");
};
byId("editor").addEventListener("submit", (event) => event.preventDefault());
byId("theme")?.addEventListener("click", () => ask("moment"));

let version = starting.version;

async function lookForChanges() {
  if (document.hidden) return;
  const now = await fetch("version").then((response) => response.json(), () => null);
  if (!now || now.version === version) return;
  version = now.version;
  if (field && now.formula !== null && now.formula !== starting.formula) {
    starting.formula = now.formula;
    field.value = now.formula;
    live.formula = now.formula;
    changed("file");
  }
  ask("whole");
}

if (starting.watches) setInterval(lookForChanges, 1000);

history.replaceState({ place }, "", location.hash);
readAddress();
showPlace();
typed();
ask("whole");
