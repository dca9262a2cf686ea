// The page of one graph: its steps, its nodes, and from where it is looked at.
// All words and pictures are parts of the data, written and escaped by dzviz; none is made here.
"use strict";

const byId = (id) => document.getElementById(id);
const root = document.documentElement;
root.classList.add("js");

// ---- Language: what the scripts say, and what the page says in each; see the templates.

const spoken = JSON.parse(byId("spoken").textContent);
const said = new Map();

function tell(english, fields = {}) {
  return spoken[root.lang][english].replace(/\{(\w+)\}/g, (_, name) => fields[name]);
}

// The tools, whose elements stay: where their words stand, and in English what they are.
const TOOLS = [
  ["#tools", "View", "aria-label"], ["label[for=search]", "Search"], ["#out", "Zoom out", "aria-label"],
  ["#in", "Zoom in", "aria-label"], ["#fit", "Fit"], ["#theme", "Dark"], ["#svg", "Save SVG"],
  ["#png", "Save PNG"], ["#undo", "Undo"], ["#redo", "Redo"], ["#page", "Save page"],
  ["label[for=formula]", "Formula"], ["#words", "Functions", "aria-label"], ["#options summary", "Options"],
  ["#editor", "Editor", "aria-label"], ["#editor > #values", "Values", "aria-label"],
  ["#command", "The same as a command", "aria-label"], ["#copy", "Copy command"],
];

function sayTools() {
  for (const [selector, english, attribute] of TOOLS) {
    const element = document.querySelector(selector);
    if (attribute) element?.setAttribute(attribute, tell(english));
    else if (element) element.textContent = tell(english);
  }
  byId("present").textContent = tell(presenting() ? "Leave" : "Present");
  showLanguage();
}

const NAMES = { en: "English", ko: "\ud55c\uad6d\uc5b4", ja: "\u65e5\u672c\u8a9e" };

// Its button leads to the next language.
function nextLanguage() {
  const known = Object.keys(NAMES).filter((lang) => window.speaks || said.has(` ${lang}`));
  return known[(known.indexOf(root.lang) + 1) % known.length] ?? root.lang;
}

function showLanguage() {
  const next = nextLanguage();
  byId("language").hidden = next === root.lang;
  byId("language").textContent = NAMES[next];
  byId("language").lang = next;
}

// The first of all is what the page says at the beginning.
function findLanguages() {
  for (const template of document.querySelectorAll("template[data-lang]")) {
    const { view, lang } = template.dataset;
    said.set(`${view} ${lang}`, template.content);
  }
  const main = document.querySelector("main").cloneNode(true);
  const first = document.createDocumentFragment();
  first.append(...main.childNodes);
  said.set(`${window.shownView ?? ""} ${root.lang}`, first);
}

function speak(lang) {
  if (!spoken[lang] || lang === root.lang) return;
  if (window.speaks) {
    root.lang = state.lang = lang;
    sayTools();
    return window.speaks(lang);
  }
  const other = said.get(`${window.shownView ?? ""} ${lang}`);
  if (!other) return;
  play(false);
  root.lang = state.lang = lang;
  const { step, at, node } = state;
  const ended = step === last;
  document.querySelector("main").replaceChildren(other.cloneNode(true));
  svg.remove();
  begin();
  if (at !== state.at) window.sweep?.showPoint(at);
  showStep(ended ? last : step);
  if (node) pin(node);
  sayTools();
  remember();
}

byId("language").addEventListener("click", () => speak(nextLanguage()));

// What is shown. `node` is the pinned one; a `theme` stands in the address once it was chosen; `at`
// is the point of a sweep.
const state = { step: 0, at: 0, node: "", theme: "", lang: "", present: false };

// What is found in what the page says; found again where that is made anew. A sweep has a picture
// for each structure of its graph; of a page without one, the data is it.
let data, stage, svg, pictures, picture, last;

function findData() {
  data = JSON.parse(byId("data").textContent);
  stage = byId("stage");
  svg = stage.querySelector("svg");
  pictures = data.pictures ?? [data];
  picture = pictures[data.which?.[data.start] ?? 0];
  last = picture.steps - 1;
  Object.assign(state, { step: last, at: data.start ?? 0 });
}

// ---- Steps: each layer is one element, filled with the part that belongs there.

