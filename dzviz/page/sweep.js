// The sliders of a sweep, one for each axis, and its curves. Stands before the script of the page.
window.sweep = (() => {
  let sliders = [];
  const axis = (i) => data.axes[i];

  // The last axis goes fastest.
  const places = () => {
    let rest = state.at;
    return data.axes.map(({ values }) => values.length).reverse().map((length) => {
      const place = rest % length;
      rest = (rest - place) / length;
      return place;
    }).reverse();
  };

  // A line that changes from point to point has words, and columns of numbers between them; a text
  // of which the words change, too, has variants.
  let columns = [];

  function cell(number) {
    return (columns[number] ??= data.columns[number].split(" "))[state.at];
  }

  // Go to a point; where the graph is another there, draw that one.
  function showPoint(point) {
    state.at = point;
    const other = pictures[data.which?.[point] ?? 0];
    if (other === picture) return showStep(state.step, false);
    const atEnd = state.step === last;
    picture = other;
    const drawn = document.querySelector(`template[data-picture="${pictures.indexOf(other)}"]`).content.firstElementChild;
    for (const name of ["width", "height", "viewBox"]) svg.setAttribute(name, drawn.getAttribute(name));
    svg.replaceChildren(...drawn.cloneNode(true).childNodes);
    last = picture.steps - 1;
    if (byId("slider")) byId("slider").max = last;
    byId("player")?.classList.toggle("still", !last);
    arrange();
    fit(whole);
    showStep(atEnd ? last : state.step);
    if (state.node) pin(state.node);
  }

  function show() {
    places().forEach((place, i) => {
      const text = `${axis(i).label} = ${axis(i).texts[place]}`;
      sliders[i].value = place;
      sliders[i].setAttribute("aria-valuetext", text);
      document.querySelector(`[data-value="${i}"]`).textContent = text;
    });
  }

  function go(i, place) {
    const now = places();
    now[i] = Math.max(0, Math.min(axis(i).values.length - 1, place));
    const point = now.reduce((sum, each, k) => sum * axis(k).values.length + each, 0);
    if (point === state.at) return;
    showPoint(point);
    show();
  }

  const nearest = (values, value) => values.reduce((best, each, i) => (Math.abs(each - value) < Math.abs(values[best] - value) ? i : best), 0);

  // A pointer on a curve takes the nearest value.
  function listenToCurve(curve, i) {
    const take = (event) => {
      if (!(event.buttons & 1)) return;
      const { left, width } = curve.getBoundingClientRect();
      go(i, nearest(axis(i).places, ((event.clientX - left) / width) * curve.viewBox.baseVal.width));
    };
    curve.addEventListener("pointerdown", (event) => {
      curve.setPointerCapture(event.pointerId);
      take(event);
    });
    curve.addEventListener("pointermove", take);
  }

  return {
    // Found again where the page says all of it in another language.
    find() {
      columns = [];
      sliders = [...document.querySelectorAll("[data-axis]")];
      sliders.forEach((slider, i) => slider.addEventListener("input", () => go(i, Number(slider.value))));
      document.querySelectorAll("[data-curve]").forEach(listenToCurve);
    },
    showPoint(point) {
      showPoint(point);
      show();
    },
    textOf: (part) => data.texts[part].variants[cell(data.texts[part].which)].map(lineOf).join("\n"),
    lineOf: ([words, holes]) => words.map((word, i) => (i ? cell(holes[i - 1]) : "") + word).join(""),
    remember(items) {
      places().forEach((place, i) => items.set(`at.${axis(i).label}`, axis(i).values[place]));
    },
    recall(items) {
      data.axes.forEach(({ label, values }, i) => {
        const value = parseFloat(items.get(`at.${label}`));
        if (!Number.isNaN(value)) go(i, nearest(values, value));
      });
      show();
    },
    // Comma and full stop lead along the first axis, with shift along the second.
    press(key) {
      const i = "<>".includes(key) ? 1 : 0;
      const side = { ",": -1, ".": 1, "<": -1, ">": 1 }[key];
      if (!side || !axis(i)) return false;
      go(i, places()[i] + side);
      return true;
    },
  };
})();
