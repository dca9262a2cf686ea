// The views of a page: ops that are made of others as one node, or with their parts.
// Each view but the first lies in a template; the address says which one is shown. It stands before
// the script of the page, and makes of it what that finds.

function viewAsked() {
  return new URLSearchParams(location.hash.slice(1)).get("view") ?? "";
}

window.shownView = "";
for (const template of document.querySelectorAll("template[data-view]")) {
  if (template.dataset.view !== viewAsked() || template.dataset.lang !== document.documentElement.lang) continue;
  window.shownView = viewAsked();
  document.querySelector("main").replaceChildren(template.content.cloneNode(true));
}

// All is made anew from the other view, as if the page had been opened there.
function showView(key) {
  window.shownView = key;
  const items = new URLSearchParams(key ? { view: key } : {});
  if (state.lang) items.set("lang", state.lang);
  location.hash = items;
  location.reload();
}

window.findLeads = () => {
  const { opens, closes } = JSON.parse(document.getElementById("views").textContent);
  const lead = (element, key, open) => {
    if (!element) return;
    element.dataset.leads = key;
    element.setAttribute("aria-expanded", open);
  };
  for (const [key, ids] of opens) {
    const found = ids.map((id) => document.querySelector(`[data-key="${id}"]`));
    lead(found.find(Boolean), key, false);
  }
  for (const [key, id] of closes) {
    const label = document.querySelector(`[data-key="${id} label"]`);
    lead(label, key, true);
    label?.setAttribute("role", "button");
    label?.setAttribute("tabindex", "0");
    label?.setAttribute("aria-label", label.textContent.trim());
  }
};

// Before anything else hears of it: such a node has no details of its own.
function followLead(event) {
  const element = event.target.closest?.("[data-leads]");
  if (!element || (event.type === "click" ? dragged : !["Enter", " "].includes(event.key))) return;
  event.stopPropagation();
  event.preventDefault();
  showView(element.dataset.leads);
}

document.addEventListener("click", followLead, true);
document.addEventListener("keydown", followLead, true);
addEventListener("hashchange", () => viewAsked() !== window.shownView && showView(viewAsked()));