let layers = [];

function partAt(key, step) {
  const states = picture.layers[key] ?? [];
  let low = 0;
  let high = states.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (states[middle][0] <= step) low = middle + 1;
    else high = middle;
  }
  return low ? states[low - 1][1] : -1;
}

function textOf(part) {
  if (part < 0) return "";
  return data.texts[part].map ? data.texts[part].map(lineOf).join("\n") : window.sweep.textOf(part);
}

function lineOf(number) {
  const line = data.lines[number];
  return typeof line === "string" ? line : window.sweep.lineOf(line);
}

function showStep(step, moves = true) {
  state.step = Math.max(0, Math.min(last, step));
  for (const layer of layers) {
    const part = partAt(layer.key, state.step);
    if (part === layer.part && state.at === layer.at) continue;
    const text = textOf(part);
    const same = text === layer.text;
    Object.assign(layer, { part, text, at: state.at });
    if (same) continue;
    layer.element.innerHTML = text;
    if (layer.element.dataset.shape) nameNode(layer.element);
  }
  if (last) {
    const count = tell("Step {number} of {last}", { number: state.step, last });
    byId("slider").value = state.step;
    byId("slider").setAttribute("aria-valuetext", count);
    byId("count").textContent = count;
    for (const [id, end] of [["first", 0], ["back", 0], ["next", last]]) {
      byId(id).setAttribute("aria-disabled", state.step === end);
    }
    byId("why").textContent = state.step === picture.opening.step ? picture.opening.why : "";
    document.querySelector("[aria-current]")?.removeAttribute("aria-current");
    byId(`row${state.step}`).setAttribute("aria-current", "step");
  }
  fillPanel();
  if (byId("search").value) find();
  if (moves) reveal(state.step ? picture.active[state.step].map(elementOf) : [start], true);
  remember();
}

let timer = 0;

function play(on) {
  clearInterval(timer);
  timer = on ? setInterval(() => (state.step < last ? showStep(state.step + 1) : play(false)), 1800) : 0;
  if (byId("play")) byId("play").textContent = tell(on ? "Pause" : "Play");
}

function toggle() {
  if (!timer && state.step === last) showStep(0);
  play(!timer);
}

function goTo(step) {
  play(false);
  if (last) showStep(step);
}

function listenToPlayer() {
  if (!byId("play")) return;
  byId("play").addEventListener("click", toggle);
  byId("first").addEventListener("click", () => goTo(0));
  byId("back").addEventListener("click", () => goTo(state.step - 1));
  byId("next").addEventListener("click", () => goTo(state.step + 1));
  byId("slider").addEventListener("input", (event) => goTo(Number(event.target.value)));
}

// ---- Nodes: one of them can be reached by Tab, from there the arrow keys lead to all others.

let nodes = [];
let edges = [];
let sources = {};
let targets = {};

// Find the parts of the picture that is drawn now; where it `stays` they may be of other numbers.
function arrange(stays = false) {
  layers = [...document.querySelectorAll("[data-key]")].map((element) => ({
    element,
    key: element.dataset.key,
    part: stays || data.columns ? undefined : partAt(element.dataset.key, last),
    at: state.at,
  }));
  [nodes, edges, sources, targets] = [[], [], {}, {}];
  for (const { element, key } of layers) {
    const id = key.split(" ")[0];
    if (picture.shapes[id]) {
      element.dataset.shape = id;
      element.setAttribute("role", "button");
      element.setAttribute("tabindex", "-1");
      element.setAttribute("aria-pressed", "false");
      nameNode(element);
      nodes.push(element);
    } else if (picture.arrows[id]) {
      element.dataset.arrow = id;
      edges.push(element);
    }
  }
  for (const [source, target] of Object.values(picture.arrows)) {
    (targets[source] ??= []).push(target);
    (sources[target] ??= []).push(source);
  }
  enter(elementOf(entry?.dataset.shape) ?? nodes[0]);
  measure();
}

// Its name is what stands on it, else what it is called; its description all that is known of it.
function nameNode(element) {
  const lines = [...element.querySelectorAll("text")].map((text) => text.textContent).join(" ");
  const called = element.querySelector("[aria-label]")?.getAttribute("aria-label");
  element.setAttribute("aria-label", lines || called);
  element.setAttribute("aria-description", element.querySelector("title")?.textContent ?? "");
}

