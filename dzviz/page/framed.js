((frame) => {
  const screen = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => {
    for (let around = frame.parentElement; around; around = around.parentElement) {
      const [red, green, blue, opacity = 1] = getComputedStyle(around).backgroundColor.match(/^rgb.*/)?.[0].match(/[\d.]+/g).map(Number) ?? [];
      if (blue !== undefined && opacity > 0.5) return 0.3 * red + 0.6 * green + 0.1 * blue < 128;
    }
    const scheme = getComputedStyle(frame).colorScheme;
    return scheme.includes("dark") && (screen.matches || !scheme.includes("light"));
  };
  const tell = () => frame.contentWindow?.postMessage({ theme: isDark() ? "dark" : "light" }, "*");
  const watcher = new MutationObserver(tell);
  for (const element of [document.documentElement, document.body]) watcher.observe(element, { attributes: true });
  document.addEventListener("transitionend", tell);
  screen.addEventListener("change", tell);
  frame.addEventListener("load", tell);
})(document.currentScript.previousElementSibling);
