// What must hold on every screen. The caller puts `known` in front: {language, direction, texts,
// names, schemes}. Evaluates to a list of findings, one line each.
(() => {
  const findings = [];
  const say = (what, node) => {
    const text = (node.textContent || node.outerHTML || "").trim().slice(0, 60);
    const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
    findings.push(`${what}: <${element.tagName.toLowerCase()}> ${JSON.stringify(text)}`);
  };
  const root = document.documentElement;
  const all = (selector) => [...document.querySelectorAll(selector)];
  const isShown = (element) => element.checkVisibility() && element.getClientRects().length > 0;
  const style = (element) => getComputedStyle(element);

  const textNodes = () => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const nodes = [];
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (node.data.trim() && isShown(node.parentElement)) nodes.push(node);
    }
    return nodes;
  };

  // Language, direction, title

  const frame = () => {
    if (root.lang !== known.language) findings.push(`lang is ${root.lang}`);
    if (root.dir !== known.direction) findings.push(`dir is ${root.dir}`);
    if (/[<>]/.test(document.title)) findings.push(`markup in the title: ${document.title}`);
    if (!document.title.trim()) findings.push("no title");
    const ids = all("[id]").map((element) => element.id);
    if (new Set(ids).size !== ids.length) findings.push("an id is there twice");
    if (all("main").length !== 1) findings.push("not exactly one <main>");
  };

  // Every text is one of the catalogue's, a word of a document in this language, or marked as data

  const kHoles = { n: "\\d+", id: "[\\w.-]+", article: "[\\w.-]+" };
  const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const patterns = known.texts.map((text) => {
    const holes = escape(text).replace(/\\\{(\w+)\\\}/g, (_, name) => kHoles[name] || ".+");
    return new RegExp(`^${holes}$`, "su");
  });
  const isKnown = (text) => patterns.some((pattern) => pattern.test(text));
  const isSaid = (text) =>
    isKnown(text) || text.split(/[·()]/).every((part) => !part.trim() || isKnown(part.trim()));
  const isData = (element) => {
    const inside = (selector) => element.closest(selector);
    if (inside("code, time, samp")) return true;
    const marked = inside("[lang]");
    if (marked !== root && marked.lang !== known.language) return true;
    const isolated = inside("bdi");
    return isolated !== null && known.names.includes(isolated.textContent.trim());
  };
  const translated = () => {
    for (const node of textNodes()) {
      if (!isData(node.parentElement) && !isSaid(node.data.trim())) say("not a known text", node);
    }
    for (const element of all("[aria-label], [title], [alt], [placeholder]")) {
      for (const name of ["aria-label", "title", "alt", "placeholder"]) {
        const text = element.getAttribute(name);
        if (text !== null && !isSaid(text)) say(`${name} is not a known text: ${text}`, element);
      }
    }
  };

  // Words of the other direction stand in an element of their own

  const kRight = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/u;
  const kStrong = /\p{L}/u;
  const isolated = () => {
    for (const node of textNodes()) {
      const text = node.data.trim();
      const strong = text.match(kStrong);
      if (!strong || isKnown(text)) continue;
      const direction = kRight.test(strong[0]) ? "rtl" : "ltr";
      if (style(node.parentElement).direction !== direction) say("not isolated", node);
    }
  };

  // WCAG 2.2: 1.4.3 contrast

  const parse = (color) => {
    const [r, g, b, a = 1] = color.match(/[\d.]+/g).map(Number);
    return { rgb: [r, g, b], alpha: a };
  };
  const luminance = (rgb) => {
    const linear = rgb.map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const contrast = (one, other) => {
    const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };
  const backgroundOf = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const { rgb, alpha } = parse(style(at).backgroundColor);
      if (alpha === 1) return rgb;
      if (alpha > 0) say("a translucent background", at);
    }
    return [255, 255, 255];
  };
  const needed = (element) => {
    const size = parseFloat(style(element).fontSize);
    const isBold = Number(style(element).fontWeight) >= 700;
    return size >= 24 || (isBold && size >= 18.66) ? 3 : 4.5;
  };
  const contrasted = () => {
    const elements = new Set(textNodes().map((node) => node.parentElement));
    for (const element of [...elements, ...all("select")]) {
      const ratio = contrast(parse(style(element).color).rgb, backgroundOf(element));
      if (ratio < needed(element)) say(`contrast ${ratio.toFixed(2)}`, element);
    }
    for (const element of all("button, select").filter(isShown)) {
      const around = backgroundOf(element.parentElement);
      const edge = contrast(parse(style(element).borderTopColor).rgb, around);
      if (edge < 3) say(`contrast of the edge ${edge.toFixed(2)}`, element);
    }
  };

  // Width: the page never scrolls sideways; what does is reached by keyboard and named

  const fits = () => {
    const over = root.scrollWidth - root.clientWidth;
    if (over > 0) {
      findings.push(`${over} pixels too wide`);
      for (const element of all("body *").filter(isShown)) {
        const box = element.getBoundingClientRect();
        const isOut = box.right > root.clientWidth + 1 || box.left < -1;
        if (isOut && !element.closest(".scroll, .skip")) say("too wide", element);
      }
    }
    for (const element of all("body *")) {
      const isCut = element.scrollWidth > element.clientWidth && element.clientWidth > 0;
      const overflow = style(element).overflowX;
      if (!isCut || overflow === "visible") continue;
      const isReached = element.tabIndex === 0 && element.hasAttribute("aria-label");
      if (overflow !== "auto" || !isReached) say("cut off, not reached by keyboard", element);
    }
  };

  // Controls, headings, tables

  const controls = () => {
    for (const element of all("input:not([type=hidden]), select, textarea")) {
      const label = [...element.labels].map((one) => one.textContent.trim()).join("");
      if (!label && !element.hasAttribute("aria-label")) say("no label", element);
    }
    for (const element of all("a, button").filter(isShown)) {
      if (!element.textContent.trim()) say("no words", element);
    }
    for (const element of all("button, select, input, nav a, header a, summary").filter(isShown)) {
      if (element.type === "hidden") continue;
      const box = (element.closest("label") || element).getBoundingClientRect();
      if (box.height < 24 || box.width < 24) say(`small: ${box.width} x ${box.height}`, element);
    }
  };
  const headings = () => {
    let last = 0;
    for (const element of all("h1, h2, h3, h4, h5, h6")) {
      const level = Number(element.tagName[1]);
      if (level > last + 1) say(`heading ${level} after ${last}`, element);
      last = level;
    }
    if (all("h1").length !== 1) findings.push("not exactly one h1");
  };
  const tables = () => {
    for (const table of all("table")) {
      if (!table.caption) say("no caption", table);
      const heads = [...table.querySelectorAll("th")];
      for (const head of heads) {
        if (!head.scope) say("no scope", head);
        if (!head.textContent.trim()) say("empty heading", head);
      }
    }
  };

  frame();
  translated();
  isolated();
  contrasted();
  fits();
  controls();
  headings();
  tables();
  return [...new Set(findings)];
})();