function elementOf(id) {
  return nodes.find((element) => element.dataset.shape === id);
}

function nodeAt(event) {
  return event.target.closest?.("[data-shape]") ?? null;
}

let entry = null;

function enter(element) {
  entry?.setAttribute("tabindex", "-1");
  entry = element;
  entry?.setAttribute("tabindex", "0");
}

function goToNode(element) {
  if (!element) return;
  enter(element);
  element.focus({ preventScroll: true });
  reveal([element]);
}

// The nearest of a node's neighbours, seen across the direction of computation.
function neighbour(element, ids) {
  const side = data.down ? "left" : "top";
  const place = element.getBoundingClientRect()[side];
  const found = (ids ?? []).map(elementOf).filter(Boolean);
  const distance = (other) => Math.abs(other.getBoundingClientRect()[side] - place);
  return found.sort((a, b) => distance(a) - distance(b))[0];
}

function walk(element, key) {
  const id = element.dataset.shape;
  const i = nodes.indexOf(element);
  const [before, after, above, below] = data.down
    ? ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"]
    : ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"];
  switch (key) {
    case before: return goToNode(neighbour(element, sources[id]));
    case after: return goToNode(neighbour(element, targets[id]));
    case above: return goToNode(nodes[i - 1]);
    case below: return goToNode(nodes[i + 1]);
    case "Home": return goToNode(nodes[0]);
    case "End": return goToNode(nodes[nodes.length - 1]);
  }
}

// ---- Light: what a node depends on (solid) and what depends on it (dotted).

function reached(id, next) {
  const found = new Set();
  const open = [id];
  while (open.length) {
    for (const other of next[open.pop()] ?? []) {
      if (found.has(other)) continue;
      found.add(other);
      open.push(other);
    }
  }
  return found;
}

function light(id) {
  const before = reached(id, sources);
  const after = reached(id, targets);
  svg.classList.toggle("lit", Boolean(id));
  for (const element of nodes) {
    const other = element.dataset.shape;
    element.classList.toggle("here", other === id);
    element.classList.toggle("before", before.has(other));
    element.classList.toggle("after", after.has(other));
  }
  for (const element of edges) {
    const [source, target] = picture.arrows[element.dataset.arrow];
    element.classList.toggle("before", target === id || before.has(target));
    element.classList.toggle("after", source === id || after.has(source));
  }
  mark(picture.shapes[id]?.spans ?? []);
}

// Spans count characters, as Python does; the script's own indices would count halves of some.
let shown = [];

function mark(spans) {
  shown = spans;
  if (window.typed) return typed();
  const code = byId("expression");
  if (!code) return;
  const characters = [...data.expression];
  const text = (start, end) => characters.slice(start, end).join("");
  let done = 0;
  code.textContent = "";
  for (const [start, end] of spans) {
    const part = document.createElement("mark");
    part.textContent = text(start, end);
    code.append(text(done, start), part);
    done = end;
  }
  code.append(text(done));
}

function listenToNodes() {
  svg.addEventListener("pointerover", (event) => {
    if (!pointers.size) light(nodeAt(event)?.dataset.shape ?? state.node);
  });
  svg.addEventListener("pointerleave", () => light(state.node));
  svg.addEventListener("focusin", (event) => {
    const element = nodeAt(event);
    if (!element) return;
    enter(element);
    light(element.dataset.shape);
  });
  svg.addEventListener("focusout", () => light(state.node));
  svg.addEventListener("click", (event) => {
    const id = nodeAt(event)?.dataset.shape;
    if (id && !dragged) pin(id === state.node ? "" : id);
  });
}

// ---- The panel: the pieces that tell a node at this step.

let filled = "";

function fillPanel() {
  const pieces = picture.shapes[state.node]?.pieces ?? [];
  const text = pieces.map((key) => textOf(partAt(key, state.step))).join("");
  if (text === filled) return;
  filled = text;
  byId("details").innerHTML = text;
}

