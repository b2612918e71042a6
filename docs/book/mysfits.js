// Adds a link to the same page in the other language, and draws the diagrams.
(() => {
  const root = new URL(path_to_root || "./", location.href);
  const other = document.documentElement.lang === "ko"
    ? { code: "en", name: "English" }
    : { code: "ko", name: "한국어" };

  const link = document.createElement("a");
  link.className = "language";
  link.lang = other.code;
  link.hreflang = other.code;
  link.textContent = other.name;
  const page = location.pathname.slice(root.pathname.length) || "index.html";
  link.href = new URL(`../${other.code}/${page}`, root);
  document.querySelector(".right-buttons")?.prepend(link);

  const sources = [...document.querySelectorAll("code.language-mermaid")];
  if (sources.length === 0) {
    return;
  }
  const diagrams = sources.map((source) => {
    const diagram = document.createElement("div");
    diagram.className = "mermaid";
    source.closest("pre").replaceWith(diagram);
    return { diagram, text: source.textContent };
  });

  const draw = async () => {
    const isDark = ["navy", "coal", "ayu"].some((name) => document.documentElement.classList.contains(name));
    mermaid.initialize({ startOnLoad: false, theme: isDark ? "dark" : "default" });
    for (const [number, { diagram, text }] of diagrams.entries()) {
      const { svg } = await mermaid.render(`diagram-${number}`, text);
      diagram.innerHTML = svg;
    }
  };

  const script = document.createElement("script");
  script.src = new URL("../mermaid.js", root);
  script.addEventListener("load", async () => {
    await draw();
    // A change of the theme changes the class of the document.
    let theme = document.documentElement.className;
    new MutationObserver(() => {
      if (theme !== document.documentElement.className) {
        theme = document.documentElement.className;
        draw();
      }
    }).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
  });
  script.addEventListener("error", () => {
    for (const { diagram, text } of diagrams) {
      const code = document.createElement("pre");
      code.textContent = text;
      diagram.replaceWith(code);
    }
  });
  document.head.append(script);
})();