function pin(id) {
  const there = elementOf(id) ? id : "";
  state.node = there;
  for (const element of nodes) element.setAttribute("aria-pressed", element.dataset.shape === there);
  const opens = byId("panel").hidden === Boolean(there);
  byId("panel").hidden = !there;
  fillPanel();
  light(there);
  const name = byId("details").querySelector("h2")?.textContent ?? there;
  say(there ? tell("Details of {name}", { name }) : tell("Details closed"), true);
  if (opens) fit(whole);
  reveal([elementOf(there)]);
  remember();
}

function say(text, aloud = false) {
  byId("said").textContent = text;
  byId("said").classList.toggle("aloud", aloud);
}

function close() {
  const element = elementOf(state.node);
  pin("");
  goToNode(element);
}

// ---- Signs are set as a typesetter does; who copies or searches has those of a keyboard.

const SIGNS = { "\u2212": "-", "\u00d7": "*", "\u00b7": "*", "\u2032": "'" };

function plain(text) {
  return text.replace(/[\u2212\u00d7\u00b7\u2032]/g, (sign) => SIGNS[sign]);
}

document.addEventListener("copy", (event) => {
  if (event.target.matches?.("input, textarea")) return;
  event.clipboardData.setData("text/plain", plain(getSelection().toString()));
  event.preventDefault();
});

// ---- Search: by whatever stands on a node or in its title.

let matches = [];

function find() {
  const query = plain(byId("search").value.trim().toLowerCase());
  const found = (element) => query && plain(element.textContent.toLowerCase()).includes(query);
  for (const element of nodes) element.classList.toggle("found", Boolean(found(element)));
  matches = nodes.filter(found);
  return query;
}

byId("search").addEventListener("input", () => {
  const query = find();
  say(query ? tell("{count} found", { count: matches.length }) : "");
});
byId("search").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && matches.length) {
    goToNode(matches[(matches.indexOf(entry) + 1) % matches.length]);
    event.preventDefault();
  } else if (event.key === "Escape") {
    byId("search").value = "";
    find();
    goToNode(entry);
    event.stopPropagation();
  }
});

// ---- The view: a place and a scale of the whole picture.

let side = "x";
let start = null;
let [width, height] = [0, 0];
let spans = [];
const view = { x: 0, y: 0, scale: 1 };
const LEAST = 0.02;
const MOST = 12;
// At this scale the smallest words are as high as those of a footnote; in a hall as those of a text.
const readable = () => (presenting() ? 1.1 : 0.65);
const MARGIN = 8;
const FADE = 16;
let moved = false;
let whole = false;
let drawing = 0;

function look() {
  drawing = 0;
  const ends = [view.x < 0, view.y < 0, view.x + width * view.scale > stage.clientWidth, view.y + height * view.scale > stage.clientHeight];
  ["left", "top", "right", "bottom"].forEach((side, i) => stage.classList.toggle(`more-${side}`, ends[i]));
  svg.style.transform = `translate(${view.x}px,${view.y}px) scale(${view.scale})`;
}

function move(x, y, scale, gliding = false) {
  svg.classList.toggle("gliding", gliding);
  Object.assign(view, { x, y, scale });
  drawing ||= requestAnimationFrame(look);
}

// How large the picture is, and where its nodes begin and end along the direction of computation, in
// its own units.
function measure() {
  side = data.down ? "y" : "x";
  [width, height] = [svg.width.baseVal.value, svg.height.baseVal.value];
  root.classList.toggle("wide", width > 1.2 * height);
  start = nodes.reduce((first, node) => (node.getBBox()[side] < first.getBBox()[side] ? node : first));
  spans = nodes.map((node) => {
    const box = node.getBBox();
    const from = box[side] - svg.viewBox.baseVal[side];
    return [from, from + box[data.down ? "height" : "width"]].map((end) => (end * width) / svg.viewBox.baseVal.width);
  });
}

// A scale at which the end of the stage cuts no node, near the least at which words can be read.
function uncut(long, least, most) {
  const free = (place) => spans.every(([from, end]) => end < place || from > place + FADE / least);
  const ends = spans.map(([, end]) => end + 4).filter(free);
  const scales = ends.map((end) => long / end).filter((scale) => scale >= 0.85 * least && scale <= most).sort((a, b) => a - b);
  return scales.find((scale) => scale >= least) ?? scales.at(-1) ?? least;
}

// How high the stage can be, so that what is told stands below it without scrolling, if it is short.
function room() {
  const told = byId("dock") ?? (last ? byId("player") : null);
  const below = told ? Math.min(told.offsetHeight, innerHeight / 3) + 12 : 0;
  const top = stage.getBoundingClientRect().top + scrollY;
  const most = innerWidth < 800 && !presenting() ? 0.6 * innerHeight : innerHeight;
  return Math.max(Math.min(most, innerHeight - top - below - 8), 190);
}

// Keep as much room for what is told as the longest sentences need.
function reserve() {
  const told = byId("told");
  if (!last || innerWidth < 800) return;
  const now = told.innerHTML;
  const texts = picture.layers.told.map(([, part]) => textOf(part)).sort((a, b) => b.length - a.length);
  told.parentElement.style.minHeight = "";
  const heights = texts.slice(0, 3).map((text) => ((told.innerHTML = text), told.offsetHeight));
  told.innerHTML = now;
  const most = Math.min(Math.max(...heights), innerHeight / 5);
  told.parentElement.style.minHeight = `${most + byId("why").offsetHeight}px`;
}

// Show all of the picture; one that cannot be read then, only where it starts, unless all is asked for.
function fit(all = false) {
  moved = false;
  whole = all;
  const most = room();
  const wide = stage.clientWidth;
  const long = (data.down ? most : wide) - MARGIN - FADE;
  const across = (data.down ? (wide - 2 * MARGIN) / width : (most - 2 * MARGIN) / height);
  const fitting = Math.min((wide - 2 * MARGIN) / width, (most - 2 * MARGIN) / height, presenting() ? 5 : 2.6);
  let scale = all ? fitting : Math.max(fitting, readable());
  if (scale > fitting) scale = uncut(long, scale, Math.min(Math.max(across, scale), 1.5 * scale));
  const beside = innerWidth >= 800 && !byId("panel").hidden ? byId("details").offsetHeight + 120 : 0;
  stage.style.height = `${presenting() ? most : Math.min(most, Math.max(height * scale + 2 * MARGIN, beside))}px`;
  const place = { x: (wide - width * scale) / 2, y: (stage.clientHeight - height * scale) / 2 };
  if (place[side] < MARGIN) place[side] = MARGIN;
  move(place.x, place.y, scale);
  reveal([start]);
  moved = false;
}

function toggleFit() {
  fit(moved || !whole);
}

// Zoom so that the point of the stage under (x, y) stays.
function zoom(factor, x = stage.clientWidth / 2, y = stage.clientHeight / 2) {
  moved = true;
  const scale = Math.max(LEAST, Math.min(MOST, view.scale * factor));
  const change = scale / view.scale;
  move(x - (x - view.x) * change, y - (y - view.y) * change, scale);
}

// Bring elements that cannot be seen into the middle, as far as the picture reaches; of those that
// do not fit in together, the last one.
function reveal(elements, gliding = false) {
  const boxes = elements.filter(Boolean).map((element) => element.getBBox());
  if (!boxes.length) return;
  const { x: left, y: top, width: across } = svg.viewBox.baseVal;
  const unit = (view.scale * width) / across;
  const shown = (side, size, origin, long, room) => {
    const ends = (some) => [
      Math.min(...some.map((box) => box[side])),
      Math.max(...some.map((box) => box[side] + box[size])),
    ].map((end) => (end - origin) * unit + view[side]);
    let [low, high] = ends(boxes);
    if (high - low > room) [low, high] = ends(boxes.slice(-1));
    if (high - low > room ? high > 0 && low < room : low >= 4 && high <= room - 4) return view[side];
    const middle = view[side] + (room - low - high) / 2;
    const least = room - MARGIN - long * view.scale;
    return least < MARGIN ? Math.max(least, Math.min(MARGIN, middle)) : middle;
  };
  const x = shown("x", "width", left, width, stage.clientWidth);
  const y = shown("y", "height", top, height, stage.clientHeight);
  if (x === view.x && y === view.y) return;
  moved = true;
  move(x, y, view.scale, gliding);
}

// One pointer drags, two of them pinch.
const pointers = new Map();
let dragged = false;

function listenToStage() {
  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    const { left, top } = stage.getBoundingClientRect();
    const speed = event.ctrlKey ? 0.01 : event.deltaMode ? 0.05 : 0.0015;
    zoom(Math.exp(-event.deltaY * speed), event.clientX - left, event.clientY - top);
  }, { passive: false });

  stage.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    if (!pointers.size) dragged = false;
    pointers.set(event.pointerId, [event.clientX, event.clientY]);
  });
  stage.addEventListener("pointermove", (event) => {
    const from = pointers.get(event.pointerId);
    if (!from) return;
    const [dx, dy] = [event.clientX - from[0], event.clientY - from[1]];
    if (!dragged && Math.hypot(dx, dy) < 4) return;
    if (!dragged) {
      dragged = true;
      stage.classList.add("moving");
      stage.setPointerCapture(event.pointerId);
    }
    moved = true;
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    pointers.set(event.pointerId, [event.clientX, event.clientY]);
    if (!other) return move(view.x + dx, view.y + dy, view.scale);
    const { left, top } = stage.getBoundingClientRect();
    const before = Math.hypot(from[0] - other[0], from[1] - other[1]);
    const after = Math.hypot(event.clientX - other[0], event.clientY - other[1]);
    zoom(after / (before || 1), other[0] - left, other[1] - top);
  });
  resized.observe(stage);
}

for (const kind of ["pointerup", "pointercancel"]) {
  addEventListener(kind, (event) => {
    pointers.delete(event.pointerId);
    if (!pointers.size) stage.classList.remove("moving");
  });
}

byId("in").addEventListener("click", () => zoom(1.25));
byId("out").addEventListener("click", () => zoom(0.8));
byId("fit").addEventListener("click", toggleFit);
const resized = new ResizeObserver(() => moved || fit(whole));
addEventListener("resize", () => {
  if (!data) return;
  reserve();
  moved || fit(whole);
});

// ---- Presenting: the picture and what is told, as large as they can be.

function presenting() {
  return root.classList.contains("presenting");
}

function present(on) {
  if (on === presenting()) return;
  root.classList.toggle("presenting", on);
  state.present = on;
  byId("present").setAttribute("aria-pressed", on);
  byId("present").textContent = tell(on ? "Leave" : "Present");
  if (on && navigator.userActivation?.isActive) root.requestFullscreen?.().catch(() => {});
  else if (document.fullscreenElement) document.exitFullscreen();
  scrollTo(0, 0);
  if (!data) return;
  reserve();
  fit();
  reveal(picture.active[state.step].map(elementOf));
  remember();
}

byId("present").addEventListener("click", () => present(!presenting()));
addEventListener("fullscreenchange", () => document.fullscreenElement || present(false));

// ---- Theme.

const screen = matchMedia("(prefers-color-scheme: dark)");

function isDark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : screen.matches;
}

function showTheme() {
  byId("theme")?.setAttribute("aria-pressed", isDark());
}

function setTheme(theme) {
  if (!byId("theme") || !["light", "dark"].includes(theme)) return;
  state.theme = root.dataset.theme = theme;
  showTheme();
  remember();
}

byId("theme")?.addEventListener("click", () => setTheme(isDark() ? "light" : "dark"));
screen.addEventListener("change", showTheme);

// A page in a frame whose theme is nobody's choice is as light as the page around it, which tells.
if (!root.dataset.theme && parent !== window) {
  addEventListener("message", (event) => {
    const theme = event.source === parent && !state.theme && event.data?.theme;
    if (!["light", "dark"].includes(theme)) return;
    root.dataset.theme = theme;
    showTheme();
  });
}

// ---- Saving: the picture as it is now, the colours that it has now written into it.

const BAKED = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "fill-opacity", "stroke-opacity"];

function drawn() {
  const copy = svg.cloneNode(true);
  const originals = svg.querySelectorAll("*");
  copy.querySelectorAll("*").forEach((element, i) => {
    if (!element.matches("rect, ellipse, path, polygon, text")) return;
    const style = getComputedStyle(originals[i]);
    for (const name of BAKED) {
      const value = style.getPropertyValue(name);
      const usual = { "stroke-dasharray": "none", "stroke-linecap": "butt", stroke: "none" }[name] ?? "1";
      if (element.hasAttribute(name) || parseFloat(value) !== 1 && !value.startsWith(usual)) element.setAttribute(name, value);
    }
  });
  for (const group of copy.querySelectorAll("g[data-key]")) group.replaceWith(...group.childNodes);
  copy.removeAttribute("style");
  copy.removeAttribute("class");
  return new XMLSerializer().serializeToString(copy);
}

function save(blob, suffix) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `graph${last ? `-step-${state.step}` : ""}.${suffix}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  say(tell("Saved {name}", { name: link.download }));
}

byId("svg").addEventListener("click", () => {
  if (data) save(new Blob([drawn()], { type: "image/svg+xml" }), "svg");
});
byId("png").addEventListener("click", () => {
  if (!data) return;
  const image = new Image();
  image.onload = () => {
    const scale = Math.min(2, 8192 / Math.max(image.width, image.height));
    const canvas = document.createElement("canvas");
    canvas.width = image.width * scale;
    canvas.height = image.height * scale;
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => save(blob, "png"));
  };
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(drawn())}`;
});

// ---- The address: #step=7&node=v3&theme=dark. What it does not name stays as it is.

let remembering = 0;

function remember() {
  clearTimeout(remembering);
  remembering = setTimeout(() => {
    const items = new URLSearchParams();
    if (last) items.set("step", state.step);
    if (state.node) items.set("node", state.node);
    if (state.theme) items.set("theme", state.theme);
    if (state.lang && !window.speaks) items.set("lang", state.lang);
    if (window.shownView) items.set("view", window.shownView);
    if (state.present) items.set("present", 1);
    window.sweep?.remember(items);
    for (const [name, value] of window.addressed?.() ?? []) items.set(name, value);
    if (location.protocol !== "about:") history.replaceState(history.state, "", `#${items}`); // else a frame
  }, 200);
}

function recall() {
  const items = new URLSearchParams(location.hash.slice(1));
  window.sweep?.recall(items);
  if (items.has("lang")) speak(items.get("lang"));
  if (items.has("theme")) setTheme(items.get("theme"));
  if (items.has("present")) present(true);
  if (items.has("node")) pin(items.get("node"));
  if (/^\d{1,9}$/.test(items.get("step"))) goTo(Number(items.get("step")));
}

addEventListener("hashchange", recall);

// ---- Keys.

addEventListener("keydown", (event) => {
  if (!data || event.ctrlKey || event.altKey || event.metaKey) return;
  const { key, target } = event;
  const element = nodeAt(event);
  const typing = target.matches?.("input:not([type=range]), textarea, select, .value [type=range]");
  const inside = target.matches?.("button, a, input, .values") || element;
  const moves = key.startsWith("Arrow") || key === "Home" || key === "End";
  if (typing) return;
  if (window.sweep?.press(key)) event.preventDefault();
  else if (key === "/") byId("search").focus();
  else if (key === "+" || key === "=") zoom(1.25);
  else if (key === "-") zoom(0.8);
  else if (key === "0") toggleFit();
  else if (key === "p") present(!presenting());
  else if (key === "PageDown" || key === "PageUp") goTo(state.step + (key === "PageDown" ? 1 : -1));
  else if (key === "Escape" && state.node) close();
  else if (key === "Escape" && presenting()) present(false);
  else if (element && moves) walk(element, key);
  else if (element && (key === "Enter" || key === " ")) pin(element.dataset.shape === state.node ? "" : element.dataset.shape);
  else if (last && key === " " && (!inside || target.id === "slider")) toggle();
  else if (last && !inside && key === "ArrowLeft") goTo(state.step - 1);
  else if (last && !inside && key === "ArrowRight") goTo(state.step + 1);
  else if (last && !inside && key === "Home") goTo(0);
  else if (last && !inside && key === "End") goTo(last);
  else return;
  event.preventDefault();
});

// ---- Begin; anew where what the page says was made anew, but for a stage that stays.

function begin(stays = false) {
  findData();
  window.sweep?.find();
  window.findLeads?.();
  arrange(stays);
  listenToPlayer();
  byId("close").addEventListener("click", close);
  showTheme();
  reserve();
  if (stays) return;
  listenToNodes();
  listenToStage();
  fit();
}

if (byId("data")) {
  findLanguages();
  showLanguage();
  begin();
  showStep(picture.opening.step);
  recall();
}
